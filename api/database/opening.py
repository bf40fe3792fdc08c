"""Which database a command works with: the operator's, or the embedded one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from api.database.connection import check_connection, connect_once
from api.database.embedded import Urls, embedded_postgres
from api.database.migrate import check_schema, migrate
from api.settings import Settings, database_url


@contextmanager
def open_database(settings: Settings) -> Iterator[Urls]:
    """Give a database that is ready for this program: reached, and with its newest schema.

    With `SAMATTHANA_DATABASE_URL` it is that one, upgraded if `SAMATTHANA_DATABASE_OWNER_URL` is
    given too; otherwise the embedded PostgreSQL of the data folder, always upgraded.

    Raises
    ------
    OperatorError
        It cannot be reached, started, upgraded or used as it is.
    """
    with reach_database(settings) as urls:
        if urls.owner is not None:
            migrate(urls.owner)
        check_schema(urls.application)
        yield urls


@contextmanager
def reach_database(settings: Settings) -> Iterator[Urls]:
    """Give the same database as it is, with whatever tables it has: for backups and repairs.

    Raises
    ------
    OperatorError
        It cannot be reached or started.
    """
    if settings.database_url is None:
        with embedded_postgres(settings.data) as urls:
            yield urls
        return
    owner = settings.database_owner_url
    urls = Urls(
        application=database_url(settings.database_url.get_secret_value()),
        owner=None if owner is None else database_url(owner.get_secret_value()),
    )
    check_connection(connect_once(urls.application))
    yield urls
