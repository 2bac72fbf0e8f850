"""Databases that are read: who they are, where they may be, and that nothing in them can be changed from here."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from rnnlib.errors import DataError, Refused, refusals_at
from rnnlib.place import Place

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_SECONDS = 20
"""How long a server may take to answer a call for a connection."""
_REFERENCE = re.compile(r"\$\{(?:env|secret):\w+\}")
_SQLITE = "sqlite:///"
_OPTIONS = frozenset({"sslmode", "application_name"})
_READS = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})

_NATIVE = frozenset({"load_extension", "fts3_tokenizer"})
"""Functions of SQLite that load code, or tell where it lies in memory."""


def refuse_literal_password(url: str) -> None:
    """Raises `Refused` where a URL, as the spec writes it, is of no known database or holds a password as such."""
    if url.startswith(_SQLITE) or _REFERENCE.fullmatch(url):
        return
    parts = urlsplit(_REFERENCE.sub("reference", url))
    if parts.scheme != "postgresql":
        rule = "a database is `sqlite:///FILE` or `postgresql://USER@HOST/NAME`"
        raise Refused(f"{rule}: received one that begins with `{parts.scheme or url[:10]}`; export its rows to a file")
    password = _pieces(url)["password"]
    if password and not _REFERENCE.fullmatch(password):
        raise Refused("a password stands in no spec: write `${secret:NAME}` in its place, and set NAME as the operator")
    for name, _ in parse_qsl(parts.query, keep_blank_values=True):
        if name not in _OPTIONS:
            rule = f"of a database's options a spec says {' and '.join(sorted(_OPTIONS))}"
            raise Refused(f"{rule}: received `{name}`; take it out")


@contextmanager
def reading(url: str, place: Place) -> Iterator[Connection]:
    """A connection in one transaction that can only read, and sees one state of the database.

    Raises `Refused` for a file outside the roots and a host that the operator does not allow, `DataError` for what the
    database says; neither holds what a reference stands for.
    """
    from sqlalchemy.exc import SQLAlchemyError  # lazy: most specs read no database

    with refusals_at("source", "url"):
        refuse_literal_password(url)
        resolved = place.reveal(url)
        engine = _sqlite(url, place) if resolved.startswith(_SQLITE) else _postgresql(resolved, url, place)
    asked, remedy = "url", "name a database that can be reached, and that is one"
    try:
        with engine.connect() as connection:  # rolled back at its end, whatever was done
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")  # else every statement would see a moment of its own
                connection.exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1")  # reads the file for the first time
                driver = connection.connection.driver_connection
                assert isinstance(driver, sqlite3.Connection), "made below"
                driver.set_authorizer(_only_reads)
            asked, remedy = "query", "correct the query"
            yield connection
    except (SQLAlchemyError, sqlite3.Error) as error:
        reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        rule = f"the database says: {place.scrubbed(reason)}"
        raise DataError(f"{rule}; {remedy}", file=url, at=("source", asked)) from None
    finally:
        engine.dispose()


def _sqlite(url: str, place: Place) -> Engine:
    from sqlalchemy import create_engine

    if not url.startswith(_SQLITE):
        raise Refused(f"the file of a database is named in the spec, `{_SQLITE}${{env:NAME}}`: received `{url}`")
    file, *more = place.files(url.removeprefix(_SQLITE))
    if more:
        raise Refused(f"a database is one file, and several match `{url}`: name one")

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(f"file:{quote(str(file.path))}?mode=ro", uri=True, isolation_level=None)

    return create_engine("sqlite://", creator=connect)


def _only_reads(action: int, name: str | None, *_more: str | None) -> int:
    """No ATTACH, which opens other files; no PRAGMA; no function that loads code."""
    harmless = action in _READS and str(_more[0] if _more else name).lower() not in _NATIVE
    return sqlite3.SQLITE_OK if harmless or action == sqlite3.SQLITE_TRANSACTION else sqlite3.SQLITE_DENY


def _postgresql(resolved: str, url: str, place: Place) -> Engine:
    try:
        import psycopg  # noqa: F401 - SQLAlchemy loads it by its name
    except ImportError as error:
        raise Refused('PostgreSQL is read by psycopg, which is not here: pip install "rnnlib[sql]"') from error
    from sqlalchemy import URL, create_engine

    written = resolved if _REFERENCE.fullmatch(url) else url
    parts = urlsplit(written)
    piece = {name: _value(text, place) for name, text in _pieces(written).items()}
    host, port = piece["host"], piece["port"]
    for value in (piece["password"], piece["user"], host) if written is resolved else ():
        place.conceal(value, url)
    place.allow(f"{host}:{port or 5432}", url)
    name = piece["name"]
    if not re.fullmatch(r"[\w.-]+", name):
        raise Refused(f"a database's name has letters, digits, `_`, `.` and `-`: look at `{url}`")
    target = URL.create(
        "postgresql+psycopg", piece["user"] or None, piece["password"] or None,
        host, int(port) if port else None, name, dict(parse_qsl(parts.query)),
    )  # fmt: skip
    # prepared at once: the protocol of prepared statements takes one statement, never several
    arguments = {"connect_timeout": _SECONDS, "prepare_threshold": 0, "options": "-c timezone=UTC"}
    engine = create_engine(target, connect_args=arguments)
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _value(text: str | None, place: Place) -> str:
    """What a piece of a URL stands for: a reference's value is taken as it is, what is written is unescaped."""
    text = text or ""
    return place.reveal(text) if _REFERENCE.search(text) else unquote(text)


def _pieces(url: str) -> dict[str, str | None]:
    """User, password, host, port and name, each of which may be a reference, whose value may hold any character."""
    one = r"(?:\$\{\w+:\w+\}|[^:@/?$])"
    form = rf"postgresql://(?:(?P<user>{one}*)(?::(?P<password>{one}*))?@)?(?P<host>{one}+)(?::(?P<port>{one}+))?"
    found = re.fullmatch(rf"{form}/(?P<name>{one}+)(?:\?.*)?", url)
    if found is None:
        raise Refused("a database is `postgresql://USER:${secret:NAME}@HOST:PORT/NAME`: write the URL so")
    return found.groupdict()
