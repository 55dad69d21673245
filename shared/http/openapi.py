"""What `/openapi.json` says beyond FastAPI: problems, who may call, repeats, and the raw routes."""

import inspect
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from shared import errors
from shared.auth.access import RouteAccess
from shared.http import problems
from shared.http.route_access import HasRoutes, access_of

Document = dict[str, Any]
_SECURITY: Document = {
    "person": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A person's token of the organisation's OIDC provider, which gives them roles.",
    },
    "server": {"type": "http", "scheme": "bearer", "description": "Another server's API key, `sk_…`."},
    "service": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A Leadloop service's own token, a minute long, with this service as audience.",
    },
}
_KEY: Document = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Makes a repeat safe: for 48 hours the same key and body get the same answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "example": "7c1a4f0e-5a0b-4c0e-9d0e-2f6f0c3b8a11",
}
_FIELD_ERROR: Document = {
    "type": "object",
    "required": ["pointer", "detail"],
    "properties": {
        "pointer": {
            "type": "string",
            "description": "JSON pointer into the body; ?name is a query parameter.",
        },
        "detail": {"type": "string"},
    },
}
_PROBLEM: Document = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "Which problem; see docs/problems.md."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What to do."},
        "errors": {"type": "array", "items": _FIELD_ERROR},
        "request_id": {"type": "string", "description": "Finds the request in our logs."},
    },
}


def complete(document: Document, app: HasRoutes, address: str) -> Document:
    """FastAPI's document with everything callers need besides. Changes it in place."""
    parts = document.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = _PROBLEM
    parts["securitySchemes"] = _SECURITY
    parts["responses"] = {kind.__name__: _response(kind) for kind in problems.catalogue()}
    document["servers"] = [{"url": address}]
    paths = document.setdefault("paths", {})
    for path, method, operation in _door_operations(app):
        paths.setdefault(path, {})[method] = operation
    for line in access_of(app):
        operation = paths.get(line.path, {}).get(line.method.lower())
        if operation is not None:
            _describe(operation, line)
    return document


def _response(kind: type[errors.ProblemError]) -> Document:
    example = {"type": problems.TYPE + kind.slug, "title": kind.title, "status": kind.status, "detail": "…"}
    return {
        "description": inspect.cleandoc(kind.__doc__ or kind.title),
        "content": {
            problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}
        },
    }


def _door_operations(app: HasRoutes) -> Iterator[tuple[str, str, Document]]:
    for door in app.doors.all:
        for method in door.methods:
            given: Mapping[str, Any] | None = door.operations.get(method.lower())
            if given is not None:
                yield door.path, method.lower(), deepcopy(dict(given))


def _describe(operation: Document, line: RouteAccess) -> None:
    answers = operation.setdefault("responses", {})
    for kind in _expected(operation, line):
        described = answers.get(str(kind.status), {})
        if not described or "HTTPValidationError" in str(described):
            answers[str(kind.status)] = {"$ref": f"#/components/responses/{kind.__name__}"}
    for status, described in answers.items():
        if status >= "400" and "$ref" not in described:
            refused = _response(_first_of(int(status)))["content"]
            described["content"] = {**refused, **described.get("content", {})}
    if line.public is not None:
        return
    operation["security"] = [
        {name: []}
        for name, known in (("person", line.roles), ("server", line.scopes), ("service", line.services))
        if known
    ]
    allowed = [f"role `{role}`" for role in sorted(line.roles)]
    allowed += [f"API key with scope `{scope}`" for scope in line.scopes]
    allowed += [f"service `{service}`" for service in line.services]
    text = str(operation.get("description", "")).strip()
    operation["description"] = f"{text}\n\nFor: {', '.join(allowed)}.".strip()
    if _takes_key(line):
        operation.setdefault("parameters", []).append(_KEY)


def _first_of(status: int) -> type[errors.ProblemError]:
    """A route may name a refusal of its own and say when; what it looks like is the same everywhere."""
    return next(kind for kind in problems.catalogue() if kind.status == status)


def _takes_key(line: RouteAccess) -> bool:
    return line.method == "POST" and bool(line.roles or line.scopes)


def _expected(operation: Document, line: RouteAccess) -> Iterator[type[errors.ProblemError]]:
    if line.public is None:
        yield errors.UnauthenticatedError
        yield errors.ForbiddenError
    if "{" in line.path:
        yield errors.NotFoundError
    named = {parameter.get("name") for parameter in operation.get("parameters", ())}
    if "requestBody" in operation or _takes_key(line) or named & {"cursor", "order_by"}:
        yield errors.UnparseableError
    if "requestBody" in operation:
        yield from (errors.TooLargeError, errors.UnsupportedMediaError)
    if operation.get("parameters") or "requestBody" in operation or line.public is None:
        yield errors.InvalidError
    if line.method in ("POST", "PATCH", "PUT", "DELETE"):
        yield errors.ConflictError
    if line.method in ("PATCH", "PUT") or "If-Match" in named:
        yield errors.StaleError
    if line.scopes:
        yield errors.TooManyRequestsError
    if line.method in ("PATCH", "PUT") and "If-Match" in named:
        yield errors.PreconditionRequiredError
    yield errors.UnavailableError
