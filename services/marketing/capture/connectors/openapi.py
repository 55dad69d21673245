"""What `/openapi.json` says about the doors, which FastAPI does not see."""

from typing import Any

Operations = dict[str, dict[str, Any]]


def _param(name: str, about: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}, "description": about}


_REPEAT = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 200},
    "description": "The same key again is answered with the first submission's id, and makes no second lead.",
}
_ACCEPTED = {
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
_KNOWN_FIELDS = {
    "email": {"type": "string"},
    "phone": {"type": "string"},
    "name": {"type": "string"},
    "company": {"type": "string"},
    "country": {"type": "string"},
    "message": {"type": "string"},
    "utm_source": {"type": "string"},
    "utm_campaign": {"type": "string"},
    "gclid": {"type": "string"},
    "page_url": {"type": "string"},
}
_FORM_SCHEMA = {"type": "object", "properties": _KNOWN_FIELDS, "additionalProperties": True}
_FORM_EXAMPLE = {
    "name": "Ada Nowak",
    "email": "ada.nowak@muster-gmbh.example",
    "company": "Muster GmbH",
    "company_size": "51-200",
    "message": "Please call me about the enterprise plan.",
    "page_url": "https://www.example.com/demo?utm_source=google&utm_medium=cpc&utm_campaign=spring",
}
FORM: Operations = {
    "post": {
        "operationId": "submit_form",
        "tags": ["capture"],
        "summary": "Submit a web form",
        "description": (
            "Any field names; usual ones are recognised, the rest is kept as answers. "
            "A plain HTML form of a form with `redirect_url` gets 303 back to the site."
        ),
        "parameters": [_param("form_key", "The form's public key, pk_…"), _REPEAT],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": _FORM_SCHEMA, "example": _FORM_EXAMPLE},
                "application/x-www-form-urlencoded": {"schema": _FORM_SCHEMA, "example": _FORM_EXAMPLE},
                "multipart/form-data": {"schema": _FORM_SCHEMA, "example": _FORM_EXAMPLE},
            },
        },
        "responses": {"202": _ACCEPTED, "303": {"description": "Back to the form's `redirect_url`."}},
    },
    "options": {
        "operationId": "preflight_form",
        "tags": ["capture"],
        "summary": "CORS preflight of a web form",
        "parameters": [_param("form_key", "The form's public key, pk_…")],
        "responses": {"204": {"description": "The page's origin may post."}},
    },
}
_LEAD_EXAMPLE = {
    "external_id": "crm-4711",
    "email": "ben.ito@sample-industries.example",
    "phone": "+81312345678",
    "given_name": "Ben",
    "family_name": "Ito",
    "company": "Sample Industries",
    "country": "JP",
    "campaign_id": "019ab1c2-0000-7000-8000-00000000c0de",
    "occurred_at": "2026-11-02T09:30:00Z",
    "hand_raiser": False,
    "verified": ["email"],
    "answers": {"budget": "50k"},
}
_LEAD_SCHEMA = {
    "type": "object",
    "additionalProperties": True,
    "properties": {
        "external_id": {
            "type": "string",
            "maxLength": 300,
            "description": "The sender's own id; once per sender.",
        },
        "email": {"type": "string"},
        "phone": {"type": "string"},
        "given_name": {"type": "string"},
        "family_name": {"type": "string"},
        "company": {"type": "string"},
        "country": {"type": "string"},
        "campaign_id": {"type": "string", "format": "uuid"},
        "occurred_at": {
            "type": "string",
            "format": "date-time",
            "description": "When it happened, if that was in the past: reports use it, deadlines do not.",
        },
        "hand_raiser": {"type": "boolean", "description": "Asked to be contacted: qualifies at once."},
        "verified": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Fields the sender vouches for; a form never overwrites them.",
        },
        "answers": {"type": "object", "additionalProperties": True},
    },
}
LEAD: Operations = {
    "post": {
        "operationId": "send_lead",
        "tags": ["capture"],
        "summary": "Send one lead from another system",
        "parameters": [_REPEAT],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _LEAD_SCHEMA, "example": _LEAD_EXAMPLE}},
        },
        "responses": {"202": _ACCEPTED},
    }
}
LEADS: Operations = {
    "post": {
        "operationId": "send_leads",
        "tags": ["capture"],
        "summary": "Send up to 500 leads from another system",
        "parameters": [_REPEAT],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["leads"],
                        "properties": {
                            "leads": {"type": "array", "minItems": 1, "maxItems": 500, "items": _LEAD_SCHEMA}
                        },
                    },
                    "example": {"leads": [_LEAD_EXAMPLE]},
                }
            },
        },
        "responses": {
            "202": {
                "description": "All of them are kept, as one delivery.",
                "content": {
                    "application/json": {
                        "example": {
                            "delivery_id": "019ab1c2-7d3e-7c4f-9a51-2f6e0b7d4c11",
                            "status": "pending",
                            "submissions": [
                                {
                                    "submission_id": "019ab1c2-7d3e-7c4f-9a51-2f6e0b7d4c11",
                                    "external_id": "crm-4711",
                                }
                            ],
                        }
                    }
                },
            }
        },
    }
}
# Google shows its advertisers the member `message`; what is refused before the door is asked is a problem.
_REFUSED_TO_GOOGLE = {
    "description": "Not taken; `message` says why.",
    "content": {
        "application/json": {
            "schema": {"type": "object", "required": ["message"]},
            "example": {
                "message": "The signature or key does not fit this connection; look at its secrets.",
                "type": "urn:leadloop:problem:unauthenticated",
                "title": "Who is calling is not known",
                "status": 401,
            },
        },
        "application/problem+json": {
            "schema": {"$ref": "#/components/schemas/Problem"},
            "example": {
                "type": "urn:leadloop:problem:unsupported-media",
                "title": "A content type this path does not take",
                "status": 415,
                "detail": "Send the body uncompressed.",
            },
        },
    },
}
GOOGLE_ADS: Operations = {
    "post": {
        "operationId": "google_ads_webhook",
        "tags": ["webhooks"],
        "summary": "Lead form webhook of Google Ads",
        "description": "Enter this address and the connection's google_key in the lead form's settings.",
        "parameters": [_param("connection_key", "The connection's key")],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"type": "object", "additionalProperties": True},
                    "example": {
                        "lead_id": "TeSter-123",
                        "api_version": "1.0",
                        "form_id": 40000000000,
                        "campaign_id": 1234567890,
                        "google_key": "the secret entered in Google Ads",
                        "is_test": False,
                        "gcl_id": "EAIaIQobChMI",
                        "user_column_data": [
                            {
                                "column_id": "FULL_NAME",
                                "string_value": "Ada Nowak",
                                "column_name": "Full name",
                            },
                            {"column_id": "EMAIL", "string_value": "ada.nowak@muster-gmbh.example"},
                        ],
                    },
                }
            },
        },
        "responses": {
            "200": {
                "description": "Kept (or kept before).",
                "content": {"application/json": {"example": {}}},
            },
            **{str(status): _REFUSED_TO_GOOGLE for status in (400, 401, 404, 413, 415, 503)},
        },
    }
}
META: Operations = {
    "get": {
        "operationId": "meta_webhook_verification",
        "tags": ["webhooks"],
        "summary": "Meta asks whether this address is ours",
        "parameters": [
            _param("connection_key", "The connection's key"),
            *(
                {
                    "name": name,
                    "in": "query",
                    "required": True,
                    "schema": {"type": "string"},
                    "example": example,
                }
                for name, example in (
                    ("hub.mode", "subscribe"),
                    ("hub.verify_token", "the token entered in Meta's app"),
                    ("hub.challenge", "1158201444"),
                )
            ),
        ],
        "responses": {
            "200": {"description": "The challenge.", "content": {"text/plain": {"example": "1158201444"}}}
        },
    },
    "post": {
        "operationId": "meta_webhook",
        "tags": ["webhooks"],
        "summary": "Leadgen webhook of Meta",
        "description": "Signed by X-Hub-Signature-256. Details of the leads are fetched from the Graph API.",
        "parameters": [_param("connection_key", "The connection's key")],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"type": "object", "additionalProperties": True},
                    "example": {
                        "object": "page",
                        "entry": [
                            {
                                "id": "153125381133",
                                "time": 1438292065,
                                "changes": [
                                    {
                                        "field": "leadgen",
                                        "value": {
                                            "leadgen_id": "123123123123",
                                            "page_id": "123123123",
                                            "form_id": "12312312312",
                                            "created_time": 1440120384,
                                        },
                                    }
                                ],
                            }
                        ],
                    },
                }
            },
        },
        "responses": {
            "200": {"description": "Kept (or kept before).", "content": {"application/json": {"example": {}}}}
        },
    },
}
