"""The door of generic webhooks in `/openapi.json`."""

from services.marketing.capture.connectors.openapi import TOO_MANY, Operations, path_parameter

GENERIC: Operations = {
    "post": {
        "operationId": "generic_webhook",
        "tags": ["webhooks"],
        "summary": "Signed webhook of any tool",
        "description": (
            "Typeform, Tally, Calendly, Cal.com, Formbricks, Webflow and the like: name one of "
            "GET /v1/connection-presets as `preset` and the rest is filled in. "
            "The connection's `settings` say how it is signed "
            "(HMAC-SHA256; `signature`: header, prefix, encoding, signed, element, timestamp_header or "
            "timestamp_element, timestamp_unit, id_header, secret_encoding) and where in the body things are "
            "(`fields` and `answers` by name, `root`, `questions` with `list`, `name` and `values`, "
            "`external_id`, `occurred_at`, `campaign`, `event` with "
            "`events`), as paths such as `$.form_response.answers[?(@.field.ref=='email')].email`."
        ),
        "parameters": [path_parameter("connection_key", "The connection's key")],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"type": "object", "additionalProperties": True},
                    "example": {
                        "eventId": "a4cb511e-d513-4fa5-baee-b815d718dfd1",
                        "eventType": "FORM_RESPONSE",
                        "data": {"email": "ada.nowak@muster-gmbh.example"},
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
