"""The type checker that every function of rnnlib runs under in the tests."""

from typing import Any, Self

from beartype import BeartypeConf, FrozenDict, beartype

checked = beartype(conf=BeartypeConf(hint_overrides=FrozenDict({Self: Any})))
"""beartype, function by function; `Self` means something only where a whole class is checked, so it is let pass."""
