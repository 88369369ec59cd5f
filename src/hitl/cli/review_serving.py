"""What `hitl review serve` opens, says and runs."""

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from hitl.cli.clock import moment
from hitl.cli.output import print_text, tell

if TYPE_CHECKING:
    from hitl.web.settings import Settings


def serve_review(
    folder: Path, settings: "Settings", reservation_minutes: float, *, as_json: bool
) -> None:
    """Serve the page of a review until somebody stops it.

    Raises:
        DocumentError: the folder, or the votes in it, cannot be used.
        UsageError: an address or a certificate that cannot be used.
    """
    from hitl.web.app import create_app
    from hitl.web.desk.desk import open_desk
    from hitl.web.serving import check_certificate, listening, run, url_of
    from hitl.web.site import Site

    check_certificate(settings)
    desk = open_desk(folder, moment, timedelta(minutes=reservation_minutes))
    try:
        with listening(settings) as sock:
            url = url_of(settings, sock)
            if desk.box.is_opened():
                tell(f"{folder} was merged and its key is open: nobody can vote or lock any more")
            tell(f"reviewers enter at {url} with the tokens of their invitations; Ctrl-C stops")
            if as_json:
                print_text(json.dumps({"url": url, "port": sock.getsockname()[1]}))
            run(create_app(Site(desk, settings)), settings, sock)
    finally:
        desk.store.close()
