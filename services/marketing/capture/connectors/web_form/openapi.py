"""The door of web forms in `/openapi.json`."""

from typing import Any

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
_TEST = {
    "name": "X-Leadloop-Test",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "enum": ["1"]},
    "description": "Only a test (also a field `_test=1`): it is noted as a delivery, and makes no lead.",
}
_PAGE = {"text/html": {"schema": {"type": "string"}, "example": "<!doctype html>…"}}


def _refused(about: str) -> dict[str, Any]:
    """For people a page; for scripts a problem, as everywhere."""
    return {"description": about, "content": _PAGE}


FORM: Operations = {
    "post": {
        "operationId": "submit_form",
        "tags": ["capture"],
        "summary": "Submit a web form",
        "description": (
            "Any field names; usual ones are recognised, the rest is kept as answers. "
            "It is kept before it is understood, and read in whatever way it is written: JSON, URL-encoded, "
            "multipart (files are named, not kept), also as text/plain or without a type, in UTF-8 or in the "
            "encoding that is declared. "
            "A hidden field `_nonce` does what `Idempotency-Key` does, for pages without a script. "
            "A plain HTML form is shown a page, or sent to the form's `redirect_url` or `error_url`."
        ),
        "parameters": [path_parameter("form_key", "The form's public key, pk_…"), REPEAT, _TEST],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": _FORM_SCHEMA, "example": _FORM_EXAMPLE},
                "application/x-www-form-urlencoded": {"schema": _FORM_SCHEMA, "example": _FORM_EXAMPLE},
                "multipart/form-data": {"schema": _FORM_SCHEMA, "example": _FORM_EXAMPLE},
                "text/plain": {
                    "schema": {"type": "string"},
                    "example": "name=Ada&email=ada%40muster.example",
                },
            },
        },
        "responses": {
            "202": ACCEPTED,
            "303": {"description": "To the form's `redirect_url`, its `error_url?error=…`, or our thanks."},
            "400": _refused("The parts of a multipart body are not what their boundary promises."),
            "404": _refused("There is no form with this key."),
            "413": _refused("The body is too large."),
            "422": _refused(
                "There is nothing like an e-mail address in it, and no six digits: nobody could be reached. "
                "It is kept all the same, as `submission_id`.",
            ),
            "429": _refused("Too many forms, or unknown keys, came from one network; see `Retry-After`."),
            "503": _refused("It can't be stored now; send it again."),
        },
    },
    "options": {
        "operationId": "preflight_form",
        "tags": ["capture"],
        "summary": "CORS preflight of a web form",
        "parameters": [path_parameter("form_key", "The form's public key, pk_…")],
        "responses": {
            "204": {
                "description": (
                    "The page may post, with the headers it asks for. Submissions of origins that are not "
                    "the form's are kept, and set aside as `origin`."
                )
            },
            "429": {"description": "Too many unknown keys came from one network; see `Retry-After`."},
        },
    },
}
THANKS: Operations = {
    "get": {
        "operationId": "show_thanks",
        "tags": ["capture"],
        "summary": "The page after a plain HTML form",
        "parameters": [
            path_parameter("form_key", "The form's public key, pk_…"),
            {"name": "lang", "in": "query", "required": False, "schema": {"type": "string"}},
        ],
        "responses": {"200": {"description": "Thanks, in this language if it is known.", "content": _PAGE}},
    }
}
