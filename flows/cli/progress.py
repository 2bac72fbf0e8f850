"""A run while it runs: a line for each finished step, and a bar for the one that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from flows.cli.printing import duration, err, number, out

if TYPE_CHECKING:
    from flows.execute import Done


class Shown:
    """A line for each finished step, and a bar for the running one where there is a terminal."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._bar = Progress(
            TextColumn("  {task.description}", markup=False),
            *([BarColumn(bar_width=24)] if err.width >= 100 else []),
            TextColumn("{task.completed}/{task.total}  {task.fields[note]}", markup=False),
            *([TimeElapsedColumn()] if err.width >= 80 else []),
            console=err,
            transient=True,
            disable=quiet or not err.is_terminal,
        )
        self._running: dict[str, Any] = {}

    def __enter__(self) -> Shown:
        self._bar.start()
        return self

    def __exit__(self, *_ended: object) -> None:
        self._bar.stop()

    def failed(self, step: str) -> None:
        """The line of the step that ended the run."""
        if not self._quiet:
            out.print(Text("✗ ", style="red") + Text(step))

    def progress(self) -> Any:
        """Where the steps tell how far they are."""
        from flows.execute import Progress as Told

        return Told(advance=self._advance, say=self._say)

    def done(self, done: Done) -> None:
        """The line of a finished step."""
        if done.name in self._running:
            self._bar.remove_task(self._running.pop(done.name))
        if not self._quiet:
            how = duration(done.seconds) if done.executed else "kept"
            mark = Text("✓ ", style="green") if done.executed else Text("= ", style="dim")
            line = mark + Text(f"{done.name:<14}{how:>10}  {_summary(done)}")
            out.print(line, no_wrap=True, overflow="ellipsis")

    def _advance(self, step: str, done: int, total: int, note: str) -> None:
        if step not in self._running:
            self._running[step] = self._bar.add_task(step, total=total, note=note)
        self._bar.update(self._running[step], completed=done, total=total, note=note)

    def _say(self, step: str, line: str) -> None:
        if not self._quiet:
            self._bar.console.print(Text(f"  {step}: {line}"), soft_wrap=True)


def _summary(done: Done) -> str:
    import json

    path = done.stored.path / "summary.json"
    if not path.is_file():
        return ""
    facts = json.loads(path.read_text())
    shown = [(key, value) for key, value in facts.items() if isinstance(value, str | int | float)]
    return ", ".join(f"{key.replace('_', ' ')} {_value(value)}" for key, value in shown[:5])


def _value(value: str | float) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return number(value) if isinstance(value, float) else str(value)
