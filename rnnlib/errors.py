"""What is raised when something that a person asked for cannot be done.

Every message states the rule, the value received and the remedy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from difflib import SequenceMatcher, get_close_matches

from pydantic_core import PydanticCustomError

Location = tuple[str | int, ...]
"""A place inside a section: `("layers", 1, "units")`."""


class Refused(ValueError):
    """A request that breaks a rule.

    `at` is where in the section that was being carried out the offending value stands, as far as it is known:
    the caller that knows the file turns it into a line and a column.
    """

    def __init__(self, message: str, *, at: Location = ()) -> None:
        super().__init__(message)
        self.message = message
        self.at = at


class DataError(Refused):
    """Data that breaks a rule; names the file, the column and the row (counted from 1, the header not counted)."""

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        column: str | None = None,
        row: int | None = None,
        at: Location = (),
    ) -> None:
        place = ", ".join(
            part
            for part in (file, f"column `{column}`" if column else None, f"row {row}" if row is not None else None)
            if part
        )
        super().__init__(f"{place}: {message}" if place else message, at=at)
        self.rule, self.file, self.column, self.row = message, file, column, row

    def placed(self, *, file: str | None = None, column: str | None = None) -> DataError:
        """The error with a file that was not known where it was raised, and with the column that is at fault."""
        return DataError(self.rule, file=self.file or file, column=column or self.column, row=self.row, at=self.at)


class Notice(UserWarning):
    """What a person should know of a result that is given all the same: a Python warning, a line on stderr in `rnn`."""


@contextmanager
def refusals_at(*place: str | int) -> Iterator[None]:
    """What its body refuses is seen from a section further out: `place` is where the inner one stands in it."""
    try:
        yield
    except Refused as error:
        error.at = (*place, *error.at)
        raise


class ModelError(Refused):
    """A model that cannot be built or used with what it is given."""


class BundleError(Refused):
    """A stored model that is damaged, incomplete, or of a format that this version does not read."""


def misplaced(message: str, *at: str | int) -> PydanticCustomError:
    """What a validator raises: `message` is reported at `at`, seen from the section that is being validated."""
    return PydanticCustomError("refused", "{message}", {"message": message, "at": at})


def nearest(word: object, known: Iterable[str]) -> str | None:
    """The known word that a typing error most likely meant."""
    hits = get_close_matches(str(word), list(known), 3, 0.6)
    return max(hits, key=lambda hit: _alike(str(word), hit)) if hits else None


def _alike(word: str, other: str) -> tuple[bool, float, int]:
    """Two letters that changed places are nearest (`mea` is `mae`); then the share of common characters.

    Between equals it counts how many stand at their place (`mese` is `mase`, not `rmse`).
    """
    swapped = (word[:at] + word[at : at + 2][::-1] + word[at + 2 :] for at in range(len(word) - 1))
    in_place = sum(one == two for one, two in zip(word, other, strict=False))
    return other in swapped, SequenceMatcher(None, other, word).ratio(), in_place


def near(name: str, known: Sequence[str]) -> str:
    """`did you mean` and the nearest of the known names, or all of them."""
    close = nearest(name, known)
    shown = ", ".join(f"`{other}`" for other in known[:20]) + (", …" if len(known) > 20 else "")
    return f"did you mean `{close}`?" if close else f"there are {shown}"
