"""The door of Google Ads in `/openapi.json`."""

from services.marketing.capture.connectors.openapi import TOO_MANY, Operations, path_parameter

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
        "description": (
            "Enter this address and the connection's google_key in the lead form's settings. "
            "What the button for test data sends is kept as a notice and makes no lead."
        ),
        "parameters": [path_parameter("connection_key", "The connection's key")],
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
            "429": {**_REFUSED_TO_GOOGLE, **TOO_MANY},
            "200": {
                "description": "Kept (or kept before).",
                "content": {"application/json": {"example": {}}},
            },
            **{str(status): _REFUSED_TO_GOOGLE for status in (400, 401, 404, 413, 415, 503)},
        },
    }
}
