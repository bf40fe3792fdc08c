"""Refusals as answers: RFC 9457 problem documents for programs, pages for people."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from api.errors import InvalidRequestError, ServiceError, ServiceUnavailableError
from api.web.errors import render_error
from engine.errors import Problem

MEDIA_TYPE = "application/problem+json"
PROGRAM_PATHS = ("/api/", "/.well-known/", "/healthz", "/readyz")
LONGEST_VALUE = 200
"""Characters of a wrong value that are repeated."""
TRY_AGAIN_AFTER = 5
"""Seconds after which it makes sense to ask a service again that had no database."""

_log = structlog.get_logger("samatthana")


class FieldProblem(BaseModel):
    """One thing that is wrong with a request."""

    where: str = Field(description="The field")
    value: str | int | float | bool | None = Field(description="What was found")
    expected: str


class ProblemDocument(BaseModel):
    """Why a request was refused (RFC 9457)."""

    type: str = Field(
        description="A URN that ends with `code`", examples=["urn:samatthana:problem:not-found"]
    )
    title: str
    status: int
    detail: str
    instance: str = Field(description="The path that was asked for")
    code: str = Field(description="The kind of refusal, for programs", examples=["not-found"])
    problems: list[FieldProblem] | None = Field(
        default=None, description="Everything that is wrong with the request's fields"
    )


def install(app: FastAPI) -> None:
    """Give an application its answers to everything that can go wrong."""
    app.add_exception_handler(ServiceError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for failure in (OperationalError, InterfaceError, PoolTimeoutError):
        app.add_exception_handler(failure, _database_down)
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
    return JSONResponse(
        problem_document(error, request.url.path),
        status_code=error.status,
        media_type=MEDIA_TYPE,
        headers={**_ADVICE.get(error.status, {}), "Cache-Control": "no-store"},
    )


def answer_http(request: Request, error: HTTPException) -> Response:
    """Return a refusal that HTTP itself has a number for."""
    # Python has called 413 by two names.
    phrase = {413: "Content Too Large"}.get(error.status_code, HTTPStatus(error.status_code).phrase)
    refusal = ServiceError(str(error.detail))
    refusal.status, refusal.title = error.status_code, phrase
    refusal.code = phrase.lower().replace(" ", "-")
    response = answer(request, refusal)
    response.headers.update(error.headers or {})
    return response


_ADVICE = {
    401: {"WWW-Authenticate": "Bearer"},
    503: {"Retry-After": str(TRY_AGAIN_AFTER)},
}


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, ServiceError)
    return answer(request, error)


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return answer(request, InvalidRequestError(problems=_field_problems(error.errors())))


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return answer_http(request, error)


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
    return [Problem(_place(error), "(hidden)", _expected(error)) for error in errors]


def _place(error: Any) -> str:
    """Return a field as the services name it; a part of the address keeps the word `path`."""
    source, *place = [str(part) for part in error["loc"]]
    if error["type"] == "json_invalid" or not place:
        return source
    return ".".join([source, *place] if source == "path" else place)


def _expected(error: Any) -> str:
    if error["type"] == "json_invalid":
        return f"JSON ({error['ctx']['error']})"
    return str(error["msg"])


def _listed(problem: Problem) -> dict[str, Any]:
    return {
        "where": problem.where,
        "value": _repeated(problem.value),
        "expected": problem.expected,
    }


def _repeated(value: object) -> str | int | float | bool | None:
    """Return a wrong value as it is said back: short, and in characters that can be sent."""
    if isinstance(value, str):
        text = value.encode(errors="backslashreplace").decode()
        return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
    return value if isinstance(value, int | float | bool) else None
