"""Listening, and running until told to stop."""

import errno
import logging
import signal
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from hitl.errors import UsageError
from hitl.web.settings import Settings

_BACKLOG = 128
_GRACE = 5
"""Seconds for which requests under way may go on when the server stops."""


@contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """Listen for as long as the block runs; callers wait from now on until they are answered.

    Raises:
        UsageError: the address or the port cannot be used.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        sock = socket.socket(family, kind, protocol)
    except OSError as error:
        raise UsageError(f"--host {settings.host}: no such address ({error.strerror})") from error
    with sock:
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(address)
            sock.listen(_BACKLOG)
        except OSError as error:
            raise UsageError(_cannot_listen(settings, error)) from error
        yield sock


def url_of(settings: Settings, sock: socket.socket) -> str:
    """Return the address at which a browser finds a server that listens."""
    port = sock.getsockname()[1]
    if settings.is_behind_proxy:
        return f"https://{min(settings.names - {'127.0.0.1', 'localhost', '::1'})}/"
    scheme = "https" if settings.is_https else "http"
    name = settings.host if settings.host in settings.names else min(settings.names)
    return f"{scheme}://{f'[{name}]' if ':' in name else name}:{port}/"


def check_certificate(settings: Settings) -> None:
    """Read the certificate and its key.

    Raises:
        UsageError: they cannot be used.
    """
    if settings.certificate is None or settings.key is None:
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
            settings.certificate,
            settings.key,
            password="",  # one that is needed fails here, and does not ask on the terminal later
        )
    except OSError as error:  # what `ssl` raises is one of these
        raise UsageError(
            f"{settings.certificate} and {settings.key}: cannot be used for TLS ({error});"
            " expected a PEM certificate with its chain, and its key without a password"
        ) from error


def run(app: ASGIApp, settings: Settings, sock: socket.socket) -> None:
    """Serve until SIGINT, which is raised again, or SIGTERM, which ends it quietly.

    Nothing is logged of a request: no address, no path.
    """
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        ws="none",
        ssl_certfile=settings.certificate,
        ssl_keyfile=settings.key,
        timeout_graceful_shutdown=_GRACE,
        timeout_keep_alive=30,
    )
    # uvicorn hands a signal on to whoever had it before, and by default SIGTERM kills.
    before = signal.signal(signal.SIGTERM, _be_quiet)
    try:
        uvicorn.Server(config).run(sockets=[sock])
    finally:
        signal.signal(signal.SIGTERM, before)


def _be_quiet(number: int, frame: FrameType | None) -> None:
    del number, frame


def _cannot_listen(settings: Settings, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"--port {settings.port} is taken; choose another, or 0 for any that is free"
    place = f"{settings.host}:{settings.port}"
    return f"cannot listen on {place} ({error.strerror}); choose another --host or --port"
