"""One served review: the desk, how it is reached, and how often somebody may come."""

import hmac
from dataclasses import dataclass, field
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from hitl.web.desk.desk import Desk
from hitl.web.desk.entering import LASTS
from hitl.web.rates import Rate
from hitl.web.settings import Settings

_SHORT = 8


def _entries() -> Rate:
    return Rate(10, 60)


def _writes() -> Rate:
    return Rate(1200, 60)


@dataclass(frozen=True)
class Site:
    """What every route needs."""

    desk: Desk
    settings: Settings
    entries: Rate = field(default_factory=_entries)
    """Tokens that an address may try."""
    writes: Rate = field(default_factory=_writes)
    """Writes of one session."""

    def cookie(self, purpose: str) -> str:
        """Return a cookie's name.

        It holds a part of the review's, because ports of one machine share their cookies.
        """
        name = f"hitl-{purpose}-{self.desk.review.plan.review_id[:_SHORT]}"
        return f"__Host-{name}" if self.settings.is_https else name

    @property
    def session_cookie(self) -> str:
        """Name of the cookie of those who entered."""
        return self.cookie("session")

    @property
    def entry_cookie(self) -> str:
        """Name of the cookie that the form at the entry is tied to."""
        return self.cookie("entry")

    def hand_out(self, response: Response, cookie: str, value: str, lasts: int = LASTS) -> None:
        """Set a cookie that no script reads and no other site sends."""
        response.set_cookie(
            cookie,
            value,
            max_age=lasts,
            path="/",
            secure=self.settings.is_https,
            httponly=True,
            samesite="strict",
        )

    def take_away(self, response: Response, cookie: str) -> None:
        """Delete a cookie."""
        self.hand_out(response, cookie, "", 0)

    def address(self, request: Request) -> str:
        """Return who is calling: behind a proxy, whom the proxy saw."""
        if self.settings.is_behind_proxy:
            # The last entry is the proxy's own; what stands before it, the caller may have written.
            forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
            if forwarded:
                return forwarded[:64]
        return request.client.host if request.client else ""


def csrf_of(name: str) -> str:
    """Return the token that forms of a session carry; it does not give the session's name away."""
    return sha256(f"hitl/csrf/{name}".encode()).hexdigest()


def is_csrf(name: str, given: str) -> bool:
    """Return whether a form or a header carries the token of a session."""
    return bool(name) and hmac.compare_digest(csrf_of(name).encode(), given.encode())


def site_of(request: Request) -> Site:
    """Return the site that a request came to."""
    found = request.app.state.site
    assert isinstance(found, Site)  # noqa: S101  # set where the app is made
    return found
