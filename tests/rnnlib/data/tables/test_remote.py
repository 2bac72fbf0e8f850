"""Tables over the network: a real HTTP server and a real S3 server on this machine, and nothing that is not allowed."""

import hashlib
import logging
import os
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.request import Request

import polars as pl
import pytest
from pydantic import ValidationError

from flows.clean import clean
from rnnlib.data.sources import Arrow, Csv, Ndjson, Parquet
from rnnlib.data.tables import http
from rnnlib.errors import DataError, Refused
from rnnlib.place import Place
from tests.rnnlib.data.tables.served import served

PLANTED = "planted-7d0c5f"


class Web:
    """What a server holds and what it saw."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {"/f.csv": b"a,b\n1,x\n2,y\n"}
        self.fails: list[int] = []
        self.seen: list[tuple[str, int]] = []
        self.tokens: list[str | None] = []
        self.tags = True
        self.cut = 0


class Handler(BaseHTTPRequestHandler):
    def __init__(self, web: Web, *given: Any) -> None:
        self.web = web
        super().__init__(*given)

    def log_message(self, *_said: Any) -> None:
        """Nothing."""

    def _answer(self, code: int, body: bytes = b"", **headers: str) -> None:
        self.web.seen.append((self.path, code))
        self.web.tokens.append(self.headers["Authorization"])
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) - self.web.cut])

    def do_GET(self) -> None:
        if self.web.fails:
            return self._answer(self.web.fails.pop(0))
        if self.path.startswith("/to/"):
            return self._answer(302, Location=self.path.removeprefix("/to/"))
        if self.path not in self.web.files:
            return self._answer(404)
        body = self.web.files[self.path]
        tag = f'"{hashlib.sha256(body).hexdigest()}"'
        if self.web.tags and self.headers["If-None-Match"] == tag:
            return self._answer(304)
        return self._answer(200, body, **({"ETag": tag} if self.web.tags else {}))


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    monkeypatch.setattr(http, "PAUSES", (0.01, 0.01))
    monkeypatch.setenv("no_proxy", "*")
    web = Web()
    with served(partial(Handler, web)) as web.url:
        yield web


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, tmp_path, environment={"TOKEN": PLANTED, "KEY": PLANTED}, hosts=("127.0.0.1", "s3://data"))


def test_a_file_is_brought_once_and_never_stale(web: Web, place: Place) -> None:
    source = Csv(path=f"{web.url}/f.csv")
    assert source.read(place).to_dict(as_series=False) == {"a": [1, 2], "b": ["x", "y"]}
    before = source.rests_on(place)
    assert before == {f"{web.url}/f.csv": hashlib.sha256(web.files["/f.csv"]).hexdigest()}
    assert [code for _, code in web.seen] == [200, 304]
    web.files["/f.csv"] = b"a,b\n1,z\n"
    assert source.rests_on(place) != before
    web.tags = False
    web.files["/f.csv"] = b"a,b\n1,w\n"
    assert source.read(place)["b"].to_list() == ["w"], "without a tag it is brought again"
    assert (place.root / ".rnn" / "remote" / ".gitignore").read_text() == "*\n"


def test_a_clean_up_spares_what_a_load_used(web: Web, place: Place) -> None:
    web.files["/old.csv"] = b"a\n1\n"
    used, old = Csv(path=f"{web.url}/f.csv"), Csv(path=f"{web.url}/old.csv")
    for source in (used, old):
        source.read(place)
    for file in place.cache.iterdir():
        os.utime(file, (0, 0))
    used.read(place)  # the server says that it is as it was
    assert [code for _, code in web.seen] == [200, 200, 304]
    home = place.cache.parent
    assert len(clean(home, timedelta(days=1), dry_run=True).removed) == 2, "a file, and what is noted of it"
    assert len(clean(home, timedelta(days=1)).removed) == 2
    assert sorted(file.name for file in place.cache.iterdir())[0] == ".gitignore"
    assert len(list(place.cache.iterdir())) == 3
    assert old.read(place)["a"].to_list() == [1], "brought again"
    assert [code for _, code in web.seen][3:] == [200]


def test_what_passes_is_tried_again(web: Web, place: Place) -> None:
    web.fails = [503, 429]
    assert Csv(path=f"{web.url}/f.csv").read(place).height == 2
    web.fails = [503] * 3
    with pytest.raises(DataError, match="received 503"):
        Csv(path=f"{web.url}/f.csv").read(place)
    web.cut, web.files["/f.csv"] = 3, b"a\n1\n22\n"
    with pytest.raises(DataError, match="breaks off: 4 bytes came of 7"):
        Csv(path=f"{web.url}/f.csv").read(place)


@pytest.mark.parametrize(("code", "remedy"), [(403, "storage.authorization"), (401, "who asks"), (404, "no such file")])
def test_what_is_refused_is_not_tried_again(web: Web, place: Place, code: int, remedy: str) -> None:
    web.fails = [code]
    with pytest.raises(DataError, match=rf"{remedy}.*received {code}"):
        Csv(path=f"{web.url}/f.csv").read(place)
    assert len(web.seen) == 1


def test_hosts_are_the_operator_s_wherever_a_server_leads(web: Web, place: Place) -> None:
    for path in ("http://localhost:1/f.csv", "https://example.org/f.csv", "s3://other/f.csv"):
        with pytest.raises(Refused, match=r"in `hosts` of rnn\.toml"):
            Csv(path=path).read(place)
    for leads in ("http://localhost:1/f.csv", "file:///etc/passwd", "http://127.0.0.2/f.csv"):
        with pytest.raises((Refused, DataError), match=r"in `hosts`|leads elsewhere|received 302"):
            Csv(path=f"{web.url}/to/{leads}").read(place)
    assert Csv(path=f"{web.url}/to/{web.url}/f.csv").read(place).height == 2
    with pytest.raises(Refused, match="holds no name and no password"):
        Csv(path=web.url.replace("//", "//me:word@") + "/f.csv").read(place)
    with pytest.raises(Refused, match="name one file"):
        Csv(path=f"{web.url}/*.csv").read(place)
    exact = Place(place.root, place.root, hosts=("127.0.0.1:1",))
    with pytest.raises(Refused, match="in `hosts`"):
        Csv(path=f"{web.url}/f.csv").read(exact)


@pytest.mark.parametrize("path", ["http://h:abc/f.csv", "http://[::1/f.csv", "http://h:99999/f.csv", "http://h/ü.csv"])
def test_what_is_no_url_is_refused_and_so_is_a_redirect_to_it(place: Place, path: str) -> None:
    allowed = Place(place.root, place.root, hosts=("h",), environment={"RNN_HOME": str(place.root)})
    with pytest.raises(Refused, match=r"received `http.*\.csv`; correct it"):
        Csv(path=path).read(allowed)
    with pytest.raises(Refused, match=r"received `f\.csv`; correct it"):
        http._Redirects("f.csv", allowed).redirect_request(
            Request("http://h/f.csv"), None, 302, "Found", HTTPMessage(), path
        )
    storage = {"aws_endpoint_url": "ftp://h"}
    with pytest.raises(Refused, match="that of a web server"):
        Parquet(path="s3://b/f.parquet", storage=storage).read(Place(place.root, place.root, hosts=("s3://b", "h")))


@pytest.mark.parametrize(
    ("leads", "told"),
    [("https://h/g.csv", True), ("http://h/g.csv", False), ("https://h:8443/g.csv", False), ("https://k/g.csv", False)],
)
def test_a_token_goes_to_the_same_server_over_the_same_line_alone(place: Place, leads: str, told: bool) -> None:
    allowed = Place(place.root, place.root, hosts=("h", "k"))
    asked = Request("https://h/f.csv", headers={"Authorization": "Bearer x"})
    further = http._Redirects("f.csv", allowed).redirect_request(asked, None, 302, "Found", HTTPMessage(), leads)
    assert further is not None
    assert further.has_header("Authorization") == told


def test_a_token_is_sent_and_nowhere_said(web: Web, place: Place) -> None:
    storage = {"authorization": "Bearer ${secret:TOKEN}"}
    Csv(path=f"{web.url}/f.csv", storage=storage).read(place)
    assert web.tokens == [f"Bearer {PLANTED}"]
    with pytest.raises(DataError) as refused:
        Csv(path=f"{web.url}/${{secret:KEY}}.csv", storage=storage).read(place)
    assert PLANTED not in str(refused.value)
    assert not [one for one in place.cache.rglob("*") if PLANTED.encode() in one.read_bytes()]


@pytest.mark.parametrize(
    ("path", "storage", "message"),
    [
        ("s3://data/f.csv", {"aws_secret_access_key": "word"}, "a secret stands in no spec"),
        ("s3://data/f.csv", {"aws_secret_access_key": "${secret:A}word"}, "a secret stands in no spec"),
        ("https://h/f.csv", {"authorization": "Bearer word"}, "a secret stands in no spec"),
        ("s3://data/f.csv", {"proxy_url": "http://elsewhere"}, "received `proxy_url`"),
        ("f.csv", {"aws_region": "eu"}, "this one is a file"),
    ],
)
def test_a_spec_holds_no_secret(path: str, storage: dict[str, str], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Csv(path=path, storage=storage)


@pytest.fixture
def s3(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, dict[str, str]]]:
    """A client of a real S3 server, and what a spec says of it."""
    moto = pytest.importorskip("moto.server")
    boto3 = pytest.importorskip("boto3")
    monkeypatch.setenv("no_proxy", "*")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    endpoint = "http://{}:{}".format(*server.get_host_and_port())
    names = {"aws_access_key_id": "KEY", "aws_secret_access_key": "TOKEN"}
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **dict.fromkeys(names, PLANTED))
    client.create_bucket(Bucket="data")
    references = {option: f"${{secret:{name}}}" for option, name in names.items()}
    yield client, {"aws_endpoint_url": endpoint, "aws_region": "us-east-1", **references}
    server.stop()


def test_objects_of_a_store(s3: tuple[Any, dict[str, str]], place: Place) -> None:
    client, storage = s3
    frame = pl.DataFrame({"a": [1, 2], "b": ["007", "é"]})
    for name, write in (("f.parquet", frame.write_parquet), ("f.arrow", frame.write_ipc)):
        write(content := BytesIO())
        client.put_object(Bucket="data", Key=name, Body=content.getvalue())
    client.put_object(Bucket="data", Key="f.ndjson", Body=frame.write_ndjson().encode())
    text = b'a,b\r\n1,007\r\n2,"\xc3\xa9"\r\n'
    for number in (1, 2):
        client.put_object(Bucket="data", Key=f"d/{number}.csv", Body=text)
    read = [kind(path=f"s3://data/f.{name}", storage=storage) for name, kind in
            (("parquet", Parquet), ("arrow", Arrow), ("ndjson", Ndjson))]  # fmt: skip
    for source in (*read, Csv(path="s3://data/d/1.csv", storage=storage)):
        assert source.read(place).equals(frame), source
        assert source.rests_on(place) == source.rests_on(place)
    several = Csv(path="s3://data/d/*.csv", storage=storage)
    assert several.read(place)["file"].to_list() == ["s3://data/d/1.csv"] * 2 + ["s3://data/d/2.csv"] * 2
    before = several.rests_on(place)
    client.put_object(Bucket="data", Key="d/2.csv", Body=text.replace(b"007", b"008"))
    assert several.rests_on(place) != before
    client.put_object(Bucket="data", Key="short.csv", Body=b"a,b\n1,2\n3\n")
    with pytest.raises(DataError, match="as many fields as the header, 2: received 1"):
        Csv(path="s3://data/short.csv", storage=storage).read(place)
    with pytest.raises(DataError, match="the store does not give it") as refused:
        Csv(path="s3://data/absent.csv", storage=storage).read(place)
    assert PLANTED not in str(refused.value)
    elsewhere = Place(place.root, place.root, environment=place.environment, hosts=("s3://data",))
    with pytest.raises(Refused, match="in `hosts`"):
        several.read(elsewhere)
