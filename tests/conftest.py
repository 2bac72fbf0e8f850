"""Shapes are types: under pytest every annotation of rnnlib is checked at every call."""

from hypothesis import settings
from jaxtyping import install_import_hook

import tests.typecheck  # noqa: F401 - the hook finds the checker as an attribute of `tests`

install_import_hook(["rnnlib"], "tests.typecheck.checked")

settings.register_profile("rnnlib", deadline=None)  # a busy machine is no failure
settings.load_profile("rnnlib")
