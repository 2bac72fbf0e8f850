"""What the operator of a machine lets specs reach beyond their project: further folders, and hosts."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from rnnlib.errors import Refused


def granted(root: Path) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """The folders and the hosts that `rnn.toml` of the project names, `RNN_ROOTS` and `RNN_HOSTS`.

    Raises `Refused` for a file that is no TOML or holds anything else.
    """
    roots, hosts = _configured(root)
    named = (item for item in os.environ.get("RNN_ROOTS", "").split(os.pathsep) if item)
    spelled = (item.strip() for item in os.environ.get("RNN_HOSTS", "").split(",") if item.strip())
    return (*roots, *(Path(item).resolve() for item in named)), (*hosts, *spelled)


def _configured(root: Path) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    file = root / "rnn.toml"
    if not file.is_file():
        return (), ()
    try:
        content = tomllib.loads(file.read_text())
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"{file} is no valid TOML: {error}") from error
    roots, hosts = content.pop("roots", []), content.pop("hosts", [])
    lists = all(isinstance(one, list) and all(isinstance(item, str) for item in one) for one in (roots, hosts))
    if content or not lists:
        unknown = f"; unknown: {', '.join(content)}" if content else ""
        raise Refused(f'{file} holds `roots` and `hosts`, lists of texts{unknown}: write roots = ["/data"]')
    return tuple((root / item).resolve() for item in roots), tuple(hosts)
