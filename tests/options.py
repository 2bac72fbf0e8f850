"""Every field of the steps and their parts, a value for it, and the file of a stored result that it must change."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel

from rnnlib.data.acceptance import Acceptance
from rnnlib.data.array_sources.mat import Mat
from rnnlib.data.array_sources.npy import Npy
from rnnlib.data.array_sources.npz import Npz
from rnnlib.data.array_sources.ts import Ts
from rnnlib.data.contract import Holding
from rnnlib.data.encoders import BytePair, Categories, Characters, FrameSize, LogMel, Longest, Mfcc, Spelling, Words
from rnnlib.data.generated_sources.adding_problem import AddingProblem
from rnnlib.data.generated_sources.copy_memory import CopyMemory
from rnnlib.data.generated_sources.moving_digits import MovingDigits
from rnnlib.data.media.audio import Audio
from rnnlib.data.media.frames import Frames, Video
from rnnlib.data.missing import Missing
from rnnlib.data.roles import Roles
from rnnlib.data.splits import ByColumn, ByFiles, ByGroup, ByRandom, ByTime
from rnnlib.data.text_sources import Conll, Lines, Parallel, Text
from rnnlib.data.times.calendar import Calendar
from rnnlib.data.times.clock import Clock
from rnnlib.data.times.holidays import Holidays
from rnnlib.training import EarlyStopping, Watching
from tasks.augment import Augment
from tasks.encode import Encode
from tasks.evaluate import Evaluate
from tasks.load import Load
from tasks.normalize import Normalize
from tasks.register import Register
from tasks.registry.promotion import Promote, When
from tasks.split import Split
from tasks.train import Train
from tasks.window import Window
from tests.contracts import FEW, MARKED, MOODS

Edits = Mapping[str, Any]
"""Values by their place in the steps (`load.roles.time`); none takes a field, or a whole step, away."""

SERIES: Mapping[str, Any] = {
    "load": {
        "source": {"kind": "csv", "path": "series.csv"},
        "roles": {
            "series": "meter", "time": "day", "target": ["load"], "past": ["temp"], "future": ["holiday"],
            "static": ["area"],
        },
    },
    "split": {"by": "time", "validation": 8, "test": 8},
    "normalize": {"target": {"kind": "standard"}},
    "window": {"context": 6, "horizon": 2},
    "train": {"model": {"kind": "forecaster", "layers": [{"kind": "gru", "units": 3}]}, "epochs": 3},
    "evaluate": {"metrics": ["mae"]},
}  # fmt: skip
SAMPLES: Mapping[str, Any] = {
    "load": {
        "source": {"kind": "csv", "path": "samples.csv"},
        "roles": {"sample": "id", "features": ["a"], "label": "size", "group": "subject", "part": "official"},
    },
    "split": {"by": "random", "validation": 6, "test": 6},
    "train": {"model": {"kind": "regressor", "layers": [{"kind": "gru", "units": 3}]}, "epochs": 2},
}
TEXTS: Mapping[str, Any] = {
    "load": {"source": {"kind": "csv", "path": "texts.csv"}, "roles": {"text": "said", "label": "size"}},
    "split": {"by": "random", "validation": 6, "test": 6},
    "encode": {"text": {"kind": "characters"}},
}
IRREGULAR: Edits = {"load.every": "irregular"}
FILES: Edits = {"load.source.path": "part_*.csv"}
MINMAX = {"kind": "minmax"}
JITTERED: Edits = {"augment": {"ops": [{"kind": "jitter"}]}}


class Option(NamedTuple):
    """A value that is set at `at`; the stored file `changes` must differ from that without it.

    `given` is edited into `steps` before either is run, where the field needs company. `there` says which of the two
    results has the file: `after` where the data is refused without the option, `before` where the option refuses it or
    takes the file away.
    """

    at: str
    value: Any
    changes: str
    given: Edits = MappingProxyType({})
    steps: Mapping[str, Any] = SERIES
    there: Literal["both", "before", "after"] = "both"


def of_source(path: str) -> Edits:
    """The series of another file."""
    return {"load.source.path": path}


def samples(at: str, value: Any, changes: str, given: Edits | None = None) -> Option:
    """An option of whole sequences with a label."""
    return Option(at, value, changes, given or {}, SAMPLES)


def holes(at: str, to: Any, /, **missing: Any) -> Option:
    """An option about missing values."""
    return Option(f"load.missing.{at}", to, "split/raw.npy", {**of_source("holes.csv"), "load.missing": missing})


def held(kind: str, to: Any = "accept", *, roles: Mapping[str, Any], path: str = "series.csv") -> Option:
    """An answer to one kind of difference between the data and its contract."""
    given = {"load.roles": roles, "load.contract": {"file": f"{kind}.json"}, **of_source(path)}
    return Option(f"load.contract.{kind}", to, "load/raw.npy", given, there="after")


def official(at: str, to: Any, /, **split: Any) -> Option:
    """An option of a split by the column of official parts."""
    return samples(f"split.{at}", to, "split/part.npy", {"split": {"by": "column", **split}})


def by_files(at: str, to: Any, /, **split: Any) -> Option:
    """An option of a split by files."""
    return samples(f"split.{at}", to, "split/part.npy", {**FILES, "split": {"by": "files", **split}})


def drawn(by: str, at: str, value: Any) -> Option:
    """An option of a split that is drawn."""
    return samples(f"split.{at}", value, "split/part.npy", {"split": {"by": by, "validation": 2, "test": 2}})


def texts(at: str, value: Any, changes: str = "encode/raw.npy", kind: str = "characters", **fields: Any) -> Option:
    """An option of texts, encoded by a tokenizer of this kind."""
    return Option(at, value, changes, {"encode.text": {"kind": kind, **fields}}, TEXTS)


def of_holidays(at: str, to: Any, country: str = "NO") -> Option:
    """An option of the holidays of a calendar."""
    given = {"load.roles.future": None, "load.calendar": {"holidays": {"country": country}}}
    return Option(f"load.calendar.holidays.{at}", to, "load/raw.npy", given)


def of_words(at: str, value: Any) -> Option:
    """An option of words that are spelled."""
    given = {"load.roles": {"sample": "id", "features": "mood", "categorical": "mood", "label": "size"}}
    encode = {"encode": {"categorical": {}, **({} if at == "encode.spelling" else {"spelling": {"longest": 4}})}}
    return samples(at, value, "encode/raw.npy", {**given, **encode})


def of_categories(at: str, value: Any) -> Option:
    """An option of categories and how they become tokens."""
    roles = {"sample": "id", "features": ["a", "mood"], "label": "size", "categorical": ["mood"]}
    edits = {"load.source.path": "moods.csv", "load.roles": roles, "encode.categorical": {}}
    missing = {"load.missing": {"fill": "none", "otherwise": "mask"}}
    return Option(at, value, "encode/raw.npy", {**edits, **missing}, SAMPLES)


def read(kind: str, at: str, value: Any, changes: str = "load/raw.npy", **fields: Any) -> Option:
    """An option of a source of text."""
    tokens = kind in ("conll", "parallel")
    roles = {"sample": "sentence", "features": "word", "categorical": "word", "tags": "tag"}
    given = {"load.source": {"kind": kind, **fields}, "load.roles": roles if tokens else {"text": "text"}}
    there: Literal["both", "after"] = "after" if at == "encoding" else "both"
    return Option(f"load.source.{at}", value, changes, given, TEXTS, there)


CONLL = {"path": "one.conll", "columns": {"word": 0, "tag": -1}}
PARALLEL = {"path": "one", "tokens": {"word": "seq.in", "tag": "seq.out"}}
ARRAYS = {"a": "a", "size": "size"}
ARRAY_ROLES = {"sample": "sample", "features": "a", "label": "size"}
ADDING = {"kind": "adding_problem", "length": 5, "samples": 6}
COPYING = {"kind": "copy_memory", "delay": 5, "samples": 6}


def arrays(
    at: str,
    to: Any,
    changes: str = "load/raw.npy",
    *,
    kind: str = "npz",
    first: str = "samples.npz",
    there: Literal["both", "before", "after"] = "both",
) -> Option:
    """An option of a source of arrays."""
    source = {"kind": kind, "path": first, "arrays": ARRAYS}
    return Option(f"load.source.{at}", to, changes, {"load.source": source, "load.roles": ARRAY_ROLES}, SAMPLES, there)


def one_sequence(kind: str, path: str) -> Option:
    """An array that is one series in the place of several."""
    source, roles = {"kind": kind, "path": path, "arrays": {"a": "a"}}, {"series": "sample", "target": "a"}
    given = {"load.source": source, "load.roles": roles, "split": None, "train": None}
    return Option("load.source.first_axis", "steps", "load/offsets.npy", given, SAMPLES)


def in_parts(kind: str, path: str) -> Option:
    """The same arrays for two parts in the place of one."""
    whole, parts = arrays("arrays", None, kind=kind, first=path), {"train": ARRAYS, "test": ARRAYS}
    return whole._replace(
        at="load.source", value={"kind": kind, "path": path, "parts": parts}, changes="load/offsets.npy"
    )


def made(at: str, to: Any, source: Mapping[str, Any], roles: Mapping[str, Any]) -> Option:
    """An option of a source that makes its data."""
    given = {"load.source": source, "load.roles": {"sample": "sample", **roles}}
    return Option(f"load.source.{at}", to, "load/raw.npy", given, SAMPLES)


def recorded(at: str, to: Any, changes: str, **fields: Any) -> Option:
    """An option of recordings."""
    source = {"kind": "audio", "path": "soft/*.wav", "named": "{size}_{length}.wav", **fields}
    roles = {"sample": "file", "features": "audio", "label": "size"}
    given = {"load.source": {name: one for name, one in source.items() if one is not None}, "load.roles": roles}
    return Option(f"load.source.{at}", to, changes, given, SAMPLES)


RECORDINGS: Mapping[str, Any] = {
    "load": {
        "source": {"kind": "audio", "path": "said/*.wav", "named": "{size}_{length}.wav"},
        "roles": {"sample": "file", "features": "audio", "label": "size"},
    },
    "split": {"by": "random", "test": 2},
    "encode": {"audio": {"kind": "log_mel", "bands": 8}},
}
SPECTRA = {"window": 100, "hop": "20ms", "bands": 7, "scale": "htk", "lowest": 100, "highest": 3000, "floor": 1e-2,
           "deltas": 1}  # fmt: skip


def spectral(at: str, to: Any, kind: str = "log_mel") -> Option:
    """An option of a spectrum."""
    fields = {"bands": 8, "coefficients": 5} if kind == "mfcc" else {"bands": 8}
    return Option(f"encode.audio.{at}", to, "encode/raw.npy", {"encode.audio": {"kind": kind, **fields}}, RECORDINGS)


CUT_TO_THREE: Edits = {"encode": {"longest": {"steps": 3}}}
MOVING = {"kind": "moving_digits", "samples": 6, "length": 3, "side": 10}
FILMED = {"height": 3, "width": 1, "colour": "rgb", "scaling": "bilinear"}
CLIPS = {"frames": ("bright/*/*.png", "{size}_{length}"), "video": ("bright/*.mp4", "{size}_{length}.mp4")}


def filmed(kind: str, at: str, to: Any, **fields: Any) -> Option:
    """An option of clips of frames."""
    path, named = CLIPS[kind]
    source = {"kind": kind, "path": path, "named": named, "height": 2, "width": 2, **fields}
    roles = {"sample": "file", "features": "frame", "label": "size"}
    given = {"load.source": {name: one for name, one in source.items() if one is not None}, "load.roles": roles}
    changes = "load/sequences.parquet" if at in ("named", "manifest") else "load/raw.npy"
    return Option(f"load.source.{at}", to, changes, given, SAMPLES, "after" if at == "manifest" else "both")


def resized(at: str, to: Any) -> Option:
    """An option of frames that are scaled."""
    source = {"kind": "npz", "path": "filmed.npz", "arrays": {"a": "a", "size": "size"}}
    frames = {"kind": "frame_size", "of": [4, 4, 3], "height": 2, "width": 2}
    given = {"load.source": source, "load.roles": ARRAY_ROLES, "encode": {"frames": frames}}
    return Option(f"encode.frames.{at}", to, "encode/raw.npy", given, RECORDINGS)


WEIGHTS = "train/bundle/weights.safetensors"
SCORES = "evaluate/scores.json"
STOPS_AT_ONCE: Edits = {"train.early_stopping": {"patience": 1, "min_change": 1e9}}

OPTIONS: Mapping[type[BaseModel], Mapping[str, Option]] = {
    Load: {
        "source": Option("load.source", {"kind": "csv", "path": "other.csv"}, "load/raw.npy"),
        "roles": Option("load.roles", {"target": ["load"]}, "load/raw.npy"),
        "every": Option("load.every", "1d", "load/raw.npy",
                        {**of_source("sparse.csv"), "load.missing": {"fill": "forward"}}),
        "missing": Option("load.missing", {"fill": "forward"}, "split/raw.npy", of_source("holes.csv"), there="after"),
        "duplicates": Option("load.duplicates", "mean", "load/raw.npy", of_source("twice.csv"), there="after"),
        "unsorted": Option("load.unsorted", "sort", "load/raw.npy", of_source("shuffled.csv"), there="after"),
        "zone": Option("load.zone", "Europe/Oslo", "load/times.npy", of_source("clock.csv")),
        "clock": Option("load.clock", {"repeated": "in_order"}, "load/times.npy",
                        {**of_source("back.csv"), "load.zone": "Europe/Oslo"}, there="after"),
        "time_format": Option("load.time_format", "%d.%m.%Y", "load/times.npy", of_source("dotted.csv"), there="after"),
        "units": Option("load.units", {"load": "kWh"}, SCORES),
        "time_delta": Option("load.time_delta", "1d", "load/raw.npy", IRREGULAR),
        "calendar": Option("load.calendar", {"cycles": ["weekday"]}, "load/raw.npy"),
        "contract": Option("load.contract", {"file": "units.json"}, "load/raw.npy", there="before"),
    },
    Holding: {
        "file": Option("load.contract.file", "units.json", "load/raw.npy", {"load.contract": {"file": "file.json"}},
                       there="before"),
        "extra": held("extra", roles=FEW),
        "absent": held("absent", roles=FEW),
        "reordered": held("reordered", "refuse", roles=FEW)._replace(there="before"),
        "retyped": held("retyped", roles=FEW),
        "category": held("category", roles=MARKED),
        "classes": held("classes", roles=MOODS, path="samples.csv"),
        "units": held("units", roles=FEW),
        "constant": held("constant", roles=FEW, path="still.csv"),
        "times": held("times", roles=FEW),
        "rows": held("rows", 0.1, roles=FEW),
    },
    Clock: {
        "repeated": Option("load.clock.repeated", "in_order", "load/times.npy",
                           {**of_source("back.csv"), "load.zone": "Europe/Oslo"}, there="after"),
        "skipped": Option("load.clock.skipped", "forward", "load/times.npy",
                          {**of_source("ahead.csv"), "load.zone": "Europe/Oslo", "load.every": "irregular"},
                          there="after"),
    },
    Calendar: {
        "cycles": Option("load.calendar.cycles", ["week"], "load/raw.npy", {"load.calendar": {"cycles": ["weekday"]}}),
        "categories": Option("load.calendar.categories", ["weekday"], "load/raw.npy",
                             {"load.calendar": {"cycles": ["weekday"]}}),
        "holidays": Option("load.calendar.holidays", "NO", "load/raw.npy",
                           {"load.roles.future": None, "load.calendar": {"cycles": ["weekday"]}}),
    },
    Holidays: {
        "country": of_holidays("country", "US"),
        "subdivision": of_holidays("subdivision", "TX", country="US"),
        "within": of_holidays("within", 3),
    },
    Npz: {
        "path": arrays("path", "other.npz"),
        "arrays": arrays("arrays", {"a": "b", "size": "size"}),
        "parts": in_parts("npz", "samples.npz"),
        "each_step": arrays("each_step", "value", "load/offsets.npy"),
        "first_axis": one_sequence("npz", "samples.npz"),
    },
    Npy: {
        "path": arrays("path", "second/*.npy", kind="npy", first="first/*.npy"),
        "arrays": arrays("arrays", {"a": "b", "size": "size"}, kind="npy", first="first/*.npy"),
        "parts": in_parts("npy", "first/*.npy"),
        "each_step": arrays("each_step", "value", "load/offsets.npy", kind="npy", first="first/*.npy"),
        "first_axis": one_sequence("npy", "first/*.npy"),
    },
    Mat: {
        "path": arrays("path", "other.mat", kind="mat", first="samples.mat"),
        "arrays": arrays("arrays", {"a": "b", "size": "size"}, kind="mat", first="samples.mat"),
        "parts": in_parts("mat", "samples.mat"),
    },
    Ts: {
        "path": Option("load.source.path", "other.ts", "load/raw.npy",
                       {"load.source": {"kind": "ts", "path": "samples.ts"},
                        "load.roles": {"sample": "sample", "features": "value", "label": "label"}}, SAMPLES),
    },
    Audio: {
        "path": recorded("path", "loud/*.wav", "load/raw.npy"),
        "rate": recorded("rate", 4000, "load/raw.npy"),
        "channel": recorded("channel", 2, "load/raw.npy"),
        "named": recorded("named", "{length}_{size}.wav", "load/sequences.parquet"),
        "manifest": recorded("manifest", "soft/sizes.csv", "load/sequences.parquet", named=None)
        ._replace(there="after"),
        "clipped": recorded("clipped", "keep", "load/raw.npy", path="clipped/*.wav")._replace(there="after"),
    },
    Frames: {
        "path": filmed("frames", "path", "dark/*/*.png"),
        **{name: filmed("frames", name, value) for name, value in FILMED.items()},
        "named": filmed("frames", "named", "{length}_{size}"),
        "manifest": filmed("frames", "manifest", "bright/folders.csv", named=None),
    },
    Video: {
        "path": filmed("video", "path", "dark/*.mp4"),
        **{name: filmed("video", name, value) for name, value in FILMED.items()},
        "rate": filmed("video", "rate", 5),
        "named": filmed("video", "named", "{length}_{size}.mp4"),
        "manifest": filmed("video", "manifest", "bright/videos.csv", named=None),
    },
    MovingDigits: {
        name: made(name, value, MOVING, {"sample": "clip", "features": "frame", "label": "digit"})
        for name, value in (("length", 4), ("samples", 7), ("seed", 1), ("side", 12), ("digits", 2))
    },
    AddingProblem: {name: made(name, value, ADDING, {"features": "value", "label": "sum"})
                    for name, value in (("length", 6), ("samples", 7), ("seed", 1))},
    CopyMemory: {name: made(name, value, COPYING, {"features": "symbol", "tags": "answer"})
                 for name, value in (("delay", 6), ("samples", 7), ("seed", 1))},
    Text: {
        "path": read("text", "path", "two.txt", path="one.txt"),
        "encoding": read("text", "encoding", "latin-1", path="latin.txt"),
    },
    Lines: {
        "path": read("lines", "path", "two.txt", path="one.txt"),
        "encoding": read("lines", "encoding", "latin-1", path="latin.txt"),
        "label": read("lines", "label", "first", path="one.txt"),
        "separator": read("lines", "separator", ",", path="one.txt", label="first"),
    },
    Conll: {
        "path": read("conll", "path", "two.conll", **CONLL),
        "columns": read("conll", "columns", {"word": 1, "tag": 0}, **CONLL),
        "encoding": read("conll", "encoding", "latin-1", **{**CONLL, "path": "latin.conll"}),
        "separator": read("conll", "separator", "\t", **CONLL),
        "comments": read("conll", "comments", ["#"], **CONLL),
    },
    Parallel: {
        "path": read("parallel", "path", "two", **PARALLEL),
        "tokens": read("parallel", "tokens", {"word": "seq.out", "tag": "seq.in"}, **PARALLEL),
        "lines": read("parallel", "lines", {"intent": "label"}, "load/about.json", **PARALLEL),
        "encoding": read("parallel", "encoding", "latin-1", **{**PARALLEL, "path": "latin"}),
    },
    Missing: {
        "fill": holes("fill", "interpolate", fill="forward"),
        "value": holes("value", 1, fill="constant", value=0),
        "season": holes("season", 2, fill="seasonal", season=3),
        "at_most": holes("at_most", 1, fill="forward", otherwise="mask"),
        "otherwise": holes("otherwise", "mask", fill="forward", at_most=1)._replace(there="after"),
    },
    Roles: {
        "series": Option("load.roles.series", "meter", "load/offsets.npy",
                         {"load.roles": {"target": ["load"]}}),
        "time": Option("load.roles.time", "day", "load/times.npy",
                       {"load.roles": {"series": "meter", "target": ["load"]}}, there="after"),
        "sample": samples("load.roles.sample", "pair", "load/offsets.npy",
                          {"load.roles": {"sample": "id", "features": ["a"], "label": "subject"}}),
        "text": texts("load.roles.text", "title", "load/raw.npy"),
        "categorical": samples("load.roles.categorical", ["a"], "load/raw.npy"),
        "target": Option("load.roles.target", ["load", "holiday"], "load/raw.npy", {"load.roles.future": None}),
        "past": Option("load.roles.past", None, "load/raw.npy"),
        "future": Option("load.roles.future", None, "load/raw.npy"),
        "features": samples("load.roles.features", ["a", "b"], "load/raw.npy"),
        "label": samples("load.roles.label", "mood", "load/sequences.parquet"),
        "tags": samples("load.roles.tags", ["mood"], "load/tags.npy",
                        {"load.roles": {"sample": "id", "features": ["a"], "tags": ["a", "b"]}}),
        "static": Option("load.roles.static", None, "load/static.npy", there="before"),
        "group": samples("load.roles.group", None, "load/sequences.parquet"),
        "part": samples("load.roles.part", None, "load/official.npy")._replace(there="before"),
    },
    Split: {
        "by": samples("split.by", "group", "split/part.npy", {"split.validation": 2, "split.test": 2}),
        "train": Option("split.train", 10, "split/part.npy"),
        "validation": Option("split.validation", 9, "split/part.npy"),
        "test": Option("split.test", 9, "split/part.npy"),
        "leave": Option("split.leave", 2, "split/part.npy"),
        "stratify": samples("split.stratify", True, "split/part.npy", {"load.roles.label": "mood"}),
    },
    ByTime: {
        "train": Option("split.train", 12, "split/part.npy"),
        "validation": Option("split.validation", None, "split/part.npy"),
        "test": Option("split.test", "25%", "split/part.npy"),
        "leave": Option("split.leave", "10%", "split/part.npy"),
    },
    ByRandom: {
        "train": drawn("random", "train", 5),
        "validation": drawn("random", "validation", 0.2),
        "test": drawn("random", "test", "20%"),
        "stratify": samples("split.stratify", "label", "split/part.npy", {"load.roles.label": "mood"}),
    },
    ByGroup: {
        "train": drawn("group", "train", 1),
        "validation": drawn("group", "validation", None),
        "test": drawn("group", "test", 3),
    },
    ByColumn: {
        "validation": official("validation", 4),
        "stratify": official("stratify", True, validation=6)._replace(
            given={"load.roles.label": "mood", "split": {"by": "column", "validation": 6}}
        ),
    },
    ByFiles: {
        "train": by_files("train", ["part_2.csv"], test=["part_1.csv"])._replace(there="before"),
        "validation": by_files("validation", 3, test=["part_1.csv"]),
        "test": by_files("test", ["part_0.csv"], test=["part_1.csv"]),
        "stratify": by_files("stratify", True)._replace(
            given={**FILES, "load.roles.label": "mood",
                   "split": {"by": "files", "validation": 5, "test": ["part_1.csv"]}},
        ),
    },
    Encode: {
        "spelling": of_words("encode.spelling", {"longest": 3}),
        "text": texts("encode.text", {"kind": "characters", "ends": True}),
        "frames": resized("", {"kind": "frame_size", "of": [4, 4, 3], "grey": True})._replace(at="encode.frames"),
        "audio": spectral("", {"kind": "mfcc", "bands": 8, "coefficients": 5})._replace(at="encode.audio"),
        "categorical": of_categories("encode.categorical", {"at_least": 2}),
        "longest": samples("encode.longest", {"steps": 2}, "encode/raw.npy", CUT_TO_THREE),
    },
    Longest: {
        "steps": samples("encode.longest.steps", 2, "encode/raw.npy", CUT_TO_THREE),
        "keep": samples("encode.longest.keep", "last", "encode/raw.npy", CUT_TO_THREE),
    },
    Spelling: {
        "longest": of_words("encode.spelling.longest", 2),
        "at_least": of_words("encode.spelling.at_least", 1000),
    },
    Categories: {
        "at_least": of_categories("encode.categorical.at_least", 2),
        "most": of_categories("encode.categorical.most", 1),
        "unknown": of_categories("encode.categorical.unknown", "refuse")._replace(there="before"),
        "missing": of_categories("encode.categorical.missing", "token"),
    },
    Characters: {
        "at_least": texts("encode.text.at_least", 30),
        "ends": texts("encode.text.ends", True),
    },
    Words: {
        "split": texts("encode.text.split", "whitespace", kind="words"),
        "lowercase": texts("encode.text.lowercase", True, kind="words"),
        "at_least": texts("encode.text.at_least", 20, kind="words"),
        "most": texts("encode.text.most", 1, kind="words"),
        "ends": texts("encode.text.ends", True, kind="words"),
    },
    BytePair: {
        "most": texts("encode.text.most", 259, kind="byte_pair"),
        "at_least": texts("encode.text.at_least", 30, kind="byte_pair"),
        "ends": texts("encode.text.ends", True, kind="byte_pair"),
    },
    LogMel: {name: spectral(name, value) for name, value in SPECTRA.items()},
    Mfcc: {
        **{name: spectral(name, value, "mfcc") for name, value in SPECTRA.items()},
        "coefficients": spectral("coefficients", 4, "mfcc"),
    },
    FrameSize: {
        "of": resized("of", [8, 2, 3]),
        "height": resized("height", 3),
        "width": resized("width", 1),
        "grey": resized("grey", True),
    },
    Normalize: {
        **{role: Option(f"normalize.{role}", MINMAX, "normalize/normalized.npy")
           for role in ("target", "past")},
        "future": Option("normalize.future", {"kind": "standard"}, "normalize/normalized.npy"),
        "static": Option("normalize.static", MINMAX, "normalize/normalized_static.npy"),
        "features": samples("normalize.features", MINMAX, "normalize/normalized.npy",
                            {"normalize": {"label": MINMAX}}),
        "label": samples("normalize.label", MINMAX, WEIGHTS, {"normalize": {"features": MINMAX}}),
    },
    Window: {
        "context": Option("window.context", 7, WEIGHTS),
        "horizon": Option("window.horizon", 3, WEIGHTS),
        "stride": Option("window.stride", 2, WEIGHTS),
    },
    Augment: {
        "ops": Option("augment.ops", [{"kind": "scaling"}], WEIGHTS, {"augment": {"ops": [{"kind": "jitter"}]}}),
        "accept": Option("augment.accept", {"trials": 2, "epochs": 1}, "train/history.json", JITTERED),
    },
    Acceptance: {
        name: Option(f"augment.accept.{name}", 3, "train/history.json",
                     {"augment": {**JITTERED["augment"], "accept": {"trials": 2, "epochs": 1}}})
        for name in ("trials", "epochs")
    },
    Train: {
        "model": Option("train.model.layers", [{"kind": "lstm", "units": 3}], WEIGHTS),
        "optimizer": Option("train.optimizer", {"kind": "sgd", "learning_rate": 0.01}, WEIGHTS),
        "epochs": Option("train.epochs", 1, "train/history.json"),
        "batch": Option("train.batch", 8, WEIGHTS),
        "shuffle": Option("train.shuffle", False, WEIGHTS),
        "truncate": Option("train.truncate", 2, WEIGHTS),
        "carry_state": Option("train.carry_state", True, WEIGHTS,
                              {"window.stride": 6, "train.shuffle": False, "train.batch": 2}),
        "watch": Option("train.watch", {"gradients": 2}, "train/history.json"),
        "device": Option("train.device", "cuda", WEIGHTS, there="before"),
        "allocation": Option("train.allocation", "system", "train/summary.json"),
        "accumulate": Option("train.accumulate", 2, WEIGHTS, {"train.batch": 8}),
        "clip": Option("train.clip", 1e-3, WEIGHTS),
        "schedule": Option("train.schedule", {"kind": "cosine"}, WEIGHTS),
        "penalty": Option("train.penalty", [{"kind": "l1", "weight": 0.1}], WEIGHTS),
        "average": Option("train.average", {"decay": 0.5}, WEIGHTS),
        "keep": Option("train.keep", "last", WEIGHTS, {"train.optimizer": {"kind": "sgd", "learning_rate": 2.0}}),
        "precision": Option("train.precision", "bfloat16", WEIGHTS),
        "early_stopping": Option("train.early_stopping", STOPS_AT_ONCE["train.early_stopping"], "train/history.json"),
        "threads": Option("train.threads", 2, "train/summary.json", {"train.threads": 1}),
        "seed": Option("train.seed", 11, WEIGHTS),
    },
    Watching: {
        "gradients": Option("train.watch.gradients", 2, "train/history.json", {"train.watch": {"gradients": 1}}),
    },
    EarlyStopping: {
        "patience": Option("train.early_stopping.patience", 2, "train/history.json", STOPS_AT_ONCE),
        "min_change": Option("train.early_stopping.min_change", 1e9, "train/history.json",
                             {"train.early_stopping": {"patience": 1}}),
    },
    Evaluate: {
        "metrics": Option("evaluate.metrics", ["rmse"], SCORES),
        "units": Option("evaluate.units", "normalized", SCORES),
        "season": Option("evaluate.season", 3, SCORES),
        "parts": Option("evaluate.parts", ["test"], SCORES),
    },
}  # fmt: skip

GATE: Mapping[str, Any] = {"when": {"metric": "mae", "beats": ["naive"], "at_least": 5}}
"""Held by the model that the options of a promotion are tried on: it is 14 % better than naive on 8 test cases."""

ELSEWHERE: Mapping[type[BaseModel], Mapping[str, str]] = {
    Train: {
        "out_of_memory": "tests/rnnlib/training/test_training_options.py::"
        "test_a_batch_that_does_not_fit_is_refused_or_done_in_pieces",
    },
}
"""Fields whose effect needs what no spec can bring about; the test that brings it about."""

PROMOTIONS: Mapping[type[BaseModel], Mapping[str, Option]] = {
    Register: {
        "model": Option("model", "another", "name"),
        "promote": Option("promote", None, "aliases"),
        "tags": Option("tags", {"owner": "grid"}, "tags"),
    },
    Promote: {
        "alias": Option("promote.alias", "favourite", "aliases"),
        "when": Option("promote.when", {**GATE["when"], "by": "50%"}, "aliases"),
    },
    When: {
        "metric": Option("promote.when.metric", "rmse", "reason"),
        "beats": Option("promote.when.beats", ["drift"], "reason"),
        "by": Option("promote.when.by", "50%", "aliases"),
        "at_least": Option("promote.when.at_least", 9, "aliases"),
    },
}
