"""Draws the pictures of the concept pages: `python docs/concepts/draw.py [page …]`.

Each function of `drawing/` that is named after a page draws that page's picture. The same code draws the same bytes.
"""

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable
from pathlib import Path

from matplotlib import pyplot as plt
from matplotlib.figure import Figure

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import drawing  # noqa: E402


def pictures() -> dict[str, Callable[[], Figure]]:
    """The drawing functions by their page's name: of every module of `drawing/` but the paper that they draw on."""
    names = (found.name for found in pkgutil.iter_modules(drawing.__path__) if found.name != "canvas")
    modules = [importlib.import_module(f"drawing.{name}") for name in names]
    return {
        name if (HERE / f"{name}.md").exists() else name.replace("_", "-"): function
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }


def draw(page: str, into: Path) -> Path:
    """Writes one picture."""
    figure = pictures()[page]()
    file = into / f"{page}.svg"
    figure.savefig(file, metadata={"Date": None, "Creator": None, "Title": inspect.getdoc(pictures()[page])})
    plt.close(figure)
    file.write_text("\n".join(line.rstrip() for line in file.read_text().splitlines()) + "\n")
    return file


if __name__ == "__main__":
    for name in sys.argv[1:] or sorted(pictures()):
        draw(name, HERE)
