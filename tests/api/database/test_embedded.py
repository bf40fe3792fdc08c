"""The embedded PostgreSQL survives what processes and disks do to it.

Every process here is a real one: `person` starts a Python that uses the data folder until told to
leave, is killed, or ends.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ProgrammingError

from api.database import DatabaseDownError, check_connection, connect_once, embedded_postgres
from api.database import embedded as embedded_module
from api.database import programs as programs_module
from api.database.locks import is_locked
from api.errors import OperatorError

PATIENCE_SECONDS = 60
"""For what takes well under a second on a machine with nothing else to do."""

PERSON = """
import sys
from pathlib import Path
from api.database import embedded_postgres

with embedded_postgres(Path(sys.argv[1]), durable=False) as urls:
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def data(tmp_path) -> Path:
    return tmp_path / "data"


@contextmanager
def person(data: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that uses the folder; it may be killed, and leaves at the end of the block."""
    process = subprocess.Popen(
        [sys.executable, "-c", PERSON, str(data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.communicate("", timeout=PATIENCE_SECONDS)


def is_ready(process: subprocess.Popen[str]) -> bool:
    assert process.stdout is not None
    return process.stdout.readline() == "ready\n"


def runs(data: Path) -> bool:
    return is_locked(data / "postgres.server.lock")


def server_pid(data: Path) -> int:
    return int((data / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def eventually(fact: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE_SECONDS
    while not fact() and time.monotonic() < end:
        time.sleep(0.05)
    return fact()


def write(url: URL, statement: str) -> None:
    with connect_once(url).begin() as connection:
        connection.execute(text(statement))


def count(url: URL) -> int:
    with connect_once(url).connect() as connection:
        return connection.scalars(text("SELECT count(*) FROM kept")).one()


# --- one server, many processes ---------------------------------------------------------------


def test_what_was_stored_is_there_after_a_restart(data):
    with embedded_postgres(data) as urls:
        write(urls.owner, "CREATE TABLE kept AS SELECT 1")
    assert not runs(data)
    with embedded_postgres(data) as urls:
        assert count(urls.owner) == 1


def test_a_second_user_attaches_and_leaves_the_server_to_the_first(data):
    with embedded_postgres(data, durable=False) as first:
        pid = server_pid(data)
        with embedded_postgres(data, durable=False) as second:
            assert second == first
            assert server_pid(data) == pid
        check_connection(connect_once(first.application))
    assert not runs(data)


def test_whoever_leaves_last_stops_it(data):
    with person(data) as other:
        assert is_ready(other)
        with embedded_postgres(data, durable=False):
            other.communicate("", timeout=PATIENCE_SECONDS)
            assert runs(data)
        assert not runs(data)


def test_two_processes_that_start_together_share_one_server(data):
    with person(data) as one, person(data) as two:
        assert is_ready(one)
        assert is_ready(two)
        log = (data / "postgres.log").read_text()
        assert log.count("ready to accept connections") == 1
    assert not runs(data)


def test_a_killed_owner_leaves_a_server_that_the_next_process_takes_over(data):
    with person(data) as owner:
        assert is_ready(owner)
        pid = server_pid(data)
        owner.kill()
        owner.wait(PATIENCE_SECONDS)
    assert runs(data)
    with embedded_postgres(data, durable=False) as urls:
        assert server_pid(data) == pid
        check_connection(connect_once(urls.application))
    assert not runs(data)


@pytest.mark.parametrize("request_to_end", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_process_asked_to_end_stops_the_server_on_its_way(data, request_to_end):
    with person(data) as owner:
        assert is_ready(owner)
        owner.send_signal(request_to_end)
        assert owner.wait(PATIENCE_SECONDS) != 0
    assert not runs(data)


# --- crashes and remains ----------------------------------------------------------------------


def test_a_killed_server_is_started_again_with_what_it_had_committed(data):
    with embedded_postgres(data) as urls:
        write(urls.owner, "CREATE TABLE kept AS SELECT 1")
        os.kill(server_pid(data), signal.SIGKILL)
        assert eventually(lambda: not runs(data))
        with embedded_postgres(data) as again:
            assert count(again.owner) == 1


def test_a_stale_pid_file_that_names_a_living_stranger_is_no_obstacle(data):
    with embedded_postgres(data, durable=False):
        lines = (data / "postgres" / "postmaster.pid").read_text().splitlines()
    with subprocess.Popen(["sleep", "60"]) as stranger:
        lines[0] = str(stranger.pid)
        (data / "postgres" / "postmaster.pid").write_text("\n".join(lines) + "\n")
        with embedded_postgres(data, durable=False) as urls:
            check_connection(connect_once(urls.application))
            assert server_pid(data) != stranger.pid
        assert stranger.poll() is None
        stranger.kill()


def test_a_half_done_first_start_is_removed_and_done_again(data):
    with person(data) as owner:
        assert eventually(lambda: any(data.glob("postgres.unfinished.*/base")))
        owner.kill()
    assert not (data / "postgres").exists()
    with embedded_postgres(data, durable=False) as urls:
        check_connection(connect_once(urls.application))
        assert list(data.glob("postgres.unfinished.*")) == []


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's table of processes")
def test_a_start_waits_for_the_programs_of_one_that_was_killed(data, monkeypatch):
    """What they still write or remove must not meet the next start's clearing up."""
    with person(data) as owner:
        assert eventually(lambda: any(data.glob("postgres.unfinished.*/base")))
        initdb = _initdb_of(data)
        os.kill(initdb, signal.SIGSTOP)
        owner.kill()
    monkeypatch.setattr(embedded_module, "STARTING_SECONDS", 0.5)
    try:
        with pytest.raises(OperatorError, match="has held"), _entered(data):
            pass
        assert any(data.glob("postgres.unfinished.*"))
    finally:
        os.kill(initdb, signal.SIGKILL)
    monkeypatch.undo()
    with embedded_postgres(data, durable=False) as urls:
        check_connection(connect_once(urls.application))


def _initdb_of(data):
    """The process id of the `initdb` at work in the folder, from Linux's table of processes."""
    unfinished = os.fsencode(data / "postgres.unfinished.")
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # a process that has just ended
            line = place.read_bytes()
            if line.split(b"\0")[0].endswith(b"/initdb") and unfinished in line:
                return int(place.parent.name)
    raise AssertionError("no initdb is at work")


def test_a_deleted_socket_is_made_anew(data):
    with person(data) as owner:
        assert is_ready(owner)
        owner.kill()
    shutil.rmtree(embedded_module._status(data).sockets)
    with embedded_postgres(data, durable=False) as urls:
        check_connection(connect_once(urls.application))


def test_a_deleted_socket_is_not_repaired_behind_the_back_of_other_users(data):
    with person(data) as owner:
        assert is_ready(owner)
        shutil.rmtree(embedded_module._status(data).sockets)
        with pytest.raises(OperatorError, match="runs but cannot be reached"), _entered(data):
            pass
        assert runs(data)


def test_a_lost_password_file_is_replaced_at_the_next_start(data):
    with embedded_postgres(data, durable=False) as before:
        pass
    (data / "postgres-app.secret").unlink()
    with embedded_postgres(data, durable=False) as after:
        assert after.application.password != before.application.password
        check_connection(connect_once(after.application))
        check_connection(connect_once(after.owner))


def test_a_server_that_holds_no_lock_of_ours_is_used_and_left_running(data):
    """Someone started it with pg_ctl, or deleted the lock files."""
    with person(data) as owner:
        assert is_ready(owner)
        owner.kill()
    (data / "postgres.server.lock").unlink()
    pid = server_pid(data)
    with embedded_postgres(data, durable=False) as urls:
        assert server_pid(data) == pid
    check_connection(connect_once(urls.application))
    os.kill(pid, signal.SIGINT)
    assert eventually(lambda: not (data / "postgres" / "postmaster.pid").exists())


# --- folders ----------------------------------------------------------------------------------


@contextmanager
def _entered(data: Path) -> Iterator[None]:
    with embedded_postgres(data, durable=False):
        yield


def refusal(data: Path) -> str:
    with pytest.raises(OperatorError) as caught, _entered(data):
        pass
    assert caught.value.next_step
    return str(caught.value)


def test_a_path_far_longer_than_a_socket_may_have(tmp_path):
    data = tmp_path / ("long" * 40) / ("ยาว" * 20) / "with space and 'quotes'"
    with embedded_postgres(data, durable=False) as urls:
        check_connection(connect_once(urls.application))


def test_a_long_temporary_folder_is_not_used_for_the_socket(data, tmp_path, monkeypatch):
    long = tmp_path / ("long" * 30)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    with embedded_postgres(data, durable=False) as urls:
        check_connection(connect_once(urls.application))


def test_without_unix_sockets_it_listens_on_the_loopback_address_only(data, monkeypatch):
    monkeypatch.setattr(embedded_module, "_can_hold_sockets", lambda folder: False)
    with embedded_postgres(data, durable=False) as urls:
        assert urls.application.query["host"] == "127.0.0.1"
        with connect_once(urls.application).connect() as connection:
            shown = connection.scalars(text("SHOW listen_addresses")).one()
    assert shown == "127.0.0.1"


def test_otherwise_it_listens_on_no_network_address(data):
    with (
        embedded_postgres(data, durable=False) as urls,
        connect_once(urls.application).connect() as connection,
    ):
        assert connection.scalars(text("SHOW listen_addresses")).one() == ""


def test_a_data_folder_that_cannot_be_made():
    # Not even root can make a folder there.
    assert "/proc/samatthana cannot be used" in refusal(Path("/proc/samatthana"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_data_folder_that_cannot_be_written(data):
    data.mkdir(mode=0o500)
    assert "cannot be used: Permission denied" in refusal(data)


def test_a_data_folder_that_is_a_file(data):
    data.write_text("a file")
    assert "is a file" in refusal(data)
    assert "is a file" in refusal(data / "inside")


def test_files_of_another_major_version(data):
    (data / "postgres").mkdir(parents=True)
    (data / "postgres" / "PG_VERSION").write_text("16\n")
    message = refusal(data)
    assert "belong to PostgreSQL 16" in message
    assert "PostgreSQL 18" in message


def test_a_folder_that_holds_something_else(data):
    (data / "postgres").mkdir(parents=True)
    (data / "postgres" / "notes.txt").write_text("mine")
    assert "holds no PostgreSQL database" in refusal(data)
    assert (data / "postgres" / "notes.txt").read_text() == "mine"


def test_a_disk_without_room_for_a_first_start(data):
    """A limit on the size of files stands in for a full disk: writing fails in the same place."""
    limited = f"""
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        from pathlib import Path
        from api.database import embedded_postgres
        from api.errors import OperatorError
        try:
            with embedded_postgres(Path({str(data)!r})):
                print("started")
        except OperatorError as error:
            print(error)
    """
    said = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(limited)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    ).stdout
    assert "could not prepare its files" in said
    assert "MB free there" in said
    assert "initdb" in said
    with embedded_postgres(data, durable=False) as urls:
        check_connection(connect_once(urls.application))


def test_settings_postgres_cannot_start_with_are_shown_from_its_log(data):
    with embedded_postgres(data, durable=False):
        pass
    with (data / "postgres" / "postgresql.conf").open("a") as settings:
        settings.write("shared_buffers = 'plenty'\n")
    message = refusal(data)
    assert "did not start" in message
    assert 'invalid value for parameter "shared_buffers"' in message


# --- who may do what --------------------------------------------------------------------------


def test_a_wrong_password_is_refused_and_none_is_shown(postgres):
    wrong = postgres.application.set(password="wrong-and-secret")
    with pytest.raises(DatabaseDownError) as caught:
        check_connection(connect_once(wrong))
    assert "samatthana_app" in str(caught.value)
    assert "password authentication failed" in str(caught.value)
    assert "wrong-and-secret" not in str(caught.value)


@pytest.mark.parametrize("user", ["postgres", "samatthana_app", "samatthana_owner"])
def test_nobody_enters_without_a_password(postgres, user):
    place = dict(postgres.application.query)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(
            host=place["host"], port=place["port"], user=user, dbname="samatthana", password=""
        )


def test_passwords_and_files_are_the_owners_alone(data):
    with embedded_postgres(data, durable=False) as urls:
        sockets = Path(urls.application.query["host"])
        assert sockets.stat().st_mode & 0o777 == 0o700
    for name in ("postgres-app.secret", "postgres-owner.secret", "postgres.log"):
        assert (data / name).stat().st_mode & 0o777 == 0o600
    assert (data / "postgres").stat().st_mode & 0o777 == 0o700


def test_urls_are_shown_without_passwords(postgres):
    assert postgres.application.password not in repr(postgres)
    assert postgres.owner.password not in repr(postgres)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (n integer)",
        "CREATE SCHEMA mine",
        "CREATE TEMPORARY TABLE mine (n integer)",
        "CREATE ROLE mine",
        "CREATE DATABASE mine",
    ],
)
def test_the_application_may_not_make_things(postgres, statement):
    engine = connect_once(postgres.application).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection, pytest.raises(ProgrammingError, match="permission denied"):
        connection.execute(text(statement))


def test_neither_role_is_a_superuser(postgres):
    rights = "SELECT rolname, rolsuper OR rolcreaterole OR rolreplication OR rolbypassrls"
    with connect_once(postgres.application).connect() as connection:
        found = connection.execute(text(f"{rights} FROM pg_roles WHERE rolname LIKE 'samat%'"))
        assert dict(found.all()) == {"samatthana_app": False, "samatthana_owner": False}


# --- as root ----------------------------------------------------------------------------------

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="about a process of root")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may pass through."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@as_root
def test_root_without_user_namespaces_runs_it_as_nobody(open_folder, monkeypatch):
    monkeypatch.setattr(programs_module, "_can_map_users", lambda: False)
    data = open_folder / "data"
    with embedded_postgres(data, durable=False) as urls:
        check_connection(connect_once(urls.application))
        assert Path(f"/proc/{server_pid(data)}").stat().st_uid == _nobody()
        assert (data / "postgres").stat().st_uid == _nobody()
    monkeypatch.undo()
    with embedded_postgres(data, durable=False) as urls:  # its files stay nobody's
        check_connection(connect_once(urls.application))
    assert open_folder.stat().st_mode & 0o777 == 0o711


@as_root
def test_root_opens_no_folder_to_let_nobody_in(open_folder, monkeypatch):
    monkeypatch.setattr(programs_module, "_can_map_users", lambda: False)
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    message = refusal(closed / "data")
    assert "refuses to run as root" in message
    assert "ordinary user" in message
    assert closed.stat().st_mode & 0o777 == 0o700


def _nobody() -> int:
    import pwd

    return pwd.getpwnam("nobody").pw_uid
