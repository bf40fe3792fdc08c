"""The composition root: every part of the service, put together once.

Nothing else builds a clock, a signer, a connection pool or a source of randomness; whoever wants others (a
test, a replay) passes them here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI, Response
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlmodel import Session

from api import problems, web
from api.accounts.router import router as accounts_router
from api.agencies.router import router as agencies_router
from api.bank.catalogue import Catalogue, check_sections, publish
from api.bank.opening import open_catalogue
from api.certificates.drawing import drawing_limiter
from api.certificates.keys import open_signer
from api.certificates.router import router as certificates_router
from api.certificates.router import well_known
from api.certificates.signing import Signer
from api.context import Clock, Context, SeedSource, secret_seed, utc_now
from api.database import Db, connect_pool, transaction
from api.demonstration import add_demonstration, refuse_demonstration, refuse_production
from api.errors import OperatorError
from api.exams.abandoned import keep_closing
from api.exams.pinned import PinnedExam, warm
from api.exams.router import router as exams_router
from api.head import answering_head
from api.limits import limited_body
from api.logs import set_up_logs
from api.openapi import describe
from api.settings import Settings
from engine.errors import InputError

TITLE = "Samatthana"


def create_app(
    settings: Settings,
    database: URL,
    *,
    clock: Clock = utc_now,
    new_seed: SeedSource = secret_seed,
    signer: Signer | None = None,
) -> FastAPI:
    """Return the service on a database that is ready for it (`api.database.open_database`).

    In demonstration mode it publishes the demonstration bank and adds the demonstration accounts, unless
    the database is a production service's; in production it refuses a database that holds any.

    Raises
    ------
    OperatorError
        If the database cannot be used, holds accounts of the other mode, or a bank that does not fit, or the
        signing key is unusable or not the one of its certificates.
    """
    set_up_logs()
    pool = connect_pool(database)
    try:
        with transaction(pool) as db:
            _refuse_other_mode(settings, db)
            context = open_context(settings, db, clock=clock, new_seed=new_seed, signer=signer)
        # Between two transactions: compiling takes what the machine needs, an idle one is ended.
        _refuse_unfit_bank(context.catalogue)
        _warm(context.catalogue)
        with transaction(pool) as db:
            publish(db, context.catalogue, clock())
            if settings.demo:
                add_demonstration(db, clock())
    except BaseException:
        pool.dispose()
        raise

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        closing = asyncio.create_task(keep_closing(pool, context))
        yield
        closing.cancel()
        pool.dispose()

    app = FastAPI(
        title=TITLE,
        version=version("samatthana"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    app.state.context, app.state.engine = context, pool
    app.state.drawing = drawing_limiter()
    _add_routes(app)
    problems.install(app)
    describe(app)
    return app


def open_context(
    settings: Settings,
    db: Session,
    *,
    clock: Clock = utc_now,
    new_seed: SeedSource = secret_seed,
    signer: Signer | None = None,
) -> Context:
    """Return what requests and commands work with: published content, key, clock, randomness."""
    return Context(
        settings=settings,
        catalogue=open_catalogue(db, demo=settings.demo),
        signer=signer or _signer(settings, db),
        clock=clock,
        new_seed=new_seed,
    )


def _signer(settings: Settings, db: Session) -> Signer:
    """Return the signer whose key lies in the data folder; a demonstration has a key of its own."""
    folder = "demonstration-keys" if settings.demo else "keys"
    keys_url = f"{settings.public_url}/.well-known/jwks.json"
    return open_signer(db, Path(settings.data) / folder, keys_url)


def _refuse_other_mode(settings: Settings, db: Session) -> None:
    if settings.demo:
        refuse_production(db)
    else:
        refuse_demonstration(db)


def _refuse_unfit_bank(catalogue: Catalogue) -> None:
    """Find out now, and not when a candidate opens a section, what an upgrade has made impossible."""
    if catalogue.release is None:
        return
    try:
        check_sections(catalogue.release, catalogue.scheme)
    except InputError as error:
        raise OperatorError(
            "The bank in force does not fit its scheme.",
            "Put one in force that does (samatthana bank publish, samatthana bank use), or go back to the "
            "program it was made for.",
            problems=error.problems,
        ) from error


def _warm(catalogue: Catalogue) -> None:
    if catalogue.release is not None:
        codes = tuple(rules.code for rules in catalogue.scheme.skill_sets)
        warm(
            PinnedExam(release=catalogue.release, scheme=catalogue.scheme, seed=0, skill_sets=codes)
        )


def _keep_private(response: Response) -> None:
    """Let nobody on the way keep a reply: it may hold names, results or a token."""
    response.headers["Cache-Control"] = "no-store"


def _add_routes(app: FastAPI) -> None:
    service = APIRouter(prefix="/api/v1", dependencies=[Depends(_keep_private)])
    for router in (accounts_router, exams_router, certificates_router, agencies_router):
        service.include_router(router)
    app.include_router(service)
    app.include_router(well_known)
    app.include_router(_health)
    web.install(app)
    app.add_middleware(limited_body)
    app.add_middleware(answering_head)


_health = APIRouter(tags=["health"])


@_health.get("/healthz")
def show_alive() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@_health.get("/readyz")
def show_ready(db: Db) -> dict[str, str]:
    """Say that the database answers too."""
    db.execute(text("SELECT 1"))
    return {"status": "ready"}
