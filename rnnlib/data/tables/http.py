"""Files of a web server: brought into the project's home under the digest of their bytes."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Mapping
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import SplitResult, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from rnnlib.errors import DataError, Refused
from rnnlib.place import Place

SECONDS = 30.0
"""How long a server may be silent."""
PAUSES = (0.5, 2.0)
"""Seconds to wait before the second and the third try."""
_PIECE = 1 << 20
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_NOT_MODIFIED = 304
_PORTS = {"http": 80, "https": 443}
_REASONS = {
    401: "the server wants to know who asks: name the reference to a token under `storage.authorization`",
    403: "the server refuses it: look at the rights of the token under `storage.authorization`",
    404: "there is no such file: check the path",
}


def brought(url: str, shown: str, place: Place, headers: Mapping[str, str]) -> Path:
    """The file at `url` in the cache, as the server has it now; `shown` is how the spec writes it.

    It is asked for each time: where the server still knows it by its strong ETag, no byte is sent again. What passes
    (a server that is busy, a line that breaks) is tried three times. Raises `Refused` for a host that is not allowed,
    `DataError` for what the server refuses.
    """
    _allowed(url, shown, place)
    note = place.cache / f"{hashlib.sha256(url.encode()).hexdigest()}.json"
    known = json.loads(note.read_text()) if note.is_file() else {}
    held = place.cache / str(known.get("sha256", "none"))
    condition = {"If-None-Match": str(known["etag"])} if held.is_file() and known.get("etag") else {}
    for pause in (*PAUSES, None):
        try:
            return _asked(Request(url, headers={**headers, **condition}), shown, place, note, held)
        except HTTPError as error:
            with error:
                passing, reason = error.code in _PASSING, _REASONS.get(error.code, "the server cannot give it")
                said = f"{reason} (received {error.code} {error.reason})"
        except (OSError, HTTPException) as error:
            passing, said = True, f"the server cannot be reached, or breaks off: {error}; check the host"
        if pause is None or not passing:
            break
        time.sleep(pause)
    raise DataError(place.scrubbed(said), file=shown)


def _asked(request: Request, shown: str, place: Place, note: Path, held: Path) -> Path:
    try:
        with build_opener(_Redirects(shown, place)).open(request, timeout=SECONDS) as answer:
            path = _kept(answer, place.cache)
            tag = answer.headers.get("ETag", "")
    except HTTPError as error:
        if error.code != _NOT_MODIFIED:
            raise
        error.close()
        for used in (held, note):  # a clean-up goes by when they were last used
            used.touch()
        return held
    strong = tag if tag.startswith('"') else ""
    _written(note, json.dumps({"etag": strong, "sha256": path.name}).encode())
    return path


def _kept(answer: HTTPResponse, folder: Path) -> Path:
    """The body in a file that is named by its digest; raises `OSError` where it is shorter than was said."""
    digest, size = hashlib.sha256(), 0
    descriptor, name = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as out:
            while piece := answer.read(_PIECE):
                digest.update(piece)
                size += out.write(piece)
        expected = answer.headers.get("Content-Length")
        if expected is not None and int(expected) != size:
            raise OSError(f"{size} bytes came of {expected}")
        return Path(name).rename(folder / digest.hexdigest())
    finally:
        Path(name).unlink(missing_ok=True)


def _written(path: Path, content: bytes) -> Path:
    """Whole or not at all."""
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
    return Path(name).rename(path)


def kept(content: bytes, place: Place) -> Path:
    """Bytes in the cache, under their digest."""
    return _written(place.cache / hashlib.sha256(content).hexdigest(), content)


def split_url(url: str, shown: str) -> SplitResult:
    """The pieces of a URL; raises `Refused` where it is none. `shown` is how the spec writes it."""
    try:
        parts = urlsplit(url)
        _ = parts.port, url.encode("ascii") if parts.scheme in _PORTS else b""
    except ValueError:  # its text holds what references stand for
        rule = "a URL is `https://HOST:PORT/PATH`, its port a number, letters beyond ASCII as `%C3%BC`"
        raise Refused(f"{rule}: received `{shown}`; correct it") from None
    return parts


def host_of(parts: SplitResult) -> str:
    """The host and the port that are reached, as an operator allows them."""
    return f"{parts.hostname}:{parts.port or _PORTS[parts.scheme]}"


def _allowed(url: str, shown: str, place: Place) -> None:
    parts = split_url(url, shown)
    if parts.username is not None or parts.password is not None:
        rule = "a URL holds no name and no password"
        raise Refused(f"{rule}: received one in `{shown}`; write them as references under `storage.authorization`")
    place.allow(host_of(parts), shown)


def _server(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


class _Redirects(HTTPRedirectHandler):
    """Follows a server only to hosts that are allowed, and shows a token to none but the first."""

    def __init__(self, shown: str, place: Place) -> None:
        self.shown, self.place = shown, place

    def redirect_request(  # noqa: PLR0917 - urllib calls it so
        self, req: Request, fp: Any, code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        if split_url(newurl, self.shown).scheme not in _PORTS:
            raise Refused(f"a web server leads to other web servers only: `{self.shown}` leads elsewhere")
        _allowed(newurl, self.shown, self.place)
        further = super().redirect_request(req, fp, code, msg, headers, newurl)
        if further is not None and _server(newurl) != _server(req.full_url):  # nor where a line is no longer secret
            further.remove_header("Authorization")
        return further
