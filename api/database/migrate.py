"""Bring a database to the schema of this program, or say why it cannot be used as it is."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

import api.migrations
from api.database.connection import connect_once, explained
from api.errors import OperatorError

APPLICATION_ROLE = "samatthana_app"
LOCK_KEY = 0x73616D61
"""Any number that no other program locks in this database: "sama" in ASCII."""
LOCK_SECONDS = 120


class SchemaError(OperatorError):
    """The tables in the database are not those this program works with."""


def migrate(owner_url: URL) -> bool:
    """Upgrade the database to the newest schema; all of it in one transaction, or nothing.

    Servers that start together wait for one another; the second finds nothing left to do.

    Parameters
    ----------
    owner_url
        Connects as the role that owns, or will own, the tables. The role `samatthana_app`, to which
        revisions grant what the service needs, must exist.

    Returns
    -------
    bool
        True if anything was changed.

    Raises
    ------
    SchemaError
        The database is newer than this program, or a step failed; nothing was changed then.
    DatabaseDownError
        The database cannot be reached.
    """
    config = _config()
    engine = connect_once(owner_url, lock_seconds=LOCK_SECONDS)
    with explained(owner_url), engine.begin() as connection:
        if _is_current(connection, config):
            return False
        _wait_for_others(connection)
        if _is_current(connection, config):
            return False
        _check_role(connection)
        _upgrade(connection, config)
    return True


def check_schema(url: URL) -> None:
    """Make sure the database has exactly the schema of this program.

    Raises
    ------
    SchemaError
        It is older (says how to upgrade) or newer (says to install a newer program).
    DatabaseDownError
        The database cannot be reached.
    """
    config = _config()
    with explained(url), connect_once(url).connect() as connection:
        if not _is_current(connection, config):
            raise SchemaError(
                f"The tables in database {url.database!r} are older than this program"
                f" (they are at {_revision(connection) or 'no revision'},"
                f" the program needs {_head(config)}).",
                "Set SAMATTHANA_DATABASE_OWNER_URL to a URL of the role that owns the tables"
                " and run: samatthana migrate",
            )


def _is_current(connection: Connection, config: Config) -> bool:
    """Whether the database is at the newest revision; refuses one this program does not know."""
    found = _revision(connection)
    known = {script.revision for script in _scripts(config).walk_revisions()}
    if found is not None and found not in known:
        raise SchemaError(
            f"The tables in database {connection.engine.url.database!r} were made by a newer"
            f" version of this program (revision {found}).",
            "Install that version or a later one; going back is not possible without a backup.",
        )
    return found == _head(config)


def _wait_for_others(connection: Connection) -> None:
    try:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
    except OperationalError as error:
        raise SchemaError(
            f"Another process has been upgrading this database for {LOCK_SECONDS} seconds.",
            "Wait until it has finished, then start again.",
        ) from error


def _check_role(connection: Connection) -> None:
    found = connection.execute(
        text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": APPLICATION_ROLE}
    )
    if found.first() is None:
        raise SchemaError(
            f"The server has no role {APPLICATION_ROLE!r}, whose rights the tables state.",
            f"Create it as its administrator (CREATE ROLE {APPLICATION_ROLE} LOGIN PASSWORD '...')"
            " and run: samatthana migrate",
        )


def _upgrade(connection: Connection, config: Config) -> None:
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except DBAPIError as error:
        raise SchemaError(
            "The tables could not be upgraded; nothing was changed. PostgreSQL says:"
            f" {str(error.orig).strip()}",
            "Check that SAMATTHANA_DATABASE_OWNER_URL names the role that owns the tables.",
        ) from error


def _revision(connection: Connection) -> str | None:
    try:
        return MigrationContext.configure(connection).get_current_revision()
    except ProgrammingError as error:
        user = connection.engine.url.username
        raise SchemaError(
            f"The user {user!r} may not read the tables in this database.",
            f"Grant it the service's rights: GRANT {APPLICATION_ROLE} TO {user}",
        ) from error


def _head(config: Config) -> str | None:
    return _scripts(config).get_current_head()


def _scripts(config: Config) -> ScriptDirectory:
    return ScriptDirectory.from_config(config)


def _config() -> Config:
    config = Config()
    config.set_main_option(
        "script_location", str(Path(api.migrations.__file__).parent).replace("%", "%%")
    )
    config.set_main_option("path_separator", "os")
    return config
