"""How a server is reached, and what a cookie and an address may look like there."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hitl.errors import UsageError

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
"""What a browser on this machine calls it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a server is reached."""

    host: str = "127.0.0.1"
    """Address that it listens on."""
    port: int = 0
    """0: any that is free."""
    names: frozenset[str] = LOOPBACK_NAMES
    """Names by which browsers may call it; a request for another name is refused, so that no foreign page can make its
    own name point here."""
    certificate: Path | None = None
    """TLS certificate with its chain."""
    key: Path | None = None
    """Its key."""
    is_behind_proxy: bool = False
    """Whether a proxy that ends TLS stands before it."""

    @property
    def is_https(self) -> bool:
        """Whether browsers come by HTTPS."""
        return self.certificate is not None or self.is_behind_proxy


def settings_for(
    host: str,
    port: int,
    names: Iterable[str],
    tls: tuple[Path | None, Path | None],
    *,
    is_behind_proxy: bool,
) -> Settings:
    """Return settings that are safe to serve with.

    Args:
        host: address to listen on.
        port: port to listen on; 0 for any.
        names: names by which reviewers reach the server, beside those of this machine.
        tls: certificate and key.
        is_behind_proxy: whether a proxy that ends TLS passes requests on.

    Raises:
        UsageError: votes and tokens would cross a network unencrypted, or nobody could reach the server.
    """
    certificate, key = tls
    if (certificate is None) != (key is None):
        raise UsageError("--tls-cert and --tls-key go together: give both files, or neither")
    is_near = _is_loopback(host)
    if not is_near and certificate is None and not is_behind_proxy:
        raise UsageError(
            f"--host {host} is reached from other machines, and tokens and votes would cross the network unencrypted;"
            " give --tls-cert and --tls-key, or put a proxy that ends TLS before it and say --behind-proxy,"
            " or leave --host away and let each reviewer come through `ssh -L`"
        )
    given = {name.lower().rstrip(".") for name in names}
    wanted = given | (set(LOOPBACK_NAMES) if is_near else set() if _is_any(host) else {host})
    if not given and (is_behind_proxy or _is_any(host)):
        raise UsageError(
            "say the name by which reviewers reach the server: --name review.example.org; requests for other names are refused"
        )
    return Settings(host, port, frozenset(wanted), certificate, key, is_behind_proxy)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _is_any(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False
