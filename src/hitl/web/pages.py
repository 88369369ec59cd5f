"""The pages: plain forms that need no script."""

from collections.abc import Mapping

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from hitl.render.review.page import SCRIPT, STYLE, entry_page, item_page, list_page, lock_page
from hitl.review.votes import Vote
from hitl.web.answers import DeniedError, too_often
from hitl.web.desk.desk import Desk
from hitl.web.desk.entering import enter, leave, new_name
from hitl.web.desk.locking import lock
from hitl.web.desk.refusals import RefusedError, StaleError, UnfitError
from hitl.web.desk.voting import (
    next_item,
    open_item,
    put_off_item,
    save,
    says_the_same,
    show_confidence,
    undo,
)
from hitl.web.forms import Do, draft_vote, is_blank, sent_vote
from hitl.web.people import AtSite, Form, FormWriter, MaybeThere, Person, There
from hitl.web.site import Site, csrf_of, is_csrf
from hitl.web.views import item_view, list_view, said

router = APIRouter(include_in_schema=False)

_UNKNOWN = "nobody has this access token; copy the whole of it from your invitation"
_NO_COOKIE = "the form was too old, or your browser keeps no cookies; try again, and allow cookies for this address"


@router.get("/static/review.css")
async def style() -> Response:
    """Send the style."""
    return Response(STYLE, media_type="text/css; charset=utf-8")


@router.get("/static/review.js")
async def script() -> Response:
    """Send the script."""
    return Response(SCRIPT, media_type="text/javascript; charset=utf-8")


@router.get("/favicon.ico")
async def icon() -> Response:
    """Send no picture, without complaint."""
    return Response(status_code=204)


@router.get("/")
def home(request: Request, site: AtSite, who: MaybeThere) -> Response:
    """Show the list, or the entry."""
    if who is None:
        return _entry(request, site)
    return HTMLResponse(list_page(list_view(site.desk, who)))


@router.post("/enter")
def come_in(request: Request, site: AtSite, form: Form) -> Response:
    """Exchange a token for a session."""
    if not is_csrf(request.cookies.get(site.entry_cookie, ""), form.get("csrf", "")):
        return _entry(request, site, _NO_COOKIE, 403)
    wait = site.entries.wait(site.address(request))
    if wait:
        raise too_often(wait)
    name = enter(site.desk, form.get("token", "").strip(), request.cookies.get(site.session_cookie, ""))  # fmt: skip
    if name is None:
        return _entry(request, site, _UNKNOWN, 401)
    response = _to("/")
    site.hand_out(response, site.session_cookie, name)
    site.take_away(response, site.entry_cookie)
    return response


@router.post("/leave")
def go(site: AtSite, who: FormWriter) -> Response:
    """End a session; votes stay."""
    leave(site.desk, who.session, who.reviewer)
    response = _to("/")
    site.take_away(response, site.session_cookie)
    return response


@router.get("/next")
def go_on(site: AtSite, who: There) -> Response:
    """Go to the next item without a vote."""
    return _to_next(site, who)


@router.get("/items/{item_id}")
def show_item(item_id: str, site: AtSite, who: There) -> Response:
    """Show an item."""
    opened = open_item(site.desk, who.reviewer, item_id)
    return HTMLResponse(item_page(item_view(site.desk, who, opened)))


@router.post("/items/{item_id}")
def act(item_id: str, site: AtSite, who: FormWriter, form: Form) -> Response:
    """Do what a button of an item says."""
    wanted = form.get("do", Do.SAVE)
    match next((do for do in Do if do.value == wanted), None):
        case Do.SAVE:
            return _save(site, who, item_id, form)
        case Do.LATER:
            put_off_item(site.desk, who.reviewer, item_id)
            return _to_next(site, who, skipping=item_id)
        case Do.CONFIDENCE:
            show_confidence(site.desk, who.reviewer, item_id)
            return _again(site.desk, who, item_id, form)
        case Do.UNDO:
            return _undo(site, who)
        case None:
            raise DeniedError(422, "the form has no such button; go back to the item")


@router.post("/undo")
def take_back(site: AtSite, who: FormWriter) -> Response:
    """Take back the last save and show its item."""
    return _undo(site, who)


@router.get("/lock")
def before_lock(site: AtSite, who: There) -> Response:
    """Show what locking means."""
    return HTMLResponse(lock_page(list_view(site.desk, who)))


@router.post("/lock")
def make_final(request: Request, site: AtSite, who: FormWriter, form: Form) -> Response:
    """Sign the votes and make them final."""
    wait = site.entries.wait(site.address(request))
    if wait:
        raise too_often(wait)
    accepts = form.get("accept_blanks", "") != ""
    try:
        lock(site.desk, who.reviewer, form.get("token", "").strip(), accepts_blanks=accepts)
    except UnfitError as error:
        page = lock_page(list_view(site.desk, who, error.problems))
        return HTMLResponse(page, error.status)
    return _to("/")


def _save(site: Site, who: Person, item_id: str, form: Mapping[str, str]) -> Response:
    _, item = site.desk.place(who.reviewer, item_id)
    try:
        sent = sent_vote(form, item, site.desk.packet(who.reviewer).mode)
        save(site.desk, who.reviewer, item_id, sent)
    except (UnfitError, StaleError) as error:
        return _again(site.desk, who, item_id, form, error)
    return _to_next(site, who)


def _again(
    desk: Desk,
    who: Person,
    item_id: str,
    form: Mapping[str, str],
    error: RefusedError | None = None,
) -> Response:
    """Show an item again with what was typed."""
    opened = open_item(desk, who.reviewer, item_id, is_again=True)
    draft: Vote | None = draft_vote(form, opened.item)
    stands = opened.standing.vote
    problems = error.problems if error else ()
    if isinstance(error, StaleError):
        problems = (*problems, f"saved now: {said(stands) if stands else 'nothing, it was taken back'}")  # fmt: skip
    if error is None and draft and (is_blank(draft) or (stands and says_the_same(stands, draft))):
        draft = None
    view = item_view(desk, who, opened, draft=draft, problems=problems)
    return HTMLResponse(item_page(view), error.status if error else 200)


def _undo(site: Site, who: Person) -> Response:
    item_id = undo(site.desk, who.reviewer)
    return _to("/" if item_id is None else f"/items/{item_id}")


def _to_next(site: Site, who: Person, *, skipping: str = "") -> Response:
    item_id = next_item(site.desk, who.reviewer, skipping=skipping)
    return _to("/" if item_id is None else f"/items/{item_id}")


def _entry(request: Request, site: Site, problem: str = "", status: int = 200) -> Response:
    name = request.cookies.get(site.entry_cookie, "") or new_name()
    response = HTMLResponse(entry_page(problem, csrf_of(name)), status)
    site.hand_out(response, site.entry_cookie, name)
    return response


def _to(path: str) -> Response:
    return RedirectResponse(path, 303)
