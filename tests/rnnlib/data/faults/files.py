"""Faults of files: their bytes are wrong before any column is."""

from __future__ import annotations

from collections.abc import Mapping

from tests.rnnlib.data.faults.made import KINDS, Fault, meters, stored

GOOD = stored(meters(), "csv")
NUMBERS = {"target": ["kwh"]}
LATIN = "kwh,who\n1,Åse\n2,Bo\n".encode("latin-1")
IN_LATIN = {"source": {"encoding": "latin-1"}}


def _broken(content: bytes, message: str, names: tuple[str, ...] = ("f.csv", "f.tsv")) -> list[Fault]:
    return [Fault({name: content}, message, roles=NUMBERS) for name in names]


FILES: Mapping[str, list[Fault]] = {
    "empty": [Fault({f"f.{kind}": b""}, "the file is empty", roles=NUMBERS) for kind in KINDS],
    "header only": [
        *(
            Fault({f"f.{kind}": stored(meters(0), kind)}, "no rows|there is no row")
            for kind in ("csv", "tsv", "parquet", "arrow")
        ),
        Fault({"f1.csv": GOOD, "f2.csv": b"t,kwh,temp\n"}, "a header and no rows"),
    ],
    "byte order mark": [
        Fault({"f.csv": b"\xef\xbb\xbf" + GOOD}),
        Fault({"f.tsv": b"\xef\xbb\xbf" + stored(meters(), "tsv")}),
        Fault({"f.csv": b'\xef\xbb\xbf"kwh"\n1\n2\n'}, roles=NUMBERS),
        Fault({"f1.csv": b"\xef\xbb\xbfkwh\n1\n2\n", "f2.csv": b"kwh\n3\n"}, roles=NUMBERS),
        Fault({"f.csv": b"\xef\xbb\xbfkwh,who\r\n1,a\r\n2,b\r\n"}, roles=NUMBERS),
    ],
    "latin-1": [
        *_broken(LATIN, "line 2 .*name its `encoding"),
        Fault({"f1.csv": b"kwh,who\n1,a\n", "f2.csv": LATIN}, "name its `encoding", roles=NUMBERS),
        Fault({"f.csv": LATIN}, roles=NUMBERS, more=IN_LATIN),
        Fault({"f.tsv": LATIN.replace(b",", b"\t")}, roles=NUMBERS, more=IN_LATIN),
    ],
    "NUL byte": [
        *_broken(b"kwh\n1\n\0\n", "line 3 holds a NUL byte"),
        *_broken(b"k\0wh\n1\n", "line 1 holds a NUL byte", ("f.csv",)),
        *_broken(b"kwh\n" + b"1\n" * 200 + b"2\0\n", "line 202 holds a NUL byte", ("f.csv",)),
        Fault({"f1.csv": b"kwh\n1\n", "f2.csv": b"kwh\n\0\n"}, "line 2 holds a NUL byte", roles=NUMBERS),
    ],
    "other columns in another file": [
        Fault({f"f1.{kind}": stored(meters(), kind), f"f2.{kind}": stored(meters().drop("temp"), kind)},
              "all files of a source have the same columns", "temp")
        for kind in KINDS
    ],
    "fewer rows than a window": [
        Fault({f"f.{kind}": stored(meters(rows), kind)}, message, then=then)
        for kind, rows, message, then in (
            ("csv", 1, "row", {"split": {"by": "time", "test": 1}}),
            ("tsv", 12, "context", {"split": {"by": "time", "test": 4}, "window": {"context": 10, "horizon": 2}}),
            ("parquet", 20, "horizon", {"split": {"by": "time", "test": 4}, "window": {"context": 5, "horizon": 6}}),
            ("arrow", 9, "row", {"split": {"by": "time", "validation": 5, "test": 5}}),
            ("ndjson", 30, "context", {"split": {"by": "time", "test": 5}, "window": {"context": 40, "horizon": 2}}),
        )
    ],
}  # fmt: skip
