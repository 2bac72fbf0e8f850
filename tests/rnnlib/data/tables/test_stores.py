"""gs and az: a real server on this machine that speaks as much of their protocols as reading objects takes."""

import base64
import hashlib
import json
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import polars as pl
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from pydantic import ValidationError

from rnnlib.data.sources import Arrow, Csv, Ndjson, Parquet, Tsv
from rnnlib.errors import DataError, Refused
from rnnlib.place import Place
from tests.rnnlib.data.tables.served import served

ACCOUNT, WORD = "acc", base64.b64encode(b"planted-5e8d").decode()
WHEN = "Mon, 23 Nov 2026 12:00:00 GMT"


class Stores:
    """The objects of the bucket, or container, `data`, and what was asked."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.url = ""


class Handler(BaseHTTPRequestHandler):
    """GET and HEAD of an object or of a part of it, and the list of objects that begin alike.

    Sources: cloud.google.com/storage/docs/xml-api; learn.microsoft.com/rest/api/storageservices.
    """

    protocol_version = "HTTP/1.1"

    def __init__(self, stores: Stores, *given: Any) -> None:
        self.stores = stores
        super().__init__(*given)

    def log_message(self, *_said: Any) -> None:
        """Nothing."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.stores.asked.append((self.path, self.headers["Authorization"]))
        bucket, _, name = unquote(parts.path).removeprefix("/").partition("/")
        if bucket == "data" and not name and asked.get("list-type") == "2":
            return self._answer(200, self._listed_by_google(asked.get("prefix", "")))
        if bucket == "data" and not name and asked.get("comp") == "list":
            return self._answer(200, self._listed_by_azure(asked.get("prefix", "")))
        if bucket != "data" or name not in self.stores.objects:
            return self._answer(404, b"")
        body = self.stores.objects[name]
        first, last = 0, len(body) - 1
        if held := self.headers["Range"]:
            begin, end = held.removeprefix("bytes=").split("-")
            if begin and int(begin) >= len(body):
                return self._answer(416, b"")
            first, last = (int(begin), min(int(end or last), last)) if begin else (max(len(body) - int(end), 0), last)
        span = {"Content-Range": f"bytes {first}-{last}/{len(body)}"} if held else {}
        return self._answer(206 if held else 200, body[first : last + 1], body, **span)

    def _answer(self, code: int, part: bytes, whole: bytes = b"", **headers: str) -> None:
        self.send_response(code)
        tag = f'"{hashlib.sha256(whole).hexdigest()}"'
        told = {"ETag": tag, "Last-Modified": WHEN, "Content-Length": str(len(part)), **headers}
        for name, value in {**told, "x-ms-blob-type": "BlockBlob", "x-goog-generation": "1"}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(part)

    def _found(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        return ((escape(name), body) for name, body in self.stores.objects.items() if name.startswith(prefix))

    def _listed_by_google(self, prefix: str) -> bytes:
        found = "".join(
            f"<Contents><Key>{name}</Key><Size>{len(body)}</Size><ETag>x</ETag>"
            "<LastModified>2026-11-23T12:00:00.000Z</LastModified></Contents>"
            for name, body in self._found(prefix)
        )
        return f"<?xml version='1.0'?><ListBucketResult>{found}</ListBucketResult>".encode()

    def _listed_by_azure(self, prefix: str) -> bytes:
        found = "".join(
            f"<Blob><Name>{name}</Name><Properties><Last-Modified>{WHEN}</Last-Modified><Etag>x</Etag>"
            f"<Content-Length>{len(body)}</Content-Length><Content-Type>text/csv</Content-Type></Properties></Blob>"
            for name, body in self._found(prefix)
        )
        whole = f"<EnumerationResults><Blobs>{found}</Blobs><NextMarker/></EnumerationResults>"
        return f"<?xml version='1.0'?>{whole}".encode()


@pytest.fixture
def stores(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stores]:
    monkeypatch.setenv("no_proxy", "*")
    stores = Stores()
    with served(partial(Handler, stores)) as stores.url:
        yield stores


SECRET = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = SECRET.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
SERVICE = json.dumps(
    {"type": "service_account", "client_email": "reader@planted.test", "private_key": PEM, "private_key_id": "1"}
)

STORES = {
    "gs": ("google_base_url", {"google_service_account_key": "${secret:SERVICE}"}),
    "az": (
        "azure_storage_endpoint",
        {"azure_storage_account_name": ACCOUNT, "azure_storage_account_key": "${secret:WORD}"},
    ),
}
"""The option that names the server of each store, and what says who asks."""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    environment = {"SERVICE": SERVICE, "WORD": WORD, "SAS": "sv=2023-11-03&sig=planted-5e8d"}
    return Place(tmp_path, tmp_path, environment=environment, hosts=("127.0.0.1", "gs://data", "az://data"))


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, stores: Stores) -> tuple[str, dict[str, str], Stores]:
    """The beginning of a URL, what a spec says of its store, and the store."""
    endpoint, who = STORES[request.param]
    return f"{request.param}://data", {endpoint: stores.url, **who}, stores


Store = tuple[str, dict[str, str], Stores]
FRAME = pl.DataFrame({"a": [1, 2], "b": ["007", "é"]})
TEXT = b'a,b\r\n1,007\r\n2,"\xc3\xa9"\r\n'


def test_objects_of_every_format(store: Store, place: Place) -> None:
    url, storage, held = store
    for name, write in (("f.parquet", FRAME.write_parquet), ("f.arrow", FRAME.write_ipc)):
        write(content := BytesIO())
        held.objects[name] = content.getvalue()
    held.objects |= {"f.ndjson": FRAME.write_ndjson().encode(), "f.csv": TEXT, "f.tsv": TEXT.replace(b",", b"\t")}
    for name, kind in (("parquet", Parquet), ("arrow", Arrow), ("ndjson", Ndjson), ("csv", Csv)):
        source = kind(path=f"{url}/f.{name}", storage=storage)
        assert source.read(place).equals(FRAME), name
        assert source.rests_on(place) == source.rests_on(place)
    assert Tsv(path=f"{url}/f.tsv", storage=storage, quote='"').read(place).equals(FRAME)


def test_several_objects_and_what_changes(store: Store, place: Place) -> None:
    url, storage, held = store
    held.objects = {"d/1.csv": TEXT, "d/x 2 é+%41&.csv": TEXT, "e/3.csv": TEXT}
    several = Csv(path=f"{url}/d/*.csv", storage=storage)
    assert several.read(place)["file"].to_list() == [f"{url}/d/1.csv"] * 2 + [f"{url}/d/x 2 é+%41&.csv"] * 2
    before = several.rests_on(place)
    held.objects["d/1.csv"] = TEXT.replace(b"007", b"008")
    assert several.rests_on(place) != before


def test_who_asks_is_proved_and_nowhere_said(store: Store, place: Place) -> None:
    url, storage, held = store
    held.objects["f.csv"] = TEXT
    Csv(path=f"{url}/f.csv", storage=storage).read(place)
    proof = held.asked[-1][1] or ""
    if url.startswith("az"):
        assert proof.startswith(f"SharedKey {ACCOUNT}:")
    else:
        claim, _, signature = proof.removeprefix("Bearer ").rpartition(".")
        raw = base64.urlsafe_b64decode(signature + "==")
        SECRET.public_key().verify(raw, claim.encode(), padding.PKCS1v15(), hashes.SHA256())
    with pytest.raises(DataError, match="the store does not give it") as refused:
        Csv(path=f"{url}/absent.csv", storage=storage).read(place)
    for planted in (WORD, "reader@planted.test", PEM.splitlines()[1]):
        assert planted not in str(refused.value)
        assert not [one for one in place.cache.rglob("*") if one.is_file() and planted.encode() in one.read_bytes()]


def test_a_shared_access_signature(stores: Stores, place: Place) -> None:
    stores.objects["f.csv"] = TEXT
    storage = {
        "azure_storage_account_name": ACCOUNT,
        "azure_storage_sas_token": "${secret:SAS}",
        "azure_storage_endpoint": stores.url,
    }
    assert Csv(path="az://data/f.csv", storage=storage).read(place).equals(FRAME)
    assert stores.asked[-1][0].endswith("sig=planted-5e8d")
    with pytest.raises(DataError) as refused:
        Csv(path="az://data/absent.csv", storage=storage).read(place)
    assert "planted-5e8d" not in str(refused.value)


def test_the_server_of_a_store_is_one_that_the_operator_names(store: Store, place: Place) -> None:
    url, storage, held = store
    held.objects["f.csv"] = TEXT
    elsewhere = Place(place.root, place.root, environment=place.environment, hosts=("gs://data", "az://data"))
    with pytest.raises(Refused, match="in `hosts`"):
        Csv(path=f"{url}/f.csv", storage=storage).read(elsewhere)
    assert held.asked == []
    endpoint = next(name for name, value in storage.items() if value == held.url)
    with pytest.raises(Refused, match=f"`{endpoint}` is that of a web server"):
        Csv(path=f"{url}/f.csv", storage={**storage, endpoint: "ftp://h"}).read(place)


def test_options_are_those_of_the_store() -> None:
    with pytest.raises(ValidationError, match=r"`gs://` has google_base_url.*received `aws_region`"):
        Csv(path="gs://data/f.csv", storage={"aws_region": "eu"})


def test_what_holds_no_rows_is_refused(store: Store, place: Place) -> None:
    url, storage, held = store
    FRAME.clear().write_parquet(content := BytesIO())
    held.objects = {"empty.csv": b"", "none.parquet": content.getvalue()}
    for kind, name in ((Csv, "empty.csv"), (Parquet, "none.parquet"), (Csv, "absent/*.csv")):
        with pytest.raises(DataError, match=r"there is no object with rows.*check the path"):
            kind(path=f"{url}/{name}", storage=storage).read(place)


def test_text_of_a_store_is_utf8(store: Store, place: Place) -> None:
    url, storage, held = store
    held.objects["f.csv"] = "a,b\n1,æ\n".encode("latin-1")
    with pytest.raises(DataError, match=r"no UTF-8.*save it as UTF-8, or bring it here as a file"):
        Csv(path=f"{url}/f.csv", storage=storage).read(place)
    with pytest.raises(ValidationError, match=r"text from a store is UTF-8: received `latin-1`"):
        Csv(path=f"{url}/f.csv", storage=storage, encoding="latin-1")
    held.objects["f.csv"] = "a,b\n1,x\n".encode("utf-16")
    with pytest.raises(DataError, match=r"no UTF-8|UTF-16"):
        Csv(path=f"{url}/f.csv", storage=storage).read(place)
    held.objects["f.csv"] = b"\xef\xbb\xbf" + TEXT
    assert Csv(path=f"{url}/f.csv", storage=storage).read(place).equals(FRAME), "a byte order mark is skipped"
