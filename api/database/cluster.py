"""The files of an embedded PostgreSQL: made whole or not at all, with roles of least rights."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from pathlib import Path

from api.database.programs import MAJOR_VERSION, Programs
from api.errors import OperatorError

DATABASE = "samatthana"
OWNER = "samatthana_owner"
APPLICATION = "samatthana_app"
ROLES = (OWNER, APPLICATION)
UNFINISHED = "postgres.unfinished."
LOG_LINES = 8

ACCESS = f"""\
# Written by samatthana. Passwords only; nobody else, nowhere else.
local all {OWNER},{APPLICATION} scram-sha-256
host  all {OWNER},{APPLICATION} 127.0.0.1/32 scram-sha-256
"""

# The superuser has no password and is in no line of pg_hba.conf: it cannot log in.
ROLES_SQL = """\
CREATE ROLE {owner} LOGIN CREATEDB NOCREATEROLE NOSUPERUSER;
CREATE ROLE {application} LOGIN NOCREATEDB NOCREATEROLE NOSUPERUSER;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO {application};
CREATE DATABASE {database} OWNER {owner};
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
GRANT CONNECT ON DATABASE {database} TO {application};
"""

SETTINGS = {
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u ",
    "log_checkpoints": "off",
    "password_encryption": "scram-sha-256",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
}

NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def secret_path(data: Path, role: str) -> Path:
    """Name the file that holds the password of a role."""
    return data / f"postgres-{role.removeprefix('samatthana_')}.secret"


def read_secret(data: Path, role: str) -> str:
    return secret_path(data, role).read_text("ascii").strip()


def create_cluster(programs: Programs, data: Path, *, durable: bool) -> Path:
    """Make the database files in `data/postgres` unless they exist; returns that folder.

    They are made beside it and renamed at the end: what a crash or a full disk left half-done is
    never taken for a database, and is removed by the next try.

    Raises
    ------
    OperatorError
        PostgreSQL could not make them (with its last words), or those that exist belong to another
        major version.
    """
    cluster = data / "postgres"
    if cluster.exists():
        _check_version(cluster)
        _renew_lost_secrets(programs, data, cluster)
        return cluster
    for remains in data.glob(f"{UNFINISHED}*"):
        shutil.rmtree(remains)
    unfinished = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=data))
    programs.give(unfinished)
    _initialise(programs, unfinished, durable=durable)
    _create_roles(programs, data, unfinished)
    unfinished.rename(cluster)
    return cluster


def last_lines(text: str) -> str:
    """Give the end of a log, indented, for an error message."""
    lines = [line for line in text.splitlines() if line.strip()][-LOG_LINES:]
    return "\n".join(f"    {line}" for line in lines) or "    (nothing)"


def _initialise(programs: Programs, folder: Path, *, durable: bool) -> None:
    options = ["--username=postgres", "--auth=reject", "--encoding=UTF8", "--locale=C"]
    options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
    options += [f"--set={name}={value}" for name, value in SETTINGS.items()]
    options += [] if durable else ["--no-sync"]
    done = programs.run(programs.command("initdb", "--pgdata", folder, *options))
    if done.returncode != 0:
        _give_up(folder, done.stdout)
    (folder / "pg_hba.conf").write_text(ACCESS, "utf-8")


def _create_roles(programs: Programs, data: Path, folder: Path) -> None:
    sql = ROLES_SQL.format(owner=OWNER, application=APPLICATION, database=DATABASE)
    run_alone(programs, folder, sql + _passwords(data, ROLES))


def _renew_lost_secrets(programs: Programs, data: Path, cluster: Path) -> None:
    lost = tuple(role for role in ROLES if not secret_path(data, role).exists())
    if lost:
        run_alone(programs, cluster, _passwords(data, lost))


def _passwords(data: Path, roles: tuple[str, ...]) -> str:
    return "".join(f"ALTER ROLE {role} PASSWORD '{_new_secret(data, role)}';\n" for role in roles)


def _new_secret(data: Path, role: str) -> str:
    password = secrets.token_urlsafe(32)
    path = secret_path(data, role)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(password + "\n")
    return password


def run_alone(programs: Programs, folder: Path, sql: str) -> None:
    """Run statements, one a line, as superuser on files that no server is using."""
    # A failing statement would be logged, and it may hold a password.
    quiet = ("-c", "exit_on_error=on", "-c", "log_min_error_statement=panic")
    done = programs.run(
        programs.command("postgres", "--single", *quiet, "-D", folder, "template1"), stdin=sql
    )
    if done.returncode != 0:
        _give_up(folder, done.stdout)


def _give_up(folder: Path, output: str) -> None:
    free = shutil.disk_usage(folder.parent).free / 1e6
    raise OperatorError(
        f"PostgreSQL could not prepare its files in {folder} ({free:,.0f} MB free there)."
        f" It said:\n{last_lines(output)}\n",
        "Make sure the disk has at least 200 MB free and the folder can be written; try again.",
    )


def _check_version(cluster: Path) -> None:
    try:
        found = (cluster / "PG_VERSION").read_text("utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        raise OperatorError(
            f"{cluster} is there, but holds no PostgreSQL database.",
            "Restore it from a backup, or remove it to begin with an empty database.",
        ) from None
    if found != MAJOR_VERSION:
        raise OperatorError(
            f"The database files in {cluster} belong to PostgreSQL {found};"
            f" this program brings PostgreSQL {MAJOR_VERSION}.",
            "Move them by dump and restore: docs/operating.md, section 'Upgrade'.",
        )
