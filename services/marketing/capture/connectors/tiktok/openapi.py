"""The door of TikTok in `/openapi.json`."""

from services.marketing.capture.connectors.openapi import TOO_MANY, Operations, path_parameter

TIKTOK: Operations = {
    "post": {
        "operationId": "tiktok_webhook",
        "tags": ["webhooks"],
        "summary": "Lead webhook of TikTok (format not verified)",
        "description": (
            "Signed by TikTok-Signature, `t=<unix seconds>,s=<HMAC-SHA256 of t.body>`, of the last five "
            "minutes. The envelope is TikTok's documented one. How a lead looks inside of `content` is not "
            "documented anywhere we could read: its fields are recognised by their names. Try it with a lead "
            "of your own before you rely on it."
        ),
        "parameters": [path_parameter("connection_key", "The connection's key")],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"type": "object", "additionalProperties": True},
                    "example": {
                        "client_key": "aw1234567890abcd",
                        "event": "lead.generate",
                        "create_time": 1764063000,
                        "user_openid": "",
                        "content": '{"lead_id":"7301","email":"ada.nowak@muster-gmbh.example"}',
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
