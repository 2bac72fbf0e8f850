"""What errors say: the place, and the name that was meant."""

import pytest

from rnnlib.errors import DataError, near


@pytest.mark.parametrize(
    ("written", "known", "meant"),
    [
        ("mea", ("mse", "mae", "mape"), "did you mean `mae`?"),
        ("lsmt", ("slstm", "lstm"), "did you mean `lstm`?"),
        ("aam", ("adam", "ama"), "did you mean `ama`?"),
        ("windw", ("window", "split"), "did you mean `window`?"),
        ("x", ("window", "split"), "there are `window`, `split`"),
    ],
)
def test_two_letters_that_changed_places_are_nearer_than_another_letter(
    written: str, known: tuple[str, ...], meant: str
) -> None:
    assert near(written, known) == meant


def test_an_error_is_placed_where_more_is_known() -> None:
    error = DataError("too short", column="y", row=3, at=("past",)).placed(file="f.csv", column="s")
    assert str(error) == "f.csv, column `s`, row 3: too short"
    assert error.at == ("past",)
    assert str(error.placed(file="g.csv")) == str(error)
