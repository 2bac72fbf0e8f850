"""A bundle opens as it was saved, or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from rnnlib.bundle import open_bundle, save_bundle
from rnnlib.errors import BundleError
from tests.bundles import make


@pytest.fixture(scope="module", params=make.INPUTS)
def saved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundles") / request.param
    make.write(folder, make.INPUTS[request.param][0])
    return folder


@pytest.fixture(scope="module")
def forecaster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundles") / "load-forecast"
    make.write(folder, make.forecaster)
    return folder


@pytest.fixture
def copy(forecaster: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(forecaster, tmp_path / "bundle"))


def sealed(folder: Path) -> Path:
    """A manifest that fits what is there: what an attacker would write too."""
    names = sorted(path.name for path in folder.iterdir() if path.name != "sha256" and path.is_file())
    lines = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (folder / "sha256").write_text("".join(lines))
    return folder


def described(folder: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    content = json.loads((folder / "model.json").read_text())
    change(content)
    (folder / "model.json").write_text(json.dumps(content))
    return sealed(folder)


def test_what_is_opened_is_what_was_saved(saved: Path) -> None:
    made = make.INPUTS[saved.name][0]
    model, data = made()
    opened = open_bundle(saved)
    assert opened.model == model
    assert opened.about == data.about
    assert opened.shape.inputs == len(data.about.columns)
    module = opened.module()
    assert not module.training
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        expected = model.build(opened.shape).state_dict()
    found = module.state_dict()
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], tensor) for name, tensor in expected.items())


def test_equal_content_gives_equal_bytes(saved: Path, tmp_path: Path) -> None:
    make.write(tmp_path / "again", make.INPUTS[saved.name][0])
    for file in saved.iterdir():
        assert file.read_bytes() == (tmp_path / "again" / file.name).read_bytes(), file.name
    assert open_bundle(saved).digest == open_bundle(tmp_path / "again").digest


def test_the_manifest_is_that_of_sha256sum(saved: Path) -> None:
    done = subprocess.run(["sha256sum", "--check", "--strict", "sha256"], cwd=saved, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_card_says_what_goes_in_and_what_comes_out(saved: Path) -> None:
    text = (saved / "README.md").read_text()
    about = open_bundle(saved).about
    assert all(f"`{column.name}`" in text for column in about.columns)
    assert f"# A {open_bundle(saved).model.kind}" in text
    assert "seed: 7" in text


def test_opening_and_building_leave_the_global_generator_alone(forecaster: Path) -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    open_bundle(forecaster).module()
    assert torch.equal(torch.get_rng_state(), before)


def test_a_bundle_is_four_files_and_none_of_them_is_pickle(saved: Path) -> None:
    assert {path.name for path in saved.iterdir()} == {"model.json", "weights.safetensors", "README.md", "sha256"}
    json.loads((saved / "model.json").read_text())
    load_file(saved / "weights.safetensors")


def test_a_folder_that_holds_something_is_not_written_into(copy: Path) -> None:
    opened = open_bundle(copy)
    with pytest.raises(BundleError, match="is written into an empty folder, `bundle` is not"):
        save_bundle(
            copy,
            model=opened.model,
            shape=opened.shape,
            module=opened.module(),
            about=opened.about,
            classes=None,
            facts={},
        )


@pytest.mark.parametrize("odd", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_neither_saved_nor_opened(copy: Path, tmp_path: Path, odd: float) -> None:
    opened = open_bundle(copy)
    module = opened.module()
    with torch.no_grad():
        next(module.parameters()).view(-1)[0] = odd
    with pytest.raises(BundleError, match="NaN or infinity in `layers"):
        save_bundle(
            tmp_path / "new",
            model=opened.model,
            shape=opened.shape,
            module=module,
            about=opened.about,
            classes=None,
            facts={},
        )
    save_file(module.state_dict(), copy / "weights.safetensors")
    with pytest.raises(BundleError, match="NaN or infinity in `layers"):
        open_bundle(sealed(copy))


@pytest.mark.parametrize("name", ["model.json", "weights.safetensors", "README.md"])
def test_every_flipped_bit_and_every_cut_is_seen(copy: Path, name: str) -> None:
    content = (copy / name).read_bytes()
    for at in range(0, len(content), max(1, len(content) // 40)):
        (copy / name).write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        with pytest.raises(BundleError, match=f"{name} differs from its sha256"):
            open_bundle(copy)
        (copy / name).write_bytes(content[:at])
        with pytest.raises(BundleError, match=f"{name} differs from its sha256"):
            open_bundle(copy)


@pytest.mark.parametrize("name", ["model.json", "weights.safetensors", "README.md", "sha256"])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(BundleError, match=name):
        open_bundle(copy)


def test_writing_that_was_cut_off_leaves_no_bundle(copy: Path, tmp_path: Path) -> None:
    (copy / "sha256").unlink()
    with pytest.raises(BundleError, match="its writing was cut off"):
        open_bundle(copy)
    with pytest.raises(BundleError, match="has no manifest"):
        open_bundle(tmp_path / "nowhere")


def _line(folder: Path, text: str) -> None:
    (folder / "sha256").write_text((folder / "sha256").read_text() + text)


def _with(folder: Path, name: str) -> Path:
    (folder / name).write_text("1")
    return folder


def _linked(folder: Path) -> None:
    (folder / "README.md").rename(folder.parent / "outside")
    (folder / "README.md").symlink_to(folder.parent / "outside")


def _piped(folder: Path) -> None:
    (folder / "README.md").unlink()
    os.mkfifo(folder / "README.md")


HOSTILE_MANIFESTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "up": (lambda folder: _line(folder, f"{'0' * 64}  ../secret\n"), "a manifest line is"),
    "absolute": (lambda folder: _line(folder, f"{'0' * 64}  /etc/passwd\n"), "a manifest line is"),
    "hidden": (lambda folder: _line(folder, f"{'0' * 64}  .profile\n"), "a manifest line is"),
    "nul": (lambda folder: _line(folder, f"{'0' * 64}  a\0b\n"), "a manifest line is"),
    "itself": (lambda folder: _line(folder, f"{'0' * 64}  sha256\n"), "a manifest line is"),
    "twice": (lambda folder: _line(folder, (folder / "sha256").read_text()), "once each"),
    "short digest": (lambda folder: (folder / "sha256").write_text("00  model.json\n"), "a manifest line is"),
    "huge": (lambda folder: (folder / "sha256").write_text("\n" * 70_000), "has no manifest"),
    "empty": (lambda folder: (folder / "sha256").write_text(""), "not in the manifest"),
    "a file more": (lambda folder: (folder / "code.py").write_text("1"), "code.py missing or not in the manifest"),
    "a file that is listed": (lambda folder: sealed(_with(folder, "code.py")), "format 1 is made of"),
    "a folder": (lambda folder: (folder / "more").mkdir(), "more missing or not in the manifest"),
    "a link": (_linked, "README.md is no plain file"),
    "a pipe": (_piped, "README.md is no plain file"),
}


@pytest.mark.parametrize("trick", HOSTILE_MANIFESTS)
def test_a_hostile_manifest_is_refused(copy: Path, trick: str) -> None:
    change, message = HOSTILE_MANIFESTS[trick]
    change(copy)
    with pytest.raises(BundleError, match=message):
        open_bundle(copy)


def _deep(folder: Path) -> Path:
    (folder / "model.json").write_text("[" * 100_000)
    return sealed(folder)


HOSTILE_DESCRIPTIONS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a newer format": (
        lambda folder: described(folder, lambda it: it.update(format=2)),
        r"reads bundles of format 1, the bundle `bundle` is of 2: update rnnlib",
    ),
    "an older format": (
        lambda folder: described(folder, lambda it: it.update(format=0)),
        "of 0: train the model again",
    ),
    "true for 1": (lambda folder: described(folder, lambda it: it.update(format=True)), "of True"),
    "text": (lambda folder: described(folder, lambda it: it.update(format="1")), "of '1'"),
    "no format": (lambda folder: described(folder, lambda it: it.pop("format")), "of None"),
    "a list": (lambda folder: sealed(_written(folder, "[]")), "of None"),
    "no JSON": (lambda folder: sealed(_written(folder, "{")), "is no valid JSON"),
    "NaN": (lambda folder: sealed(_written(folder, '{"format": NaN}')), "NaN is no JSON number"),
    "deep": (_deep, "is no valid JSON"),
    "an unknown field": (lambda folder: described(folder, lambda it: it.update(code="x")), "code: Extra inputs"),
    "an unknown layer": (
        lambda folder: described(folder, lambda it: it["model"]["layers"][0].update(kind="os.system")),
        "does not describe a model",
    ),
    "an unknown model": (
        lambda folder: described(folder, lambda it: it["model"].update(kind="transformer")),
        "does not describe a model",
    ),
    "classes of a forecaster": (
        lambda folder: described(folder, lambda it: it.update(classes=["a", "b"])),
        "the shape has None classes, the list of labels 2",
    ),
    "one input more": (
        lambda folder: described(folder, lambda it: it["shape"].update(inputs=4)),
        "the shape has 4 inputs, the data 3 columns",
    ),
    "wider layers": (
        lambda folder: described(folder, lambda it: it["model"]["layers"][0].update(units=5)),
        r"has the shape \[16, \d\], the model needs \[20, \d\]: the weights are of another model",
    ),
    "more layers": (
        lambda folder: described(folder, lambda it: it["model"]["layers"].append({"kind": "dense", "units": 4})),
        "lacks a weight of the model",
    ),
    "layers for terabytes": (
        lambda folder: described(
            folder, lambda it: it["model"].update(layers=[{"kind": "lstm", "units": 65_536, "layers": 8}] * 8)
        ),
        "lacks a weight|has the shape",
    ),
    "a target that is no input": (
        lambda folder: described(folder, lambda it: it["shape"].update(target_columns=[])),
        "describes a model that cannot be built",
    ),
}


def _written(folder: Path, text: str) -> Path:
    (folder / "model.json").write_text(text)
    return folder


@pytest.mark.parametrize("trick", HOSTILE_DESCRIPTIONS)
def test_a_hostile_description_is_refused_at_once(copy: Path, trick: str) -> None:
    change, message = HOSTILE_DESCRIPTIONS[trick]
    change(copy)
    started = time.monotonic()
    with pytest.raises(BundleError, match=message):
        open_bundle(copy)
    assert time.monotonic() - started < 1.5


def test_labels_that_stand_twice_are_refused(tmp_path: Path) -> None:
    make.write(tmp_path / "classes", make.classifier)
    described(tmp_path / "classes", lambda it: it.update(classes=["a", "a"]))
    with pytest.raises(BundleError, match="a label stands twice"):
        open_bundle(tmp_path / "classes")


HOSTILE_WEIGHTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "no tensors at all": (lambda file: file.write_bytes(b""), "is no safetensors file"),
    "pickle": (lambda file: file.write_bytes(b"\x80\x04K\x01."), "is no safetensors file"),
    "a header for exabytes": (lambda file: file.write_bytes(b"\xff" * 8 + b"{}"), "is no safetensors file"),
    "cut": (lambda file: file.write_bytes(file.read_bytes()[:-4]), "is no safetensors file"),
    "doubles": (
        lambda file: save_file({name: tensor.double() for name, tensor in load_file(file).items()}, file),
        "is torch.float64, the model needs torch.float32",
    ),
    "one more": (
        lambda file: save_file({**load_file(file), "extra": torch.zeros(1)}, file),
        "a weight that the model does not know, `extra`",
    ),
    "one less": (
        lambda file: save_file(dict(list(load_file(file).items())[1:]), file),
        "lacks a weight of the model",
    ),
    "transposed": (
        lambda file: save_file({name: tensor.T.contiguous() for name, tensor in load_file(file).items()}, file),
        "the weights are of another model",
    ),
}


@pytest.mark.parametrize("trick", HOSTILE_WEIGHTS)
@pytest.mark.filterwarnings("ignore:The use of `x.T` on tensors:UserWarning")
def test_hostile_weights_are_refused(copy: Path, trick: str) -> None:
    change, message = HOSTILE_WEIGHTS[trick]
    change(copy / "weights.safetensors")
    with pytest.raises(BundleError, match=message):
        open_bundle(sealed(copy))


def test_nothing_is_built_before_the_digests_are_checked(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (copy / "README.md").write_text("changed")
    monkeypatch.setattr("rnnlib.bundle._description", lambda _folder: pytest.fail("read before it was verified"))
    with pytest.raises(BundleError, match=r"README\.md differs"):
        open_bundle(copy)


def test_it_opens_in_a_process_that_knows_nothing_of_pipelines(forecaster: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from rnnlib.bundle import open_bundle;"
        f"print(open_bundle(Path({str(forecaster)!r})).model.kind);"
        "assert not {'tasks', 'flows', 'mlflow', 'prefect'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout == "forecaster\n", done.stderr
