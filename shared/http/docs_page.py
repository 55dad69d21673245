"""`/docs`: the service's API as a page that needs nothing from elsewhere.

FastAPI's own page loads its scripts from a CDN: blank where the network is closed, and code of
others beside the token somebody pastes into it. The same scripts come with `fastapi-offline`.
"""

from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

PAGE, PARTS = "/docs", "/docs/parts"
_PARTS_FOLDER = Path(str(files("fastapi_offline") / "static"))


def add(app: FastAPI) -> None:
    """Serve the page and what it loads; its links keep a prefix that a proxy takes away (`root_path`)."""
    app.mount(PARTS, StaticFiles(directory=_PARTS_FOLDER))

    @app.get(PAGE, include_in_schema=False)
    async def show_docs(request: Request) -> HTMLResponse:
        root = request.scope.get("root_path", "").rstrip("/")
        return get_swagger_ui_html(
            openapi_url=f"{root}{app.openapi_url}",
            title=app.title,
            swagger_js_url=f"{root}{PARTS}/swagger-ui-bundle.js",
            swagger_css_url=f"{root}{PARTS}/swagger-ui.css",
            swagger_favicon_url=f"{root}{PARTS}/favicon.png",
            swagger_ui_parameters={"persistAuthorization": False, "displayRequestDuration": True},
        )
