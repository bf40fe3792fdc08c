"""Refusals as answers: RFC 9457 problem documents for programs, pages for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from api.errors import InvalidRequestError, ServiceError, ServiceUnavailableError
from api.web.errors import render_error
from engine.errors import Problem

MEDIA_TYPE = "application/problem+json"
PROGRAM_PATHS = ("/api/", "/.well-known/", "/healthz", "/readyz")

_log = structlog.get_logger("samatthana")


def install(app: FastAPI) -> None:
    """Give an application its answers to everything that can go wrong."""
    app.add_exception_handler(ServiceError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(OperationalError, _database_down)
    app.add_exception_handler(PoolTimeoutError, _database_down)
    app.add_exception_handler(Exception, _unexpected)


def problem_document(error: ServiceError, instance: str) -> dict[str, Any]:
    """Return the problem document of a refusal (RFC 9457), its field problems listed in `problems`."""
    document: dict[str, Any] = {
        "type": f"urn:samatthana:problem:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "instance": instance,
        "code": error.code,
    }
    if error.problems:
        document["problems"] = [_listed(problem) for problem in error.problems]
    return document


def answer(request: Request, error: ServiceError) -> Response:
    """Return a refusal in the form that the one who asked can read."""
    if not request.url.path.startswith(PROGRAM_PATHS):
        return render_error(request, error)
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}
    return JSONResponse(
        problem_document(error, request.url.path),
        status_code=error.status,
        media_type=MEDIA_TYPE,
        headers={**headers, "Cache-Control": "no-store"},
    )


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, ServiceError)
    return answer(request, error)


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return answer(request, InvalidRequestError(problems=_field_problems(error.errors())))


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    refusal = ServiceError(str(error.detail))
    refusal.status = error.status_code
    refusal.title = str(error.detail)
    refusal.code = {404: "not-found", 405: "method-not-allowed"}.get(
        error.status_code, "http-error"
    )
    return answer(request, refusal)


def _database_down(request: Request, error: Exception) -> Response:
    _log.error("database_unavailable", path=request.url.path, reason=str(error).splitlines()[0])
    return answer(
        request, ServiceUnavailableError("The database does not answer; try again shortly")
    )


def _unexpected(request: Request, error: Exception) -> Response:
    _log.error("unexpected_error", path=request.url.path, exc_info=error)
    refusal = ServiceError("The fault is on our side and has been logged")
    refusal.status, refusal.code, refusal.title = 500, "internal-error", "Something went wrong"
    return answer(request, refusal)


def _field_problems(errors: Sequence[Any]) -> list[Problem]:
    """Return what a request's validation found, without what was sent: it may hold a password."""
    return [
        Problem(".".join(str(part) for part in error["loc"]), "(hidden)", error["msg"])
        for error in errors
    ]


def _listed(problem: Problem) -> dict[str, Any]:
    value = problem.value if isinstance(problem.value, str | int | float | bool) else None
    return {"where": problem.where, "value": value, "expected": problem.expected}
