"""What the doors have in common in `/openapi.json`, where FastAPI does not see them."""

from typing import Any

Operations = dict[str, dict[str, Any]]


def path_parameter(name: str, about: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}, "description": about}


REPEAT = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 200},
    "description": "The same key again is answered with the first submission's id, and makes no second lead.",
}
ACCEPTED = {
    "description": "It is kept for good and will be processed in a moment.",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["submission_id", "status"],
                "properties": {
                    "submission_id": {"type": "string", "format": "uuid"},
                    "status": {"type": "string", "const": "pending"},
                },
            },
            "example": {"submission_id": "019ab1c2-7d3e-7c4f-9a51-2f6e0b7d4c11", "status": "pending"},
        }
    },
}
