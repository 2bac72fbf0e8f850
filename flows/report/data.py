"""The data of the run: how much there is, what is missing, and which rows belong to which part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from flows.report.augmented import augmented_pictures, augmented_texts
from flows.report.axes import along
from flows.report.data_pictures import label_pictures, time_line
from flows.report.drawing import Picture
from flows.report.examples import example_pictures, few, is_text
from flows.report.facts import RunFacts, StepFacts
from flows.report.wording import number
from rnnlib.data.dataset import DataSet, PartOf

_STEPS = ("load", "split", "encode", "normalize", "window", "augment")
_MOST_TOKENS, _MOST_COLUMNS = 40, 40
_PARTS = (PartOf.train, PartOf.validation, PartOf.test)


@dataclass(frozen=True)
class Table:
    """Heads and lines of text; the first cell of a line is its head."""

    caption: str
    heads: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    words: int = 1
    """How many columns hold words; the others hold numbers."""


@dataclass(frozen=True)
class DataView:
    """What the report says about the data."""

    facts: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]
    pictures: tuple[Picture, ...]
    parted: bool
    """Whether the pictures show parts that the page has to name."""
    files: Mapping[str, str]
    repairs: Mapping[str, int]
    accepted: tuple[str, ...]
    """What differs from the contract, as the spec accepts."""


def data_view(run: RunFacts) -> DataView | None:
    """The data as the last step that shaped it left it; none where nothing was loaded."""
    step = data_step(run)
    if step is None or step.folder is None:
        return None
    data = DataSet.open(step.folder)
    tables = [_columns(data)]
    if data.part is not None:
        tables.insert(0, _parts(data))
    if lines := token_lines(data):
        tables.append(Table(*_named_tokens(data), lines, words=2))
    if lines := augmented_texts(data):
        tables.append(Table("Train texts, and what three epochs make of them", ("", "text"), lines, words=2))
    labelled = "label" in data.sequences.columns
    own = example_pictures(data, few(data)) if data.rows and not labelled else ()
    pictures = label_pictures(data) if labelled else (time_line(data),) if own is None else own
    return DataView(
        facts=tuple(_facts(data)),
        tables=tuple(tables),
        pictures=(*pictures, *augmented_pictures(data)),
        parted=data.part is not None and own is None,
        files=data.about.files,
        repairs={name: count for name, count in data.about.repairs.items() if count},
        accepted=data.about.accepted,
    )


def token_lines(data: DataSet) -> tuple[tuple[str, ...], ...]:
    """A few sequences of tokens, each token with its number; none where there are none."""
    at = next((place for place, column in enumerate(data.about.columns) if column.holds == "tokens"), None)
    if at is None:
        return ()
    words = data.about.words[data.about.columns[at].name]
    found: list[tuple[str, ...]] = []
    for key, sequence in few(data).items():
        first, last = data.offsets[sequence], data.offsets[sequence + 1]
        numbers = np.asarray(data.raw[first : min(last, first + _MOST_TOKENS), at]).astype(int).tolist()
        more = " …" if last - first > _MOST_TOKENS else ""
        found.append((key, "  ".join(f"{_seen(words[one])} {one}" for one in numbers) + more))
    return tuple(found)


def _named_tokens(data: DataSet) -> tuple[str, tuple[str, str]]:
    """What the lines of tokens are called, and their heads: only a text is cut into tokens, categories are numbered."""
    if any(state["kind"] == "categories" for state in data.about.encoders) or not is_text(data):
        name = next(column.name for column in data.about.columns if column.holds == "tokens")
        return f"Some sequences of `{name}`, each category with its number", ("sequence", name)
    return "Some texts, and the tokens that they are cut into", ("sequence", "tokens")


def _seen(token: str) -> str:
    """A token that one can see: a space is an open box."""
    return "".join("␣" if one == " " else one if one.isprintable() else repr(one)[1:-1] for one in token)


def data_step(run: RunFacts) -> StepFacts | None:
    """The last step whose result is a data set."""
    steps = [step for step in run.steps_of(*_STEPS) if step.file("about.json")]
    return steps[-1] if steps else None


def _facts(data: DataSet) -> Iterator[tuple[str, str]]:
    yield "rows", number(data.rows)
    yield "sequences" if "label" in data.sequences.columns else "series", number(len(data.lengths))
    if len(data.lengths) > 1:
        shortest, longest = number(int(data.lengths.min())), number(int(data.lengths.max()))
        yield "rows each", shortest if shortest == longest else f"{shortest} to {longest}"
    yield "columns", number(len(data.about.columns))
    if data.about.time is not None and data.about.time.every not in (None, "1i"):
        yield "step", data.about.time.every
    missing = int((~_observed(data)).sum())
    share = missing / max(data.raw.size, 1)
    yield "missing values", f"{number(missing)} ({100 * share:.2g} %)" if missing else "none"
    if (window := data.about.window) is not None:
        ahead = f", {window['horizon']} of horizon" if "horizon" in window else ""
        yield "window", f"{window['context']} rows of context{ahead}"


def _observed(data: DataSet) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    return np.isfinite(data.raw) if data.observed is None else np.asarray(data.observed)


def _parts(data: DataSet) -> Table:
    labelled = "label" in data.sequences.columns
    heads = ("part", "rows", "sequences" if labelled else "series", *(() if labelled else ("from", "to")))
    lines = []
    for part in _PARTS:
        rows = np.flatnonzero(data.rows_of(part))
        if len(rows):
            sequences = len(np.unique(data.sequence_of_row[rows]))
            ends = () if labelled else _ends(data, rows)
            lines.append((part.name, number(len(rows)), number(sequences), *ends))
    return Table("The parts: the model learns from train, its best epoch is chosen on validation", heads, tuple(lines))


def _ends(data: DataSet, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> tuple[str, str]:
    if data.times is None:
        steps = rows - data.offsets[data.sequence_of_row[rows]]
        return f"row {steps.min() + 1:,}", f"row {steps.max() + 1:,}"
    times = np.asarray(data.times)[rows]
    first, last = along(data, rows[[times.argmin(), times.argmax()]])
    return _moment(first), _moment(last)


def _moment(at: np.generic) -> str:
    if not isinstance(at, np.datetime64):
        return str(at)
    text = str(at.astype("datetime64[s]")).replace("T", " ")
    return text.removesuffix(":00").removesuffix(" 00:00")


def _columns(data: DataSet) -> Table:
    lines = []
    seen, train = _observed(data), data.rows_of(PartOf.train)
    for position, column in enumerate(data.about.columns[:_MOST_COLUMNS]):
        counts = column.holds not in ("words", "tokens")  # the mean of what are names says nothing
        values = np.asarray(data.raw[:, position])[train & seen[:, position]] if counts else ()
        spread = [number(float(each(values))) if len(values) else "–" for each in (np.mean, np.std, np.min, np.max)]
        missing = int((~seen[:, position]).sum())
        lines.append((column.name, column.role, column.unit or "–", number(missing), *spread))
    lines += _statics(data)
    heads = ("column", "role", "unit", "missing", "mean", "std", "min", "max")
    caption = "The columns; mean, deviation (std), least and greatest value are those of train"
    if (more := len(data.about.columns) - _MOST_COLUMNS) > 0:
        caption += f"; {number(more)} more columns are not listed"
    return Table(caption, heads, tuple(lines), words=3)


def _statics(data: DataSet) -> Iterator[tuple[str, ...]]:
    for position, name in enumerate(data.about.static if data.static is not None else ()):
        assert data.static is not None
        values = data.static[:, position]
        spread = (number(float(each(values))) for each in (np.nanmean, np.nanstd, np.nanmin, np.nanmax))
        yield name, "static", "–", number(int(np.isnan(values).sum())), *spread
