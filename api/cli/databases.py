"""The database that a command works with, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session

from api.database import connect_pool, open_database, transaction
from api.settings import Settings


@contextmanager
def working_database(settings: Settings) -> Iterator[Session]:
    """Open the database of the settings, its tables upgraded; commit at the end."""
    with open_database(settings) as urls:
        pool = connect_pool(urls.application)
        try:
            with transaction(pool) as db:
                yield db
        finally:
            pool.dispose()
