"""The door of LinkedIn in `/openapi.json`."""

from services.marketing.capture.connectors.openapi import TOO_MANY, Operations, path_parameter

LINKEDIN: Operations = {
    "get": {
        "operationId": "linkedin_webhook_validation",
        "tags": ["webhooks"],
        "summary": "LinkedIn asks whether this address is ours",
        "description": "Asked every two hours. Nothing but a version 4 UUID gets a signature.",
        "parameters": [
            path_parameter("connection_key", "The connection's key"),
            {
                "name": "challengeCode",
                "in": "query",
                "required": True,
                "schema": {"type": "string", "format": "uuid"},
                "example": "890e4665-4dfe-4ab1-b689-ed553bceeed0",
            },
        ],
        "responses": {
            "429": TOO_MANY,
            "200": {
                "description": "The code, and its HMAC-SHA256 by the app's client secret.",
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "required": ["challengeCode", "challengeResponse"],
                            "properties": {
                                "challengeCode": {"type": "string", "format": "uuid"},
                                "challengeResponse": {"type": "string"},
                            },
                        },
                        "example": {
                            "challengeCode": "890e4665-4dfe-4ab1-b689-ed553bceeed0",
                            "challengeResponse": (
                                "63c7a919bedbaacb240b7f164b53ceec3659f89f076bdd25f84469154bedb6e8"
                            ),
                        },
                    }
                },
            },
        },
    },
    "post": {
        "operationId": "linkedin_webhook",
        "tags": ["webhooks"],
        "summary": "Lead notification of LinkedIn",
        "description": (
            "Signed by X-LI-Signature. Details of the leads are fetched from LinkedIn. "
            "A deleted lead is kept as a notice."
        ),
        "parameters": [path_parameter("connection_key", "The connection's key")],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"type": "object", "additionalProperties": True},
                    "example": {
                        "type": "LEAD_ACTION",
                        "leadGenFormResponse": "urn:li:leadGenFormResponse:8a5a2cf4-7d0e-4a6e-9f53-7",
                        "leadGenForm": "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:818,1)",
                        "owner": {"sponsoredAccount": "urn:li:sponsoredAccount:512345678"},
                        "leadType": "SPONSORED",
                        "leadAction": "CREATED",
                        "occurredAt": 1764063000000,
                    },
                }
            },
        },
        "responses": {
            "429": TOO_MANY,
            "200": {
                "description": "Kept (or kept before).",
                "content": {"application/json": {"example": {}}},
            },
        },
    },
}
