"""The doors of other systems in `/openapi.json`."""

from services.marketing.capture.connectors.openapi import ACCEPTED, REPEAT, Operations
from services.marketing.capture.sources.rules import OUR_FIELDS

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
            "description": "The sender's own id, for ever. Again with other content, it changes that lead.",
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
            "description": (
                "When it happened, if that was in the past: reports use it, deadlines do not. "
                "Unix seconds are read, too; an empty text is none. More than an hour before it came it is "
                "history: no rep is offered the lead unless `route` asks for it."
            ),
        },
        "route": {
            "type": "boolean",
            "description": "Offer a lead of the past to a rep, after every live one. Without it handoff "
            "holds it until the person writes again.",
        },
        "hand_raiser": {"type": "boolean", "description": "Asked to be contacted: qualifies at once."},
        "verified": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Fields the sender vouches for; a form never overwrites them.",
        },
        "answers": {"type": "object", "additionalProperties": True},
        "mapping": {
            "type": "object",
            "maxProperties": 200,
            "additionalProperties": {"type": "string", "enum": sorted(OUR_FIELDS)},
            "description": "Names of the sender's, or JSON paths to them, and our fields.",
        },
        "test": {"type": "boolean", "description": "Only a test: it is noted, and makes no lead."},
    },
}
LEAD: Operations = {
    "post": {
        "operationId": "send_lead",
        "tags": ["capture"],
        "summary": "Send one lead from another system",
        "parameters": [REPEAT],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _LEAD_SCHEMA, "example": _LEAD_EXAMPLE}},
        },
        "responses": {"202": ACCEPTED},
    }
}
LEADS: Operations = {
    "post": {
        "operationId": "send_leads",
        "tags": ["capture"],
        "summary": "Send up to 500 leads from another system",
        "parameters": [REPEAT],
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
