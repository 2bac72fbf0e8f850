"""Tables behind a URL: a web server's files, and the objects of s3, gs and az, which polars reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import polars as pl

from rnnlib.data.tables.http import brought, host_of, kept, split_url
from rnnlib.errors import DataError, Refused
from rnnlib.place import File, Place

_URL = re.compile(r"(https?|s3|gs|az)://")
_GLOB = re.compile(r"[*?\[]")
_REFERENCE = re.compile(r"(Bearer |Basic )?\$\{(env|secret):\w+\}")
_PLAIN: Mapping[str, tuple[str, ...]] = {
    "http": (), "https": (),
    "s3": ("aws_endpoint_url", "aws_region"),
    "gs": ("google_base_url",),
    "az": ("azure_storage_account_name", "azure_storage_endpoint"),
}  # fmt: skip
_SECRET: Mapping[str, tuple[str, ...]] = {
    "http": ("authorization",), "https": ("authorization",),
    "s3": ("aws_access_key_id", "aws_secret_access_key", "aws_session_token"),
    "gs": ("google_service_account_key",),
    "az": ("azure_storage_account_key", "azure_storage_sas_token"),
}  # fmt: skip
_ENDPOINTS: Mapping[str, str] = {
    "aws_endpoint_url": "aws_allow_http",
    "google_base_url": "google_allow_http",
    "azure_storage_endpoint": "azure_allow_http",
}
"""Options that name a store's server, and what allows that it is no https one."""
_PATIENCE: Mapping[str, str | int] = {"timeout": "30s", "connect_timeout": "10s", "max_retries": 2}
PATH = "the path of the file"


Fetch = Callable[[str, Mapping[str, str | int]], Mapping[str, bytes]]
"""What reads objects through polars: from a URL and the options of its store, the bytes of each by its own URL."""


def is_url(path: str) -> bool:
    """Whether a path is one of a web server or of an object store."""
    return _URL.match(path) is not None


def is_store(path: str) -> bool:
    """Whether a path is one of an object store, whose texts polars decodes."""
    return is_url(path) and not path.startswith("http")


def refuse_storage(path: str, storage: Mapping[str, str]) -> None:
    """Raises `Refused` for an option that is not known, and for a secret that stands in the spec."""
    if storage and not is_url(path):
        raise Refused("`storage` is about a path such as `s3://bucket/key`, and this one is a file: leave it out")
    scheme = path.partition("://")[0]
    for name, value in storage.items():
        if name not in (known := _PLAIN[scheme] + _SECRET[scheme]):
            rule = f"`storage` of `{scheme}://` has {', '.join(known)}"
            raise Refused(f"{rule}: received `{name}`; take one of these")
        if name in _SECRET[scheme] and not _REFERENCE.fullmatch(value):
            raise Refused(f"a secret stands in no spec: write `{name}: ${{secret:NAME}}`, and set NAME as the operator")


def remote_files(fetch: Fetch, path: str, storage: Mapping[str, str], place: Place) -> list[File]:
    """The files behind a URL, brought to this machine as they are now.

    Raises `Refused` for a host or a bucket that the operator does not name, `DataError` for what is said there.
    """
    url, options = place.reveal(path), {name: place.reveal(value) for name, value in storage.items()}
    address = split_url(url, path)
    if url.startswith("http"):
        if _GLOB.search(address.path):
            raise Refused(f"a web server lists no files: received wildcards in `{path}`; name one file")
        headers = {"Authorization": options["authorization"]} if "authorization" in options else {}
        return [File(path, brought(url, path, place, headers))]
    place.allow(f"{address.scheme}://{address.netloc}", path)
    for name in _ENDPOINTS.keys() & options.keys():
        parts = split_url(options[name], storage[name])
        if parts.scheme not in ("http", "https"):
            rule = f"`{name}` is that of a web server, `https://HOST:PORT`"
            raise Refused(f"{rule}: received `{storage[name]}`; write it out")
        place.allow(host_of(parts), path)
        options[_ENDPOINTS[name]] = str(parts.scheme == "http").lower()
    several = _GLOB.search(url) is not None
    if several and path != url:
        raise Refused(f"names of files that are found by wildcards would show the reference in `{path}`: write it out")
    try:
        found = fetch(url, {**_PATIENCE, **options})
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        if "invalid utf8" in str(error):
            rule = "text from a store is UTF-8, and this is no UTF-8"
            raise DataError(f"{rule}: save it as UTF-8, or bring it here as a file", file=path) from None
        reason = place.scrubbed(" ".join(str(error).split())[:300])
        rule = "the store does not give it"
        raise DataError(f"{rule}: {reason}; check the path and the references under `storage`", file=path) from None
    if not found:
        raise DataError("there is no object with rows: check the path, and that what it names is not empty", file=path)
    return [File(name if several else path, kept(content, place)) for name, content in sorted(found.items())]


def lines_of(url: str, storage: Mapping[str, str | int]) -> dict[str, bytes]:
    """Objects of text, by their URL; every line ends in one `\\n` here, and an object without any is left out.

    Raises polars' errors, also where the text is no UTF-8.
    """
    lines = pl.scan_lines(
        url, name="line", storage_options=dict(storage), credential_provider=None, include_file_paths=PATH
    ).collect(engine="in-memory")
    return {
        str(name[0]): "".join(f"{line}\n" for line in rows["line"]).encode()
        for name, rows in lines.partition_by(PATH, as_dict=True, maintain_order=True).items()
    }
