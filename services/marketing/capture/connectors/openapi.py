"""What the doors have in common in `/openapi.json`, where FastAPI does not see them."""

from typing import Any

Operations = dict[str, dict[str, Any]]


def path_parameter(name: str, about: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}, "description": about}


REPEAT = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 255},
    "description": (
        "The same key and body again is answered with the first submission's id, and makes no second lead; "
        "for 48 hours. With another body it is 422 `key-reused` for servers, and a lead of its own at a form."
    ),
}
TOO_MANY = {
    "description": (
        "Too much came from this network that was not genuine, or for keys that are none; see `Retry-After`. "
        "Not for one whose news of this connection was genuine before."
    )
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
                    "status": {
                        "type": "string",
                        "enum": ["pending", "test"],
                        "description": "`test`: it is noted, and makes no lead.",
                    },
                },
            },
            "example": {"submission_id": "019ab1c2-7d3e-7c4f-9a51-2f6e0b7d4c11", "status": "pending"},
        }
    },
}
