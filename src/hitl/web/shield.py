"""What stands before the app: the name that was asked for, where a write comes from, its size, and the headers of every answer."""

import asyncio
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hitl.web.answers import problem_response
from hitl.web.settings import Settings

LARGEST_BODY = 1024 * 1024
"""Bytes of a request: three texts of the greatest length, in a script of which a form writes nine bytes a letter."""
_PATIENCE = 60.0
"""Seconds in which a request must have come whole."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'none';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""What every answer says, errors too."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_MOST_DRAINED = 16 * LARGEST_BODY
_COURTESY = 1.0
"""Seconds."""
_NEVER_IN_HOST = frozenset("/\\?#@")
_TOO_LARGE = 413, f"the request is too large; at most {LARGEST_BODY >> 10} KB are read"


class _CutOffError(Exception):
    """The caller left before the request was whole."""


class Shield:
    """An app behind its checks; it lies outside the app's own error handling, so that no answer escapes it."""

    def __init__(self, app: ASGIApp, settings: Settings, patience: float = _PATIENCE) -> None:
        self._app = app
        self._settings = settings
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        refused = self._refusal(scope)
        body = None
        try:
            async with asyncio.timeout(self._patience):
                body = None if refused else await _body(receive)
        except _CutOffError:
            # Half a form could be read as a whole one that says less: nothing of it is looked at.
            return
        except TimeoutError:
            refused = 408, "the request did not come whole; nothing of it is saved: try again"
        if body is None:
            await _drained(receive)
            status, problem = refused or _TOO_LARGE
            answer = problem_response(scope["path"], status, [problem], {"Connection": "close"})
            await answer(scope, receive, send_safely)
            return
        await self._app(scope, _replayed(body, receive), send_safely)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if _name(host) not in self._settings.names:
            return 421, (
                "this server does not answer to the name that was asked for; use the address that it printed,"
                " start it with --name, or let the proxy pass on the Host header"
            )
        if scope["method"] not in _SAFE and not self._is_own(headers, host):
            return 403, (
                "this came from another page; open the review itself and try again, in a browser that is up to date"
            )
        if _length(headers) > LARGEST_BODY:
            return _TOO_LARGE
        return None

    def _is_own(self, headers: Headers, host: str) -> bool:
        """Whether a write comes from a page of this server, or from no page at all.

        Pages say `no-referrer`, so browsers send the origin of a form as `null`; then what the browser says of the
        site decides. A program that sends neither has no cookies of anybody's.
        """
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is not None and site not in ("same-origin", "none"):
            return False
        if origin is None:
            return True
        if origin == "null":
            return site == "same-origin"
        scheme = "https" if self._settings.is_https else "http"
        return origin.lower() == f"{scheme}://{host.lower()}"


def _name(host: str) -> str:
    if _NEVER_IN_HOST & set(host):
        return ""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _length(headers: Headers) -> int:
    given = headers.get("content-length", "0")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 16 else LARGEST_BODY + 1  # fmt: skip


async def _body(receive: Receive) -> bytes | None:
    """Read a request's body; None where it is too large, however it says it is sent.

    Raises:
        _CutOffError: the caller left before the end.
    """
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _CutOffError
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            return None
        if not message.get("more_body", False):
            return bytes(body)


async def _drained(receive: Receive) -> None:
    """Let a caller finish sending for a moment: a browser that is cut off shows its own error, and not what was wrong."""
    left = _MOST_DRAINED
    try:
        async with asyncio.timeout(_COURTESY):
            while left > 0:
                message = await receive()
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return
                left -= len(message.get("body", b""))
    except TimeoutError:
        return


def _replayed(body: bytes, receive: Receive) -> Receive:
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return pending.pop() if pending else await receive()

    return replay
