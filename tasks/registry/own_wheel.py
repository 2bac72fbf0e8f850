"""A wheel of the project as it is installed, so that a registered version carries the code that loads it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipInfo

DISTRIBUTION = "rnnlib"
PACKAGES = ("rnnlib", "tasks", "flows")
_METADATA = ("METADATA", "WHEEL", "entry_points.txt")


def write_wheel(folder: Path) -> Path:
    """Writes `<name>-<version>-py3-none-any.whl` into `folder`, from a regular or an editable installation alike."""
    from wheel.wheelfile import WheelFile

    installed = distribution(DISTRIBUTION)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{DISTRIBUTION}-{installed.version}-py3-none-any.whl"
    with WheelFile(file, "w") as wheel:
        for name, content in (*_code(), *_described(installed, wheel.dist_info_path)):
            entry = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))  # no timestamps: equal code, equal entries
            entry.external_attr = 0o100644 << 16
            wheel.writestr(entry, content, ZIP_DEFLATED)
    return file


def _code() -> Iterator[tuple[str, bytes]]:
    for package in PACKAGES:
        spec = find_spec(package)
        assert spec is not None, f"{package} is installed, for this code runs"
        assert spec.origin is not None, f"{package} is a folder of files"
        root = Path(spec.origin).parent
        for file in sorted(root.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts and file.suffix != ".pyc":
                yield f"{package}/{file.relative_to(root).as_posix()}", file.read_bytes()


def _described(installed: Distribution, folder: str) -> Iterator[tuple[str, bytes]]:
    for name in _METADATA:
        if content := installed.read_text(name):
            yield f"{folder}/{name}", content.encode()
    for license_file in installed.metadata.get_all("License-File") or ():
        if (content := installed.read_text(f"licenses/{license_file}")) is not None:
            yield f"{folder}/licenses/{license_file}", content.encode()
