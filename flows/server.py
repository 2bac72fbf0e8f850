"""A Prefect server that this process owns: it dies with its owner, however that dies.

It is started before the heavy imports, so that both go on at once: this module imports next to nothing.
Two runs on one home have a server each, on the same SQLite database in WAL mode; only their start is taken in turns.
"""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from secrets import token_urlsafe
from types import TracebackType
from typing import Self
from urllib.error import HTTPError

from rnnlib.errors import Refused

_STARTS_WITHIN = 120.0
_ANSWERS_WITHIN = 10.0
_STOPS_WITHIN = 8.0
_LOG_LIMIT = 1 << 20


class ServerFailed(Refused):
    """The Prefect server could not be started, or does not answer."""

    exit_code = 1


class EmbeddedServer:
    """A Prefect server on 127.0.0.1 with its database under `<home>/prefect`, for the length of a `with` block.

    Where `url` names a server, or else the variable `PREFECT_API_URL`, that one is used and none is started; an empty
    `url` starts one whatever the variable says. While the block lasts, this process's environment names the server.
    With `schedules` it fires schedules, too.
    """

    def __init__(self, home: Path, *, url: str | None = None, schedules: bool = False) -> None:
        self.folder = home.resolve() / "prefect"
        if "?" in str(self.folder):
            raise Refused(
                f"`{home}` cannot hold Prefect's database: a database address ends at `?`; choose another home"
            )
        self.log = self.folder / "server.log"
        self.url = os.environ.get("PREFECT_API_URL", "") if url is None else url
        self.owned = not self.url
        self._schedules = schedules
        self._process: subprocess.Popen[bytes] | None = None
        self._hold = -1
        self._before: dict[str, str | None] = {}

    @property
    def pid(self) -> int | None:
        """The process id of a server of our own."""
        return self._process.pid if self._process else None

    @property
    def to_look(self) -> str:
        """What a person types, or opens, to look at the runs after they ended."""
        if not self.owned:
            return self.url.removesuffix("/api")
        return (
            f"PREFECT_HOME={shlex.quote(str(self.folder))} PREFECT_SERVER_ANALYTICS_ENABLED=false prefect server start"
        )

    def __enter__(self) -> Self:
        if self.owned:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
                self.url = f"http://127.0.0.1:{listening.getsockname()[1]}/api"
                self._enter_environment(_embedded(self.folder, self.url))
                self._process = self._spawn(listening)
        else:
            safe = {name: value for name, value in _ALWAYS.items() if name not in os.environ}
            self._enter_environment({**safe, "PREFECT_API_URL": self.url})
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()
        _set(self._before)
        self._before = {}

    def ready(self) -> str:
        """Waits until the server answers, and returns its address; raises `ServerFailed` with the end of its log."""
        proxies = urllib.request.ProxyHandler({} if self.owned else None)
        try:
            # The socket was listening before the server was born: the request waits in its queue until it is served,
            # and is cut off at once if the server dies.
            with urllib.request.build_opener(proxies).open(
                f"{self.url}/health", timeout=_STARTS_WITHIN if self.owned else _ANSWERS_WITHIN
            ):
                return self.url
        except OSError as error:
            if isinstance(error, HTTPError) and not self.owned:
                return self.url  # somebody is there; the client says who we are
            raise ServerFailed(self._why(error)) from error

    def stop(self) -> None:
        """Ends a server of our own: closing the pipe is what its owner's death would do."""
        if self._process is None:
            return
        os.close(self._hold)
        try:
            self._process.wait(_STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _spawn(self, listening: socket.socket) -> subprocess.Popen[bytes]:
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT:
            self.log.unlink()
        owner, self._hold = os.pipe()
        environment = {**os.environ, **({} if self._schedules else {"PREFECT__SERVER_EPHEMERAL": "1"})}
        command = [sys.executable, "-P", "-m", "flows.server_process", str(listening.fileno()), str(os.getpid())]
        try:
            with self.log.open("ab") as log:
                return subprocess.Popen(
                    command,
                    stdin=owner,
                    stdout=log,
                    stderr=log,
                    env=environment,
                    pass_fds=[listening.fileno()],
                    start_new_session=True,
                )
        finally:
            os.close(owner)

    def _enter_environment(self, values: Mapping[str, str | None]) -> None:
        self._before = {name: os.environ.get(name) for name in values}
        _set(values)

    def _why(self, error: Exception) -> str:
        if not self.owned:
            return (
                f"no Prefect server answers at {self.url} (PREFECT_API_URL): {error}; start it, or unset the variable"
            )
        code = None
        with suppress(subprocess.TimeoutExpired):
            code = self._process.wait(2) if self._process else None
        how = f"ended with {code}" if code is not None else f"did not answer: {error}"
        said = self.log.read_text(errors="replace").splitlines()[-12:] if self.log.exists() else []
        last = "\n  ".join(line for line in said if line.strip()) or "nothing"
        remedy = "run `rnn doctor`, or the pipeline without any server by `--inline`"
        return f"the Prefect server {how}; {remedy}. The end of {self.log}:\n  {last}"


_ALWAYS = {
    # A pickle that somebody planted must never be read, and a failed run must not write one.
    "PREFECT_RESULTS_DEFAULT_SERIALIZER": "json",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    # The command line shows its own progress; what Prefect logs is kept in its database.
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
}


def _embedded(folder: Path, url: str) -> dict[str, str | None]:
    """What both sides of a server of our own are told, whatever the operator's own Prefect settings are."""
    auth = f"rnn:{token_urlsafe(24)}"  # other users of the machine reach the port, too
    local = "127.0.0.1"
    around = [host for host in os.environ.get("NO_PROXY", "").split(",") if host and host != local]
    others = [name for name in os.environ if name.startswith("PREFECT_") and not name.startswith("PREFECT_LOGGING_")]
    return {
        **dict.fromkeys(others),
        **_ALWAYS,
        "PREFECT_HOME": str(folder),
        "PREFECT_API_URL": url,
        "PREFECT_API_AUTH_STRING": auth,
        "PREFECT_SERVER_API_AUTH_STRING": auth,
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{folder / 'prefect.db'}",
        "PREFECT_SERVER_DATABASE_TIMEOUT": "60",
        "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "PREFECT_UI_ENABLED": "false",
        "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",  # it is the same installation
        "PREFECT__SERVER_FINAL": "1",
        "NO_PROXY": ",".join([*around, local]),
    }


def _set(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
