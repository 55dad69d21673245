"""The door of web forms in `/openapi.json`."""

from services.marketing.capture.connectors.openapi import ACCEPTED, REPEAT, Operations, path_parameter

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
        "parameters": [path_parameter("form_key", "The form's public key, pk_…"), REPEAT],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": _FORM_SCHEMA, "example": _FORM_EXAMPLE},
                "application/x-www-form-urlencoded": {"schema": _FORM_SCHEMA, "example": _FORM_EXAMPLE},
                "multipart/form-data": {"schema": _FORM_SCHEMA, "example": _FORM_EXAMPLE},
            },
        },
        "responses": {"202": ACCEPTED, "303": {"description": "Back to the form's `redirect_url`."}},
    },
    "options": {
        "operationId": "preflight_form",
        "tags": ["capture"],
        "summary": "CORS preflight of a web form",
        "parameters": [path_parameter("form_key", "The form's public key, pk_…")],
        "responses": {"204": {"description": "The page's origin may post."}},
    },
}
