"""A table that another sign separates is told by its one column, before anything is said of those that it lacks."""

from pathlib import Path
from typing import Any

import pytest

from rnnlib.data.loading import load
from rnnlib.data.loading.reading import Reading
from rnnlib.errors import DataError
from rnnlib.place import Place

ROWS = "t,y\n2024-01-01,1\n2024-01-02,2\n2024-01-03,4\n"


def section(**source: Any) -> Reading:
    return Reading.model_validate(
        {"source": {"kind": "csv", "path": "f.csv", **source}, "roles": {"time": "t", "target": "y"}}
    )


@pytest.mark.parametrize(("sign", "written"), [(";", "';'"), ("\t", '"\\t"'), ("|", "'|'")])
@pytest.mark.parametrize("held", [False, True])
def test_a_wrong_separator_is_named_before_the_columns_that_it_hides(
    tmp_path: Path, sign: str, written: str, held: bool
) -> None:
    file, place = tmp_path / "f.csv", Place(tmp_path, tmp_path)
    file.write_text(ROWS)
    accepted = load(section(), place).about.contract if held else None
    file.write_text(ROWS.replace(",", sign))
    with pytest.raises(DataError) as refused:
        load(section(), place, accepted)
    assert str(refused.value).startswith("f.csv: the header is one column, `t")
    assert str(refused.value).endswith(f"; say so with `separator: {written}`")
    assert refused.value.at == ("source", "separator")
    assert load(section(separator=sign), place, accepted).rows == 3


def test_one_column_of_another_name_is_missing_as_ever(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("x\n1\n2\n")
    with pytest.raises(DataError, match="no column has this name"):
        load(section(), Place(tmp_path, tmp_path))
