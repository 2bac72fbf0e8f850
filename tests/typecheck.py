"""The type checker that every function of rnnlib runs under in the tests."""

from typing import Any, Self

import polars as pl
from beartype import BeartypeConf, FrozenDict, beartype
from pydantic import ValidationInfo

checked = beartype(conf=BeartypeConf(hint_overrides=FrozenDict({Self: Any, pl.DataType: Any, ValidationInfo: Any})))
"""beartype, function by function; `Self` means something only where a whole class is checked, so it is let pass.

`pl.DataType` is let pass too: beartype refuses classes whose metaclass has a `repr` of its own; and so is pydantic's
`ValidationInfo`, a protocol that cannot be checked at runtime."""
