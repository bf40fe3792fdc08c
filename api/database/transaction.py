"""One transaction a request, committed at the edge: what is not stored is not acknowledged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine
from sqlmodel import Session

from api.errors import ServiceError


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """Give a database session; commit when the block ends, roll back when it raises.

    A refusal that `keeps_changes` (a failed attempt that is counted, a section that the clock has
    closed) commits what it wrote before it goes on its way.
    Rows stay readable after the commit (`expire_on_commit=False`), so that an answer can be built
    from them without asking the database again.
    """
    with Session(engine, expire_on_commit=False) as db:
        try:
            yield db
        except ServiceError as refusal:
            if refusal.keeps_changes:
                db.commit()
            raise
        db.commit()


def request_transaction(request: Request) -> Iterator[Session]:
    """Run one request in one transaction on the application's engine (`app.state.engine`)."""
    with transaction(request.app.state.engine) as db:
        yield db


# With the default scope "request" FastAPI would commit after the response has been sent: a commit
# that fails would then have answered 200.
Db = Annotated[Session, Depends(request_transaction, scope="function")]
"""The session of a request: `def submit(db: Db)`."""
