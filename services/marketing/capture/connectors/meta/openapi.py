"""The door of Meta in `/openapi.json`."""

from services.marketing.capture.connectors.openapi import TOO_MANY, Operations, path_parameter

META: Operations = {
    "get": {
        "operationId": "meta_webhook_verification",
        "tags": ["webhooks"],
        "summary": "Meta asks whether this address is ours",
        "parameters": [
            path_parameter("connection_key", "The connection's key"),
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
            "429": TOO_MANY,
            "200": {"description": "The challenge.", "content": {"text/plain": {"example": "1158201444"}}},
        },
    },
    "post": {
        "operationId": "meta_webhook",
        "tags": ["webhooks"],
        "summary": "Leadgen webhook of Meta",
        "description": "Signed by X-Hub-Signature-256. Details of the leads are fetched from the Graph API.",
        "parameters": [path_parameter("connection_key", "The connection's key")],
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
            "429": TOO_MANY,
            "200": {
                "description": "Kept (or kept before).",
                "content": {"application/json": {"example": {}}},
            },
        },
    },
}
