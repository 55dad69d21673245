"""`/docs`: the service's API as a page that needs nothing from elsewhere.

FastAPI's own page loads its scripts from a CDN: blank where the network is closed, and code of
others beside the token somebody pastes into it. The same scripts come with `fastapi-offline`.
"""

import re
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

PAGE, PARTS = "/docs", "/docs/parts"
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_PARTS_FOLDER = Path(str(files("fastapi_offline") / "static"))


def policy(page: str, service_url: str) -> str:
    """What the page may load and ask: its own parts, its one inline script by hash, the service it describes.

    Nobody may frame it: a token is pasted into it. Swagger UI writes styles of its own.
    """
    scripts = [b64encode(sha256(text.encode()).digest()).decode() for text in _INLINE.findall(page)]
    hashes = " ".join(f"'sha256-{digest}'" for digest in scripts)
    address = urlsplit(service_url)
    described = f" {address.scheme}://{address.netloc}" if address.netloc else ""
    return (
        f"default-src 'none'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data:; connect-src 'self'{described}; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


def add(app: FastAPI, service_url: str) -> None:
    """Serve the page and what it loads; its links keep a prefix that a proxy takes away (`root_path`)."""
    app.mount(PARTS, StaticFiles(directory=_PARTS_FOLDER))

    @app.get(PAGE, include_in_schema=False)
    async def show_docs(request: Request) -> HTMLResponse:
        root = request.scope.get("root_path", "").rstrip("/")
        page = get_swagger_ui_html(
            openapi_url=f"{root}{app.openapi_url}",
            title=app.title,
            swagger_js_url=f"{root}{PARTS}/swagger-ui-bundle.js",
            swagger_css_url=f"{root}{PARTS}/swagger-ui.css",
            swagger_favicon_url=f"{root}{PARTS}/favicon.png",
            swagger_ui_parameters={"persistAuthorization": False, "displayRequestDuration": True},
        )
        page.headers["content-security-policy"] = policy(bytes(page.body).decode(), service_url)
        page.headers["x-frame-options"] = "DENY"
        page.headers["referrer-policy"] = "no-referrer"
        return page
