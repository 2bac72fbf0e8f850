"""Databases as sources: read only, one statement, never a stale result; a real PostgreSQL where there is one."""

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from rnnlib.data.loading import load
from rnnlib.data.loading.reading import Reading
from rnnlib.data.sources import Sql
from rnnlib.data.tables.select import only_select
from rnnlib.errors import DataError, Refused
from rnnlib.place import Place

PLANTED = "plänted%7d0c/5f@"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    with sqlite3.connect(tmp_path / "shop.db") as database:
        database.execute("CREATE TABLE sales (id INTEGER PRIMARY KEY, day TEXT, sold REAL)")
        database.executemany("INSERT INTO sales VALUES (?, ?, ?)", [(n, f"2024-01-0{n}", n / 2) for n in range(1, 6)])
    database.close()
    return Place(tmp_path, tmp_path)


def change(place: Place, statement: str) -> None:
    with sqlite3.connect(place.root / "shop.db") as database:
        database.execute(statement)
    database.close()


def sql(**fields: Any) -> Sql:
    return Sql.model_validate(
        {"url": "sqlite:///shop.db", **({} if "query" in fields else {"table": "sales"}), **fields}
    )


def test_rows_become_sequences(place: Place) -> None:
    query = "SELECT day, sold FROM sales WHERE day LIKE '2024-01-0%' AND sold > 0.5 ORDER BY day -- a word; more"
    section = {"source": {"kind": "sql", "url": "sqlite:///shop.db", "query": query},
               "roles": {"time": "day", "target": ["sold"]}}  # fmt: skip
    data = load(Reading.model_validate(section), place)
    assert data.raw[:, 0].tolist() == [1.0, 1.5, 2.0, 2.5]
    assert list(data.about.files) == ["query"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sales SET sold = 7 WHERE id = 2",
        "DELETE FROM sales WHERE id = 2",
        "INSERT INTO sales VALUES (9, 'x', 1)",
    ],
)
def test_without_a_watermark_every_change_is_seen(place: Place, statement: str) -> None:
    before = sql().rests_on(place)
    assert sql().rests_on(place) == before == sql().content(place, ()).rests_on
    change(place, statement)
    assert sql().rests_on(place) != before


def test_a_watermark_says_what_is_new(place: Place) -> None:
    source = sql(watermark="id")
    before = source.rests_on(place)
    assert json.loads(before["table sales"]) == {"rows": 5, "watermark": 5}
    assert source.content(place, ()).rests_on == before
    assert source.new_rows(place, before) == 0
    change(place, "INSERT INTO sales VALUES (6, '2024-01-06', 3), (7, '2024-01-07', 4)")
    assert source.new_rows(place, before) == 2
    assert source.rests_on(place) != before
    newer = sql(watermark="id", since=5).content(place, ())
    assert newer.values["id"].to_list() == [6, 7]
    assert json.loads(newer.rests_on["table sales"]) == {"rows": 2, "watermark": 7}
    with pytest.raises(DataError, match="there is no row"):
        sql(watermark="id", since=7).content(place, ())
    with pytest.raises(Refused, match="told by a `watermark`"):
        sql().new_rows(place, before)


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM sales", "SELECT 1; DELETE FROM sales", "PRAGMA query_only = 0", "ATTACH 'other.db' AS other",
        "EXPLAIN SELECT 1", "/* SELECT */ DROP TABLE sales", "SELECT 1;\nSELECT 2", "", "(SELECT 1); x",
    ],
)  # fmt: skip
def test_only_a_single_select_is_taken(query: str) -> None:
    with pytest.raises(ValidationError):
        Sql(url="sqlite:///shop.db", query=query)


@pytest.mark.parametrize("query", ["SELECT ';' FROM a;", "with a as (select 1) select * from a", 'select "a;b" -- x;y'])
def test_a_semicolon_in_a_text_ends_nothing(query: str) -> None:
    assert only_select(query) == query.removesuffix(";")


@pytest.mark.parametrize(
    "query",
    ["SELECT load_extension('x')", "SELECT fts3_tokenizer('simple')",
     "WITH a AS (SELECT 1) DELETE FROM sales", "SELECT * FROM pragma_database_list",
     "SELECT writefile('x', 'y')", "SELECT * FROM absent", "SELECT :name", "SELECT id, id FROM sales"],
)  # fmt: skip
def test_the_database_refuses_the_rest(place: Place, query: str) -> None:
    before = (place.root / "shop.db").read_bytes()
    with pytest.raises(DataError, match=r"the database says|two columns"):
        sql(query=query).content(place, ())
    assert (place.root / "shop.db").read_bytes() == before


@pytest.mark.parametrize("more", [{}, {"since": 3}])
def test_a_watermark_that_is_no_column_is_refused(place: Place, more: dict[str, Any]) -> None:
    """SQLite takes a quoted name that no column has for a text: it would be as great for ever, and hide new rows."""
    for asked in (lambda source: source.rests_on(place), lambda source: source.content(place, ())):
        with pytest.raises(DataError, match=r"the database says: no such column: \w+\.idd"):
            asked(sql(watermark="idd", **more))
    with pytest.raises(DataError, match=r"no such column: source\.idd"):
        sql(watermark="idd").new_rows(place, {"table sales": '{"rows": 5, "watermark": 4}'})


def test_a_query_with_a_watermark_may_end_with_a_comment(place: Place) -> None:
    source = sql(query="SELECT id, sold FROM sales -- all of them", watermark="id", since=2)
    assert source.content(place, ()).values.height == 3


@pytest.mark.parametrize("end", ["; -- all of them", ";/* all */ ", "/* all */;\n", " -- ; no end\n;", ""])
def test_a_comment_may_follow_what_ends_a_query(place: Place, end: str) -> None:
    source = sql(query="SELECT id, sold, ';' AS s FROM sales" + end, watermark="id", since=2)
    assert source.content(place, ()).values.height == 3


def test_a_number_is_no_watermark_of_texts(place: Place) -> None:
    with pytest.raises(DataError, match=r"column `day`: SQLite takes every text.*received 2024; write it in quotes"):
        sql(watermark="day", since=2024).content(place, ())
    assert sql(watermark="day", since="2024-01-03").content(place, ()).values.height == 2


def section(**fields: Any) -> Reading:
    given = {"kind": "sql", "url": "sqlite:///shop.db", **({} if "query" in fields else {"table": "sales"}), **fields}
    return Reading.model_validate({"source": given, "roles": {"time": "day", "target": ["sold"]}})


def test_what_is_read_is_what_the_key_rests_on(place: Place) -> None:
    """Rows that change between the two would be kept under the digest of other rows."""
    before = sql().rests_on(place)
    change(place, "UPDATE sales SET sold = 7 WHERE id = 2")
    read = load(section(), place, as_of=before)
    assert read.raw[:, 0].tolist() == [0.5, 1.0, 1.5, 2.0, 2.5]
    assert dict(read.about.files) == before
    kept = place.cache / before["table sales"]
    kept.write_bytes(kept.read_bytes()[:-1])
    with pytest.raises(DataError, match="must stay as it is while it is read"):
        load(section(), place, as_of=before)
    kept.unlink()
    with pytest.raises(DataError, match="must stay as it is while it is read"):
        load(section(), place, as_of=before)
    now = sql().rests_on(place)
    assert load(section(), place, as_of=now).raw[1, 0] == 7


@pytest.mark.parametrize("more", [{}, {"since": 1}])
def test_rows_beyond_the_watermark_of_the_key_are_the_next_load_s(place: Place, more: dict[str, Any]) -> None:
    before = sql(watermark="id", **more).rests_on(place)
    change(place, "INSERT INTO sales VALUES (6, '2024-01-06', 3)")
    read = load(section(watermark="id", **more), place, as_of=before)
    assert read.raw[-1, 0] == 2.5
    assert dict(read.about.files) == before
    change(place, "DELETE FROM sales WHERE id = 3")
    with pytest.raises(DataError, match="must stay as it is while it is read"):
        load(section(watermark="id", **more), place, as_of=before)


def test_rows_without_a_watermark_are_read_too(place: Place) -> None:
    change(place, "CREATE TABLE log (day TEXT, sold REAL, seen INTEGER)")
    change(place, "INSERT INTO log VALUES ('2024-01-01', 1, NULL), ('2024-01-02', 2, 5)")
    before = sql(table="log", watermark="seen").rests_on(place)
    assert load(section(table="log", watermark="seen"), place, as_of=before).raw[:, 0].tolist() == [1.0, 2.0]
    change(place, "DELETE FROM log WHERE seen = 5")
    before = sql(table="log", watermark="seen").rests_on(place)
    change(place, "INSERT INTO log VALUES ('2024-01-02', 2, 5)")
    assert load(section(table="log", watermark="seen"), place, as_of=before).raw[:, 0].tolist() == [1.0]


def test_rows_that_come_late_are_new(place: Place) -> None:
    source = sql(watermark="day")
    before = source.rests_on(place)
    change(place, "INSERT INTO sales VALUES (6, '2024-01-05', 3), (7, '2024-01-02', 4), (8, '2024-01-06', 4)")
    assert source.new_rows(place, before) == 3
    change(place, "DELETE FROM sales WHERE id < 6")
    assert source.new_rows(place, before) == 1, "those that are gone make none less"


def test_a_database_is_a_file_under_the_roots(place: Place) -> None:
    inside = Place(place.root / "spec", place.root / "spec")
    for url in ("sqlite:////etc/passwd", "sqlite:///../shop.db"):
        with pytest.raises(Refused, match="leads outside") as refused:
            sql(url=url).rests_on(inside)
        assert refused.value.at == ("source", "url")
    with pytest.raises(DataError, match="there is no such file") as refused:
        sql(url="sqlite:///absent.db").rests_on(place)
    assert refused.value.at == ("source", "url")
    assert not (place.root / "absent.db").exists()
    (place.root / "text.db").write_text("this is no database, though it is long enough to be looked at" * 100)
    for source in (sql(url="sqlite:///text.db"), sql(url="sqlite:///text.db", watermark="day")):
        with pytest.raises(DataError, match="the database says: file is not a database; name a database") as refused:
            source.rests_on(place)
        assert refused.value.at == ("source", "url")
    (place.root / "shop.db").chmod(0o444)
    assert sql().content(place, ()).values.height == 5


def test_columns_have_one_type(place: Place) -> None:
    change(place, "CREATE TABLE odd (a, b)")
    change(place, "INSERT INTO odd VALUES (1, 1), (2.5, 'x'), (NULL, 2)")
    assert sql(query="SELECT a FROM odd").content(place, ()).values["a"].to_list() == [1.0, 2.5, None]
    with pytest.raises(DataError, match="column `b`: a column holds values of one type") as refused:
        sql(query="SELECT b FROM odd").content(place, ())
    assert refused.value.at == ("source", "query")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"url": "postgresql://me:word@host/name"}, "a password stands in no spec"),
        ({"url": "postgresql://me:${secret:A}b@host/name"}, "a password stands in no spec"),
        ({"url": "postgresql://me@host/name?password=word"}, "received `password`"),
        ({"url": "postgresql://me@host/name?host=/tmp"}, "received `host`"),
        ({"url": "mysql://me@host/name"}, "received one that begins with `mysql`"),
        ({"url": "duckdb:////etc/passwd"}, "a database is"),
        ({"url": "postgresql://host"}, "write the URL so"),
        ({"table": None}, "received neither"),
        ({"query": "SELECT 1", "table": "sales"}, "received both"),
        ({"since": 3}, "`since` is a value of the `watermark`"),
        ({"table": 'a"; DROP TABLE sales; --'}, "pattern"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_read(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        sql(**fields)


def test_hosts_are_the_operator_s(place: Place) -> None:
    source = sql(url="postgresql://me@database.example/name")
    with pytest.raises(Refused, match="the operator names in `hosts`"):
        source.rests_on(place)
    hidden = Place(place.root, place.root, environment={"U": f"postgresql://me:{PLANTED[:6]}word@db.example/name"})
    with pytest.raises(Refused) as refused:
        sql(url="${secret:U}").rests_on(hidden)
    assert "word" not in str(refused.value)
    assert "db.example" not in str(refused.value)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A real PostgreSQL server on a free port; the port."""
    if any(shutil.which(program) is None for program in ("initdb", "postgres")):
        pytest.skip("PostgreSQL is not installed here")
    pytest.importorskip("psycopg")
    folder = Path("/tmp") / f"rnn-postgres-{os.getpid()}"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # the server refuses to be run by root
    user = "nobody" if os.geteuid() == 0 else None
    groups: list[int] | None = [] if user else None
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    word = folder / "word"
    word.write_text(PLANTED)
    word.chmod(0o644)
    make = ["initdb", "-D", folder / "data", "-U", "owner", "-A", "scram-sha-256", f"--pwfile={word}", "-N"]
    made = subprocess.run(make, capture_output=True, text=True, check=False, cwd=folder, user=user, extra_groups=groups)
    if made.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"no server can be made here: {made.stderr.strip()[-200:]}")
    run = ["postgres", "-D", folder / "data", "-p", str(port), "-k", folder, "-h", "127.0.0.1", "-F"]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(run, stdout=quiet, stderr=quiet, cwd=folder, user=user, extra_groups=groups)
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _connected(port: int) -> Any:
    import psycopg

    return psycopg.connect(host="127.0.0.1", port=port, user="owner", password=PLANTED, dbname="postgres")


def _wait(port: int) -> None:
    import psycopg

    for _ in range(100):
        try:
            _connected(port).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server does not answer")


def test_a_server_is_read_and_nothing_else(server: int, tmp_path: Path) -> None:
    with _connected(server) as connection:
        connection.execute("CREATE TABLE load (at timestamptz, mw numeric, note text)")
        connection.execute(
            "INSERT INTO load VALUES ('2024-01-01 00:00+01', 1.5, '50%'), ('2024-01-01 01:00+01', 2, NULL)"
        )
    place = Place(tmp_path, tmp_path, hosts=("127.0.0.1",), environment={"WORD": PLANTED})
    url = "postgresql://owner:${secret:WORD}@127.0.0.1:" + f"{server}/postgres"
    source = sql(url=url, query="SELECT * FROM load WHERE note LIKE '5%' OR note IS NULL ORDER BY at", watermark="at")
    rows = source.content(place, ()).values
    assert rows["mw"].to_list() == [1.5, 2.0]
    assert rows["at"].to_list() == [datetime(2023, 12, 31, 23, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)]
    before = source.rests_on(place)
    with _connected(server) as connection:
        connection.execute("INSERT INTO load VALUES ('2024-01-01 02:00+01', 3, NULL)")
    assert source.new_rows(place, before) == 1
    newer = sql(url=url, table="load", watermark="at", since="2024-01-01 00:00+00")
    assert newer.content(place, ()).values["mw"].to_list() == [3.0]

    injected = "SELECT 1) AS a; COMMIT; DROP TABLE load; SELECT * FROM (SELECT 1"
    for query in (
        "WITH gone AS (DELETE FROM load RETURNING *) SELECT * FROM gone",
        "SELECT set_config('transaction_read_only', 'off', false) FROM (SELECT 1) AS a, nextval('absent')",
        "SELECT * INTO other FROM load",
    ):
        with pytest.raises(DataError, match="the database says"):
            sql(url=url, query=query).content(place, ())
    sql(url=url, query="SELECT lo_creat(-1) AS made").content(place, ())  # some servers let it, and it is rolled back
    with _connected(server) as connection:
        assert connection.execute("SELECT count(*) FROM pg_largeobject_metadata").fetchone() == (0,)
    unchecked = Sql.model_construct(url=url, table=None, query="SELECT 1", watermark="at", since=3)
    object.__setattr__(unchecked, "query", injected)
    with pytest.raises(Refused):
        unchecked.content(place, ())
    from rnnlib.data.tables.database import reading

    for several in ("SELECT 1; DROP TABLE load", "COMMIT; DROP TABLE load"):
        with pytest.raises(DataError, match="cannot insert multiple commands"), reading(url, place) as connection:
            connection.exec_driver_sql(several)
    with _connected(server) as connection:
        assert connection.execute("SELECT count(*) FROM load").fetchone() == (3,)

    for wrong, at in ((url.replace("WORD", "WRONG"), "WRONG"), ("${secret:URL}", "URL")):
        words = {"WRONG": "wrong" + PLANTED, "URL": f"postgresql://nobody:wrongword@127.0.0.1:{server}/postgres"}
        with pytest.raises(DataError) as refused:
            sql(url=wrong).rests_on(Place(tmp_path, tmp_path, hosts=("127.0.0.1",), environment=words))
        assert words[at] not in str(refused.value)
        assert PLANTED not in str(refused.value)
        assert "wrongword" not in str(refused.value)


def test_a_server_s_rows_are_those_of_the_key_and_of_types_that_there_are(server: int, tmp_path: Path) -> None:
    with _connected(server) as connection:
        connection.execute(
            "CREATE TABLE meter (id uuid, host inet, day date, at timestamptz, said jsonb, took interval, kwh numeric)"
        )
        connection.execute(
            "INSERT INTO meter SELECT '00000000-0000-0000-0000-00000000000a', '10.0.0.1', date '2024-01-01' + n,"
            " timestamptz '2024-01-01 00:00+00' + n * interval '1 day', '{\"a\": 1}', interval '1 h', n"
            " FROM generate_series(0, 4) AS n"
        )
    place = Place(tmp_path, tmp_path, hosts=("127.0.0.1",), environment={"WORD": PLANTED})
    url = "postgresql://owner:${secret:WORD}@127.0.0.1:" + f"{server}/postgres"
    for more in ({}, {"watermark": "at"}):
        given = {"kind": "sql", "url": url, "query": "SELECT * FROM meter ORDER BY at;", **more}
        roles = {"series": "id", "time": "day", "target": ["kwh"], "past": ["host"], "categorical": ["host"]}
        reading = Reading.model_validate({"source": given, "roles": roles})
        before = reading.source.rests_on(place)
        with _connected(server) as connection:
            connection.execute("INSERT INTO meter SELECT id, host, day + 5, at + interval '5 d' FROM meter LIMIT 1")
        read = load(reading, place, as_of=before)
        assert read.sequences["key"].to_list() == ["00000000-0000-0000-0000-00000000000a"]
        assert read.raw[:, 0].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
        assert read.about.words["host"] == ("10.0.0.1",)
        assert dict(read.about.files) == before
        with _connected(server) as connection:
            connection.execute("DELETE FROM meter WHERE kwh IS NULL")
