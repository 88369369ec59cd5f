"""The app: pages, API, its description, behind the shield."""

from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp

from hitl import __version__
from hitl.web import api, pages
from hitl.web.answers import answer_problems
from hitl.web.shield import Shield
from hitl.web.site import Site


def create_app(site: Site) -> ASGIApp:
    """Return the app that serves one review; whoever runs it closes the desk's store."""
    app = FastAPI(
        title="Blind review",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
    )
    app.state.site = site
    app.include_router(pages.router)
    app.include_router(api.router)
    answer_problems(app)
    _describe(app, site)
    return Shield(app, site.settings)


def _describe(app: FastAPI, site: Site) -> None:
    """Say in /openapi.json what opens the API."""
    schema: dict[str, Any] = app.openapi()
    schema["components"]["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": site.session_cookie},
        "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"},
    }
    for methods in schema["paths"].values():
        for method, operation in methods.items():
            needed: dict[str, list[str]] = {"session": []}
            if method != "get":
                needed["csrf"] = []
            operation["security"] = [needed]
    app.openapi_schema = schema
