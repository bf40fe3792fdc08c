"""A real PostgreSQL in the data folder, for whoever has none: started when needed, shared, stopped.

Three lock files tell the truth whatever was killed, and how:

- `postgres.users.lock` is held (shared) by every process that uses the server;
- `postgres.server.lock` is inherited by the server itself: held means it runs;
- `postgres.starting.lock` is held while somebody starts or stops it, also by the programs that make
  the first files: one whose parent was killed has the next start wait for its end.
"""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import stat
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import IO, NoReturn

from sqlalchemy.engine import URL

from api.database import cluster as files
from api.database.connection import DatabaseDownError, check_connection, connect_once
from api.database.locks import PAUSE_SECONDS, exclusive, is_locked, open_lock, try_lock
from api.database.programs import OWN_SERVER, Programs, find_programs
from api.errors import OperatorError

STARTING_SECONDS = 180
"""Recovery after a crash takes its time on a slow disk."""
STOPPING_SECONDS = 60
SOCKET_PORT = 5432
"""Only part of the socket's name; no port is opened."""
SOCKET_PATH_LIMIT = 103
"""Bytes that a Unix socket's path may have on macOS; Linux allows 107."""
LARGE_LOG = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Urls:
    """How to reach a database; shown without passwords.

    `owner` may change tables and is None when the operator has given only the application's URL.
    """

    application: URL
    owner: URL | None


@contextmanager
def embedded_postgres(data: Path, *, durable: bool = True) -> Iterator[Urls]:
    """Use the PostgreSQL in the folder `data`; start it first when it does not run.

    Any number of processes may do so at once. The last one to leave stops the server.

    Parameters
    ----------
    data
        Made when missing. The database is in `data/postgres`, its log in `data/postgres.log`.
    durable
        False lets a power cut lose data; for tests only.

    Raises
    ------
    OperatorError
        It cannot be started here; says why, with the last lines of its log, and what to do.
    """
    if sys.platform == "win32":
        raise OperatorError("The embedded PostgreSQL needs Linux or macOS.", OWN_SERVER)
    data = data.absolute()
    with _readable_faults(data):
        # Others may pass through but not look: as root, PostgreSQL may run as another user.
        data.mkdir(mode=0o711, parents=True, exist_ok=True)
        users = open_lock(data / "postgres.users.lock")
    try:
        with _termination_as_exit():
            with _readable_faults(data), _starting(data) as starting:
                try_lock(users, shared=True)
                urls = _running_server(data, users) or _start(data, starting, durable=durable)
            try:
                yield urls
            finally:
                with _starting(data):
                    if try_lock(users):
                        _stop(data)
    finally:
        os.close(users)


@contextmanager
def _termination_as_exit() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the block as Ctrl-C does; left alone they would end it unseen."""
    wanted = (signal.SIGTERM, signal.SIGHUP)
    free = [number for number in wanted if signal.getsignal(number) == signal.SIG_DFL]
    if threading.current_thread() is not threading.main_thread():
        free = []
    for number in free:
        signal.signal(number, _exit)
    try:
        yield
    finally:
        for number in free:
            signal.signal(number, signal.SIG_DFL)


def _exit(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


@contextmanager
def _readable_faults(data: Path) -> Iterator[None]:
    other = "Choose a folder you may write to, with --data or SAMATTHANA_DATA."
    try:
        yield
    except (FileExistsError, NotADirectoryError):
        raise OperatorError(f"The data folder {data} is a file, or lies in one.", other) from None
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        raise OperatorError(
            f"The data folder {data} cannot be used: {error.strerror}{place}.", other
        ) from error


def _starting(data: Path) -> AbstractContextManager[int]:
    return exclusive(data / "postgres.starting.lock", STARTING_SECONDS)


# --- a server that runs already ---------------------------------------------------------------


def _running_server(data: Path, users: int) -> Urls | None:
    """Reach the server if one runs; None: start one.

    A server that runs but cannot be reached (its socket or a password file was deleted) is
    stopped, unless others are using it.
    """
    if not is_locked(data / "postgres.server.lock"):
        return _server_of_others(data)
    try:
        return _wait_until_ready(data)
    except (DatabaseDownError, FileNotFoundError) as error:
        alone = try_lock(users)
        try_lock(users, shared=True)
        if not alone:
            raise OperatorError(
                f"The PostgreSQL of {data} runs but cannot be reached: {error}",
                "End every samatthana process that uses this folder, then start again.",
            ) from error
        _stop(data)
        return None


def _server_of_others(data: Path) -> Urls | None:
    """Reach a server that an administrator started by hand on our folder; we never stop it."""
    status = _status(data)
    if status is None or not status.ready:
        return None
    try:
        return _checked(_urls(data, status))
    except (DatabaseDownError, FileNotFoundError):
        return None


def _checked(urls: Urls) -> Urls:
    check_connection(connect_once(urls.application))
    return urls


def _wait_until_ready(data: Path) -> Urls | None:
    """Give the URLs once the server accepts connections; None when it has ended instead."""
    end = time.monotonic() + STARTING_SECONDS
    while is_locked(data / "postgres.server.lock"):
        status = _status(data)
        if status is not None and status.ready:
            return _checked(_urls(data, status))
        if time.monotonic() > end:
            raise OperatorError(
                f"The PostgreSQL of {data} has not become ready in {STARTING_SECONDS} seconds."
                f" Its log ends with:\n{_log_end(data)}\n",
                "It may still be recovering from a crash: wait a little and try again.",
            )
        time.sleep(PAUSE_SECONDS)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Status:
    """What a server says of itself in `postmaster.pid`."""

    pid: int
    port: int
    sockets: str
    """Folder of its socket; empty when it listens on the loopback address instead."""
    ready: bool


def _status(data: Path) -> _Status | None:
    """Read `postmaster.pid`: pid, folder, start, port, sockets, address, memory, state by line."""
    try:
        lines = (data / "postgres" / "postmaster.pid").read_text().splitlines()
    except OSError:
        return None
    if len(lines) < 8:
        return None
    pid, port, ready = int(lines[0]), int(lines[3]), lines[7].strip() == "ready"
    return _Status(pid=pid, port=port, sockets=lines[4].strip(), ready=ready)


def _urls(data: Path, status: _Status) -> Urls:
    return Urls(
        application=_url(data, files.APPLICATION, status), owner=_url(data, files.OWNER, status)
    )


def _url(data: Path, role: str, status: _Status) -> URL:
    return URL.create(
        "postgresql+psycopg",
        username=role,
        password=files.read_secret(data, role),
        database=files.DATABASE,
        query={
            "host": status.sockets or "127.0.0.1",
            "port": str(status.port),
            "require_auth": "scram-sha-256",
        },
    )


# --- starting ---------------------------------------------------------------------------------


def _start(data: Path, starting: int, *, durable: bool) -> Urls:
    programs = replace(find_programs(data / "postgres"), keep=(starting,))
    # Nobody holds the server's lock: whatever this file names, it is not our server.
    (data / "postgres" / "postmaster.pid").unlink(missing_ok=True)
    files.create_cluster(programs, data, durable=durable)
    programs.give(data / "postgres")
    _launch(programs, data, {} if durable else files.NOT_DURABLE)
    try:
        urls = _wait_until_ready(data)
    except (KeyboardInterrupt, SystemExit):
        _stop(data)
        raise
    if urls is None:
        raise OperatorError(
            f"PostgreSQL did not start in {data}. Its log ends with:\n{_log_end(data)}\n",
            "docs/operating.md, section 'Messages', explains the common ones.",
        )
    return urls


def _launch(programs: Programs, data: Path, settings: dict[str, str]) -> None:
    """Start the server; it inherits the held server lock, and frees it by ending."""
    listening = _listening(programs, data)
    options = [f"-c{name}={value}" for name, value in {**listening, **settings}.items()]
    lock = open_lock(data / "postgres.server.lock")
    try:
        try_lock(lock)
        with _open_log(data) as log:
            command = programs.command("postgres", "-D", data / "postgres", *options)
            programs.run_detached(command, log=log, keep=lock)
    finally:
        os.close(lock)


def _listening(programs: Programs, data: Path) -> dict[str, str]:
    """Settings to listen on a Unix socket, or on the loopback address where there are none."""
    folder = _socket_folder(data, {os.geteuid(), programs.user})
    if not _can_hold_sockets(folder):
        folder.rmdir()
        port = str(_free_port())
        return {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "port": port}
    programs.give(folder)
    sockets = str(folder)
    return {"listen_addresses": "", "unix_socket_directories": sockets, "port": str(SOCKET_PORT)}


def _socket_folder(data: Path, owners: set[int | None]) -> Path:
    """Make a folder with a short path that nobody else can enter: the socket's path is limited."""
    name = "samatthana-" + hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    places = [Path(tempfile.gettempdir()) / name, Path("/tmp") / name]
    folder = next((place for place in places if _is_short(place)), places[-1])
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid not in owners:
        raise OperatorError(
            f"{folder}, where the database's socket belongs, is somebody else's.",
            "Remove it, or set TMPDIR to a folder of your own.",
        )
    folder.chmod(0o700)
    for remains in folder.glob(".s.*"):
        remains.unlink()  # a killed server's; it would refuse to start if that pid lives again
    return folder


def _is_short(folder: Path) -> bool:
    return len(os.fsencode(folder / f".s.PGSQL.{SOCKET_PORT}")) <= SOCKET_PATH_LIMIT


def _can_hold_sockets(folder: Path) -> bool:
    path = folder / ".s.try"
    try:
        with socket.socket(socket.AF_UNIX) as attempt:
            attempt.bind(str(path))
    except OSError:
        return False
    path.unlink()
    return True


def _free_port() -> int:
    with socket.socket() as attempt:
        attempt.bind(("127.0.0.1", 0))
        return int(attempt.getsockname()[1])


# --- stopping and the log ---------------------------------------------------------------------


def _stop(data: Path) -> None:
    """Stop the server: cleanly, or at once when that takes too long (it recovers at next start)."""
    status = _status(data)
    if status is None:
        _has_ended(data, STOPPING_SECONDS)
        return
    for request, seconds in ((signal.SIGINT, STOPPING_SECONDS), (signal.SIGQUIT, 10)):
        if is_locked(data / "postgres.server.lock"):
            with suppress(ProcessLookupError):
                os.kill(status.pid, request)
        if _has_ended(data, seconds):
            break
    with suppress(OSError):  # there is none, or it is not ours alone
        Path(status.sockets).rmdir()


def _has_ended(data: Path, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while is_locked(data / "postgres.server.lock"):
        if time.monotonic() > end:
            return False
        time.sleep(PAUSE_SECONDS)
    return True


def _open_log(data: Path) -> IO[bytes]:
    path = data / "postgres.log"
    if path.exists() and path.stat().st_size > LARGE_LOG:
        path.replace(path.with_suffix(".log.1"))
    return open(path, "ab", opener=lambda name, flags: os.open(name, flags, 0o600))


def _log_end(data: Path) -> str:
    try:
        return files.last_lines((data / "postgres.log").read_text("utf-8", "replace"))
    except OSError:
        return files.last_lines("")
