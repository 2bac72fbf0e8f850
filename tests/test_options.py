"""No option is accepted and ignored: each changes a stored result, or turns a refusal into one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from copy import deepcopy
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import av
import numpy as np
import polars as pl
import pytest
import soundfile
from PIL import Image
from pydantic import BaseModel, TypeAdapter
from scipy.io import savemat

from rnnlib.data.acceptance import Acceptance
from rnnlib.data.contract import Holding
from rnnlib.data.encoders import AnySpectrum, AnyTokenizer, Categories, FrameSize, Longest, Spelling
from rnnlib.data.missing import Missing
from rnnlib.data.roles import Roles
from rnnlib.data.sources import AnySource
from rnnlib.data.splits import AnySplit
from rnnlib.data.times.calendar import Calendar
from rnnlib.data.times.clock import Clock
from rnnlib.data.times.holidays import Holidays
from rnnlib.errors import Refused
from rnnlib.place import Place
from rnnlib.training import EarlyStopping, Watching
from tasks.augment import Augment
from tasks.base import Task, Work
from tasks.encode import Encode
from tasks.evaluate import Evaluate
from tasks.load import Load
from tasks.normalize import Normalize
from tasks.register import Register
from tasks.registry.promotion import Promote, When
from tasks.registry.versions import aliases_of
from tasks.split import Split
from tasks.store import Store, Stored, digest_of
from tasks.tracking.home import client
from tasks.train import Train
from tasks.window import Window
from tests.contracts import write_contracts
from tests.options import ELSEWHERE as OTHERS_ELSEWHERE
from tests.options import GATE, PROMOTIONS, Edits, Option
from tests.options import OPTIONS as OTHER_OPTIONS
from tests.rnnlib.families import members
from tests.table_options import STORAGE, TABLE_OPTIONS, write_tables
from tests.tasks.conftest import home, migrated, project, wheel  # noqa: F401 - fixtures
from tests.tasks.project import NAME, Project, always_up_by

TASKS: tuple[type[Task], ...] = (Load, Split, Encode, Normalize, Window, Augment, Train, Evaluate, Register)
SOURCES, SPLITS = (tuple(members(family).values()) for family in (AnySource, AnySplit))
ENCODERS = (FrameSize, *(one for family in (AnyTokenizer, AnySpectrum) for one in members(family).values()))
PARTS = (
    Acceptance,
    Missing,
    Holding,
    Roles,
    Categories,
    Spelling,
    Longest,
    Calendar,
    Clock,
    Holidays,
    EarlyStopping,
    Watching,
    Promote,
    When,
    *SOURCES,
    *SPLITS,
    *ENCODERS,
)
OPTIONS = {**OTHER_OPTIONS, **TABLE_OPTIONS}
ELSEWHERE = {**OTHERS_ELSEWHERE, **STORAGE}
ORDER = ("load", "split", "encode", "normalize", "window", "augment", "train", "evaluate")
CLASSES = {task.model_fields["task"].default: task for task in TASKS}


def fields(part: type[BaseModel]) -> set[str]:
    """The fields that choose something; `from` chooses another step, which is the chain's business, not the step's."""
    tags = {name for name, field in part.model_fields.items() if name in ("task", "kind", "by") and field.default}
    return set(part.model_fields) - {"from_"} - {tag for tag in tags if isinstance(part.model_fields[tag].default, str)}


@pytest.mark.parametrize("part", [*TASKS, *PARTS], ids=lambda part: part.__name__)
def test_every_field_has_a_proof_of_its_effect(part: type[BaseModel]) -> None:
    assert {*{**OPTIONS, **PROMOTIONS}[part], *ELSEWHERE.get(part, {})} == fields(part)


@pytest.mark.parametrize("where", [one for found in ELSEWHERE.values() for one in found.values()])
def test_proofs_that_stand_elsewhere_are_there(where: str) -> None:
    file, _, name = where.partition("::")
    assert f"def {name}(" in (Path(__file__).parents[1] / file).read_text()


def edited(steps: Mapping[str, Any], edits: Edits) -> dict[str, Any]:
    """The steps with values set at places such as `load.roles.time`."""
    changed = deepcopy(dict(steps))
    for place, value in edits.items():
        *above, name = place.split(".")
        at = changed
        for one in above:
            at = at.setdefault(one, {})
        if value is None:
            at.pop(name, None)
        else:
            at[name] = value
    return changed


def rows() -> pl.DataFrame:
    days = [date(2020, 1, 1) + timedelta(days=number) for number in range(40)]
    draw = np.random.default_rng(0)
    one = {"day": days, "holiday": [int(day.weekday() > 4) for day in days]}
    return pl.concat(
        pl.DataFrame(
            {"meter": [meter] * 40, **one, "load": draw.normal(5, 1, 40), "temp": draw.normal(9, 3, 40), "area": area}
        )
        for meter, area in (("a", 1.5), ("b", 2.5))
    )


def whole() -> pl.DataFrame:
    """24 samples of five rows; pairs of them for another way to tell them apart, subjects, files, classes, numbers."""
    draw = np.random.default_rng(1)
    number = np.repeat(np.arange(24), 5)
    columns = {"a": draw.normal(size=120), "b": draw.normal(size=120), "size": number * 1.5, "id": number}
    moods = np.where(number % 4 == 0, "wild", "calm")
    parts = np.where(number < 18, "train", "test")
    subjects = [f"p{one}" for one in number // 2 % 8]
    return pl.DataFrame({**columns, "mood": moods, "official": parts, "subject": subjects, "pair": number // 2 * 100})


def texts() -> pl.DataFrame:
    """24 texts of two columns, with a number each."""
    said = [f"One, {'two ' * (number % 5)}three one" for number in range(24)]
    return pl.DataFrame({"said": said, "title": [text.upper() for text in said], "size": [1.5 * len(t) for t in said]})


def _moods() -> pl.Expr:
    """Moods with one that no other sample has, and none in one row."""
    step = pl.int_range(pl.len()).over("id")
    own = pl.when(step == 0).then(pl.format("like {}", "id")).otherwise("mood")
    return pl.when((step == 1) & (pl.col("id") == 3)).then(None).otherwise(own)


def write_texts(folder: Path) -> None:
    """Texts, tokens in columns and in files beside each other, each in two forms, and with a byte that is no UTF-8."""
    for name, text, tokens in (
        ("one", "one, two three\nfour, five\n", "# a\tx\nb z\ty\nb a\ty\n\nc\tx\n"),
        ("two", "six, one two\nthree, x\n", "b a\tx\n"),
        ("latin", "caf\xe9, one\n", "caf\xe9\tx\n"),
    ):
        (folder / f"{name}.txt").write_text(text, encoding="latin-1")
        (folder / f"{name}.conll").write_text(tokens, encoding="latin-1")
        (folder / name).mkdir()
        for file, content in (("seq.in", "d p c\n"), ("seq.out", "x x y\n"), ("label", "play\n")):
            (folder / name / file).write_text(content.replace("d", name).replace("latin", "\xe9"), encoding="latin-1")


def films(folder: Path) -> None:
    """Two clips of four frames, as images and as videos, and darker ones."""
    frames = np.random.default_rng(2).integers(0, 256, (4, 16, 16, 3), np.uint8)
    np.savez(folder / "filmed.npz", a=frames[:, :4, :4].repeat(2, 0).reshape(4, 2, 48), size=np.arange(1.0, 5))
    for name, factor in (("bright", 1), ("dark", 2)):
        for clip in ("1_7", "2_14"):
            (folder / name / clip).mkdir(parents=True)
            for number, frame in enumerate(frames // factor):
                Image.fromarray(frame).save(folder / name / clip / f"{number}.png")
            with av.open(str(folder / name / f"{clip}.mp4"), "w") as out:
                stream = out.add_stream("mpeg4", rate=10)
                stream.height, stream.width, stream.pix_fmt = 16, 16, "yuv420p"
                for frame in frames // factor:
                    out.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
                out.mux(stream.encode())
        (folder / name / "folders.csv").write_text("file,size\n1_7,3\n2_14,4\n")
        (folder / name / "videos.csv").write_text("file,size\n1_7.mp4,3\n2_14.mp4,4\n")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("options")
    (folder / "pyproject.toml").write_text("")
    frame, samples = rows(), whole()
    load, number = pl.col("load"), pl.int_range(pl.len()).over("meter")
    holes = frame.with_columns(load=pl.when(number.is_in([4, 5, 9])).then(None).otherwise(load))
    instants = pl.datetime(2024, 10, 26, 12, time_zone="UTC") + pl.duration(hours=number)
    frames = {
        "series": frame,
        "other": frame.with_columns(load=load * 2),
        "holes": holes,
        "sparse": frame.filter(number % 2 == 0),
        "twice": pl.concat([frame, frame.filter(number == 3).with_columns(load=load + 1)]).sort("meter", "day"),
        "shuffled": frame.sample(fraction=1, shuffle=True, seed=0),
        "dotted": frame.with_columns(day=pl.col("day").dt.strftime("%d.%m.%Y")),
        "clock": frame.with_columns(pl.col("day").cast(pl.Datetime)),
        "back": frame.with_columns(day=instants.dt.convert_time_zone("Europe/Oslo").dt.replace_time_zone(None)),
        "ahead": frame.with_columns(day=pl.datetime(2024, 3, 30, 12) + pl.duration(hours=2 * number)),
        "words": holes.with_columns(load=load.cast(pl.String).fill_null("NA")),
        "still": frame.with_columns(load=pl.lit(5.0)),
        "samples": samples,
        **{f"part_{one}": samples.filter(pl.col("id") // 8 == one) for one in range(3)},
        "texts": texts(),
        "moods": samples.with_columns(mood=_moods()),
    }
    for name, one in frames.items():
        one.write_csv(folder / f"{name}.csv")
    write_tables(folder, frames)
    write_texts(folder)
    arrays = {"a": np.arange(24.0).reshape(2, 3, 4), "b": np.ones((2, 3, 4)), "size": np.array([1.5, 2.5])}
    for name, factor in (("samples", 1), ("other", 2)):
        np.savez(folder / f"{name}.npz", **{key: factor * array for key, array in arrays.items()})
        savemat(folder / f"{name}.mat", {key: factor * array for key, array in arrays.items()})
    for name, factor in (("first", 1), ("second", 2)):
        (folder / name).mkdir()
        for key, array in arrays.items():
            np.save(folder / name / f"{key}.npy", factor * array)
    for name, value in (("samples", 1), ("other", 2)):
        (folder / f"{name}.ts").write_text(f"@targetLabel true\n@data\n{value},{value}:1.5\n{value}:2.5\n")
    wave = np.sin(np.arange(400) / 5)
    for name, level, count in (("soft", 0.2, 2), ("loud", 0.4, 2), ("clipped", 3.0, 2), ("said", 0.1, 6)):
        (folder / name).mkdir()
        for number in range(count):
            sound = np.clip(level * np.column_stack([wave, wave[::-1]]), -1, 1)
            soundfile.write(folder / name / f"{number % 2 + 1}_{7 * (number + 1)}.wav", sound, 8000)
    (folder / "soft" / "sizes.csv").write_text("file,size\n1_7.wav,3\n2_14.wav,4\n")
    write_contracts(folder, frame, samples)
    films(folder)
    return Place.of(folder / "spec.yaml")


@pytest.fixture(scope="module")
def carried_out() -> dict[str, Stored | None]:
    """What was carried out before, by key; none where it was refused."""
    return {}


def performed(
    name: str, section: Task, inputs: Mapping[str, Stored], place: Place, done: dict[str, Stored | None]
) -> Stored | None:
    key = digest_of([section.model_dump(mode="json"), [one.path.name for one in inputs.values()]])
    if key not in done:
        store = Store(place.folder / ".rnn")
        work = Work(name, 7, place, store, store.work(key))
        try:
            done[key] = store.keep(key, lambda at: section.perform(inputs, at, work))
        except Refused:
            done[key] = None
    return done[key]


def file_of(steps: Mapping[str, Any], changes: str, place: Place, done: dict[str, Stored | None]) -> str | None:
    """The digest of one file of the results (`load/raw.npy`); none where it is not there."""
    wanted, _, file = changes.partition("/")
    given: dict[str, Stored] = {}
    last: Stored | None = None
    for name in (name for name in ORDER if name in steps):
        section = TypeAdapter(CLASSES[name]).validate_python({"task": name, **steps[name]})
        inputs = {} if last is None else {next(iter(section.takes)): last}
        if name == "evaluate":
            inputs = {"model": given["train"], "data": given["data"]}
        elif name == "train":
            given["data"] = inputs["data"]
        last = performed(name, section, inputs, place, done)
        if last is None or name == wanted:
            break
        given[name] = last
    at = last.path / file if last is not None else None
    return hashlib.sha256(at.read_bytes()).hexdigest() if at is not None and at.is_file() else None


@pytest.mark.parametrize(
    "option",
    [pytest.param(one, id=f"{part.__name__}.{name}") for part, found in OPTIONS.items() for name, one in found.items()],
)
def test_it_changes_what_is_stored(option: Option, place: Place, carried_out: dict[str, Stored | None]) -> None:
    without = edited(option.steps, option.given)
    before = file_of(without, option.changes, place, carried_out)
    after = file_of(edited(without, {option.at: option.value}), option.changes, place, carried_out)
    assert (before is not None, after is not None) == (option.there != "after", option.there != "before")
    assert before != after


def registered(project: Project, scores: Stored, section: Mapping[str, Any]) -> dict[str, Any]:  # noqa: F811
    """What a registration leaves behind, in a registry that is empty again afterwards."""
    name, mlflow = section["model"], client(project.home)
    task = Register.model_validate(section)
    with project.registering(digest_of(section)) as work:
        made = project.performed(task, scores, work)
    tags = {key: value for key, value in mlflow.get_model_version(name, "1").tags.items() if key in section["tags"]}
    aliases = aliases_of(mlflow, name)
    mlflow.delete_registered_model(name)
    return {"name": made["name"], "reason": made["reason"], "tags": tags, "aliases": aliases}


def test_the_options_of_a_promotion_change_what_is_registered(project: Project) -> None:  # noqa: F811
    scores = project.scored("a", always_up_by(0.1))
    plain = {"model": NAME, "promote": dict(GATE), "tags": {}}
    before = registered(project, scores, plain)
    assert before["aliases"] == {"champion": "1"}
    for found in PROMOTIONS.values():
        for name, option in found.items():
            after = registered(project, scores, edited(plain, {option.at: option.value}))
            assert before[option.changes] != after[option.changes], json.dumps([name, after])
