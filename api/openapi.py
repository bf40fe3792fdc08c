"""The OpenAPI document: what the routes say of themselves, and the problem document of every refusal."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from api.problems import MEDIA_TYPE, ProblemDocument

_REF = "#/components/schemas/{model}"


def describe(app: FastAPI) -> None:
    """Let an application's OpenAPI document say how each of its routes refuses."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            _add_refusals(document)
        return plain()

    app.openapi = described  # type: ignore[method-assign]


def _add_refusals(document: dict[str, Any]) -> None:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schema = ProblemDocument.model_json_schema(ref_template=_REF)
    schemas.update(schema.pop("$defs", {}))
    schemas[ProblemDocument.__name__] = schema
    for operations in document["paths"].values():
        for operation in operations.values():
            # FastAPI's own description of invalid requests is not what this service answers.
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = _REFUSAL
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)


_REFUSAL = {
    "description": "A refusal, as a problem document (RFC 9457)",
    "content": {
        MEDIA_TYPE: {"schema": {"$ref": _REF.format(model=ProblemDocument.__name__)}},
    },
}
