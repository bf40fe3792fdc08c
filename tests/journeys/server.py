"""The real service as a process of its own, as an operator starts it, and the commands beside it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import httpx
import pytest

COMMAND = Path(sys.executable).parent / "samatthana"
STARTS_WITHIN = 90.0
"""Seconds; a start takes three on an idle machine."""
STOPS_WITHIN = 20.0


class Server:
    """A demonstration service on a data folder; it can be killed and started again.

    `options` are more words of the command `samatthana serve`.
    """

    def __init__(self, data: Path, *options: str) -> None:
        self.data, self.port, self.options = data, _free_port(), options
        self.address = f"http://127.0.0.1:{self.port}"
        self._log: IO[str] | None = None
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it, if it does not run, and wait until it answers.

        A service that does not is a failure, explained by what it printed.
        """
        if self._process is not None:
            return
        words = ["serve", "--demo", "--port", str(self.port), "--data", str(self.data)]
        words.extend(self.options)
        self._log = self.data.with_suffix(".log").open("a", encoding="utf-8")
        self._process = subprocess.Popen(
            [COMMAND, *words], env=_environment(), stdout=self._log, stderr=subprocess.STDOUT
        )
        until(self._answers, "the service to answer", within=STARTS_WITHIN, seen=self.output)

    def ask_to_stop(self) -> None:
        """Send it SIGTERM, as a service manager does."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)

    def stopped(self) -> float:
        """Wait until it has stopped; return the seconds that took."""
        begun = time.monotonic()
        self._ended(STOPS_WITHIN)
        return time.monotonic() - begun

    def kill(self) -> None:
        """End its process at once, without a chance to tidy up."""
        assert self._process is not None
        self._process.kill()
        self._ended(STOPS_WITHIN)

    def dispose(self) -> None:
        """Leave nothing running, whatever happened before."""
        if self._process is not None:
            self.kill()
        postgres = self.postgres()
        if postgres is not None:
            os.kill(postgres, signal.SIGINT)
            until(lambda: not running(postgres), "PostgreSQL to stop", within=STOPS_WITHIN)

    def postgres(self) -> int | None:
        """Return the process id of the PostgreSQL that uses the data folder, if one runs."""
        try:
            number = int((self.data / "postgres" / "postmaster.pid").read_text().split()[0])
        except FileNotFoundError:
            return None
        return number if running(number) else None

    def output(self) -> str:
        """Return everything it printed."""
        return self.data.with_suffix(".log").read_text(encoding="utf-8")

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `samatthana ...` in a process of its own, on the same data folder."""
        return subprocess.run(
            [COMMAND, *words, "--data", str(self.data)],
            env=_environment(),
            capture_output=True,
            text=True,
            timeout=STARTS_WITHIN,
            check=False,
        )

    def json_of(self, *words: str) -> Any:
        """Return what a command prints with `--json`; it must succeed."""
        done = self.command(*words, "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            pytest.fail(f"The service ended with {self._process.returncode}:\n{self.output()}")
        try:
            return httpx.get(f"{self.address}/readyz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def _ended(self, within: float) -> None:
        assert self._process is not None
        assert self._log is not None
        try:
            self._process.wait(within)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            pytest.fail(f"The service did not stop within {within:.0f} s:\n{self.output()}")
        finally:
            self._log.close()
            self._process = None


@contextmanager
def served(data: Path, *options: str) -> Iterator[Server]:
    """A service that runs on a data folder, and nothing of it afterwards."""
    server = Server(data, *options)
    try:
        server.start()
        yield server
    finally:
        server.dispose()


def running(process: int) -> bool:
    """Say whether a process runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def until(
    condition: Callable[[], object],
    what: str,
    *,
    within: float = 30.0,
    seen: Callable[[], str] = str,
) -> None:
    """Wait until a condition holds; fail, with what was seen, when it does not in time."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"Waited {within:.0f} s in vain for {what}.\n{seen()}")
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment() -> dict[str, str]:
    """The environment without this shell's own settings of the service."""
    return {name: each for name, each in os.environ.items() if not name.startswith("SAMATTHANA_")}
