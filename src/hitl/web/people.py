"""Who sends a request, and whether it may write."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends
from starlette.requests import Request

from hitl.web.answers import DeniedError, NotEnteredError, too_often
from hitl.web.desk.entering import visitor
from hitl.web.site import Site, csrf_of, is_csrf, site_of

_FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 64
_FORGED = "the form is not of this session; go back to your list and open it again"


@dataclass(frozen=True, slots=True)
class Person:
    """A reviewer who has entered."""

    reviewer: str
    session: str

    @property
    def csrf(self) -> str:
        """Token of their forms."""
        return csrf_of(self.session)


AtSite = Annotated[Site, Depends(site_of)]


def maybe_person(request: Request, site: AtSite) -> Person | None:
    """Return who is there; None where nobody has entered."""
    name = request.cookies.get(site.session_cookie, "")
    reviewer = visitor(site.desk, name) if name else None
    return None if reviewer is None else Person(reviewer, name)


MaybeThere = Annotated[Person | None, Depends(maybe_person)]


def person(found: MaybeThere) -> Person:
    """Return who is there.

    Raises:
        NotEnteredError: nobody.
    """
    if found is None:
        raise NotEnteredError
    return found


There = Annotated[Person, Depends(person)]


async def form_of(request: Request) -> Mapping[str, str]:
    """Return the fields of a form.

    Raises:
        DeniedError: it is no form.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _FORM:
        raise DeniedError(415, f"expected a form, sent as {_FORM}")
    body = (await request.body()).decode("utf-8", "replace")
    try:
        fields = parse_qsl(body, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise DeniedError(400, "the form has too many fields") from error
    return {name: value.replace("\r\n", "\n") for name, value in fields}


Form = Annotated[Mapping[str, str], Depends(form_of)]


def form_writer(found: There, site: AtSite, form: Form) -> Person:
    """Return who sends a form of their own session.

    Raises:
        DeniedError: it is another's, or one of very many.
    """
    return _writer(found, site, form.get("csrf", ""))


def api_writer(request: Request, found: There, site: AtSite) -> Person:
    """Return who writes through the API with the token of their own session.

    Raises:
        DeniedError: the token is missing or another's, or this is one of very many.
    """
    return _writer(found, site, request.headers.get("x-csrf-token", ""))


def _writer(found: Person, site: Site, csrf: str) -> Person:
    if not is_csrf(found.session, csrf):
        raise DeniedError(403, _FORGED)
    wait = site.writes.wait(found.session)
    if wait:
        raise too_often(wait)
    return found


FormWriter = Annotated[Person, Depends(form_writer)]
ApiWriter = Annotated[Person, Depends(api_writer)]
