"""A server on loopback that shows pages under the policy of the real one, and notes what comes back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl

import pytest

from hitl.render.review.page import SCRIPT, STYLE

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'none';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass
class Shelf:
    """Pages by path, and what was posted: path, form, token of the header."""

    pages: dict[str, str] = field(default_factory=dict)
    posts: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    address: str = ""

    def put(self, path: str, page: str) -> str:
        self.pages[path] = page
        return self.address + path


def _handler(shelf: Shelf) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            files = {
                "/static/review.css": (STYLE, "text/css"),
                "/static/review.js": (SCRIPT, "text/javascript"),
            }
            body, kind = files.get(self.path) or (shelf.pages.get(self.path, ""), "text/html")
            self._answer(200 if body else 404, body, kind)

        def do_POST(self) -> None:
            given = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            form = dict(parse_qsl(given, keep_blank_values=True))
            shelf.posts.append((self.path, form, self.headers.get("X-CSRF-Token", "")))
            self._answer(200, "<!doctype html><title>received</title>", "text/html")

        def _answer(self, status: int, body: str, kind: str) -> None:
            content = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Security-Policy", POLICY)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@pytest.fixture(scope="module")
def served() -> Iterator[Callable[[], Shelf]]:
    shelf = Shelf()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(shelf))
    shelf.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever)
    thread.start()

    def fresh() -> Shelf:
        shelf.pages.clear()
        shelf.posts.clear()
        return shelf

    yield fresh
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def shelf(served: Callable[[], Shelf]) -> Shelf:
    return served()
