"""What browsers load: a page of its own for each form, and the script and style of forms."""

from fastapi import Depends, Response

from services.marketing.capture.embed import rules
from services.marketing.capture.embed.assets import BY_NAME
from services.marketing.capture.embed.use_cases import shown
from services.marketing.capture.sources import queries
from shared.auth.access import public
from shared.errors import NotFoundError
from shared.http.query_names import any_query
from shared.http.service import Transaction, router

FOR_PEOPLE = Depends(public("People open it to fill in the form; its key is in the path."))
FOR_PAGES = Depends(public("Pages load it: the same for everybody, and nothing of anybody in it."))
A_YEAR = "public, max-age=31536000, immutable"
pages = router("/v1/forms", tags=["embed"])
assets = router("/v1/embed", tags=["embed"])


@pages.get(
    "/{form_key}/page",
    dependencies=[FOR_PEOPLE, Depends(any_query)],
    response_class=Response,
    responses={
        200: {"content": {"text/html": {"schema": {"type": "string"}, "example": "<!doctype html>…"}}}
    },
)
async def show_page(form_key: str, session: Transaction) -> Response:
    """The form as a page of its own, for a link or a frame."""
    form = await queries.form_by_key(session, form_key)
    if form is None:
        raise NotFoundError("There is no form here (any more). Ask who gave you the link for another one.")
    headers = {
        "Content-Security-Policy": rules.page_policy(shown(form)),
        # What stands in its address, such as a click id, is nobody's business but the form's.
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
        "X-Robots-Tag": "noindex",
    }
    return Response(rules.page(shown(form)), media_type="text/html; charset=utf-8", headers=headers)


@assets.get(
    "/{name}",
    dependencies=[FOR_PAGES, Depends(any_query)],
    response_class=Response,
    responses={200: {"content": {"text/javascript": {}, "text/css": {}}}},
)
async def show_asset(name: str) -> Response:
    """A script or a style by its full name, which changes with what is in it."""
    asset = BY_NAME.get(name)
    if asset is None:
        raise NotFoundError("There is no such file. Copy the form's snippet again: it names the right one.")
    headers = {
        "Cache-Control": A_YEAR,
        "Access-Control-Allow-Origin": "*",
        # A page that isolates itself from others may load it all the same.
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return Response(asset.body, media_type=asset.media_type, headers=headers)
