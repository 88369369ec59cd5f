"""`hitl review serve`: the page on which reviewers vote."""

from pathlib import Path
from typing import Annotated

import typer

from hitl.cli.options import AsJson


def serve(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder that `hitl review pack` wrote.")
    ],
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; beyond this machine only with TLS.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port; 0 for any that is free.")
    ] = 8765,
    name: Annotated[
        list[str] | None,
        typer.Option("--name", help="Name by which reviewers reach it; may be given again."),
    ] = None,
    tls_cert: Annotated[
        Path | None, typer.Option("--tls-cert", help="Certificate with its chain, PEM.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option("--tls-key", help="Its key, PEM.")] = None,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="A proxy that ends TLS passes requests on.")
    ] = False,
    reservation_minutes: Annotated[
        float,
        typer.Option(
            "--reservation-minutes",
            min=1,
            max=1440,
            help="How long an open item is kept for a reviewer, with open assignment.",
        ),
    ] = 30,
    as_json: AsJson = False,
) -> int:
    """Serve the review page: reviewers enter with their token, vote blind, and lock.

    Runs until Ctrl-C; votes are on disk before they are answered, so it can stop and go on at any time.

    Example: hitl review serve reviews/triage-2026-05-18
    """
    from hitl.cli.review_serving import serve_review
    from hitl.web.settings import settings_for

    tls = (tls_cert, tls_key)
    settings = settings_for(host, port, name or (), tls, is_behind_proxy=behind_proxy)
    serve_review(folder, settings, reservation_minutes, as_json=as_json)
    return 0
