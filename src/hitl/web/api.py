"""The API: the same acts as the pages, in JSON."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from hitl.web.answers import too_often
from hitl.web.desk.locking import lock
from hitl.web.desk.voting import (
    Opened,
    Sent,
    next_item,
    note_alive,
    open_item,
    put_off_item,
    save,
    show_confidence,
    undo,
)
from hitl.web.people import ApiWriter, AtSite, There
from hitl.web.shapes import (
    ItemInList,
    ItemOut,
    Locked,
    LockIn,
    Next,
    OtherOut,
    Problems,
    Progress,
    Saved,
    SideOut,
    VoteIn,
)
from hitl.web.views import list_view

_SAID = {
    400: "The body is not JSON.",
    401: "You have not entered.",
    403: "The write is not of your session.",
    404: "There is no such item among yours.",
    409: "Another window has saved, others have taken the item, or the votes are final.",
    413: "The body is too large.",
    421: "The server does not answer to this name.",
    422: "Something is missing or wrong in what was sent.",
    429: "Too often; see Retry-After.",
    503: "The server could not do it; nothing of it is saved.",
}
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problems, "description": words} for status, words in _SAID.items()
}

router = APIRouter(prefix="/api", responses=_PROBLEMS)

ItemId = Annotated[str, Path(min_length=1, max_length=256)]


@router.get("/progress")
def progress(site: AtSite, who: There) -> Progress:
    """Say how far you are."""
    view = list_view(site.desk, who)
    frame = view.frame
    return Progress(
        title=frame.title,
        mode=frame.mode,
        role=frame.role,
        reviewer=frame.reviewer,
        csrf=frame.csrf,
        n_items=frame.n_items,
        n_done=frame.n_done,
        n_later=frame.n_later,
        can_lock=view.can_lock,
        is_locked=view.is_locked,
        waiting=view.waiting,
        items=[
            ItemInList(
                item_id=link.item_id,
                number=link.number,
                is_done=link.is_done,
                is_later=link.is_later,
                summary=link.summary,
            )
            for link in view.items
        ],
    )


@router.get("/next")
def where_next(site: AtSite, who: There) -> Next:
    """Name the next item without a vote, and keep it for you where others could take it."""
    return Next(item_id=next_item(site.desk, who.reviewer))


@router.get("/items/{item_id}")
def show(item_id: ItemId, site: AtSite, who: There) -> ItemOut:
    """Open an item: its time begins."""
    return _item(open_item(site.desk, who.reviewer, item_id))


@router.put("/items/{item_id}")
def vote(item_id: ItemId, sent: VoteIn, site: AtSite, who: ApiWriter) -> Saved:
    """Save your vote on an item."""
    marks = tuple(mark.mark() for mark in sent.marks)
    wanted = Sent(sent.revision, marks, sent.preference, sent.reason)
    standing = save(site.desk, who.reviewer, item_id, wanted)
    seconds = standing.vote.seconds if standing.vote else None
    return Saved(revision=standing.revision, seconds=seconds)


@router.post("/items/{item_id}/later")
def later(item_id: ItemId, site: AtSite, who: ApiWriter) -> Next:
    """Put an item off, and name the next one."""
    put_off_item(site.desk, who.reviewer, item_id)
    return Next(item_id=next_item(site.desk, who.reviewer, skipping=item_id))


@router.post("/items/{item_id}/confidence")
def confidence(item_id: ItemId, site: AtSite, who: ApiWriter) -> ItemOut:
    """Show the stated confidence from now on; your vote will say that you saw it."""
    show_confidence(site.desk, who.reviewer, item_id)
    return _item(open_item(site.desk, who.reviewer, item_id, is_again=True))


@router.post("/items/{item_id}/alive", status_code=204, response_class=Response)
def alive(item_id: ItemId, site: AtSite, who: ApiWriter) -> None:
    """Say that somebody is working on an item; at most every 15 seconds is plenty."""
    note_alive(site.desk, who.reviewer, item_id)


@router.post("/undo")
def take_back(site: AtSite, who: ApiWriter) -> Next:
    """Take back your last save, and name its item."""
    return Next(item_id=undo(site.desk, who.reviewer))


@router.post("/lock")
def make_final(request: Request, sent: LockIn, site: AtSite, who: ApiWriter) -> Locked:
    """Sign your votes and make them final."""
    wait = site.entries.wait(site.address(request))
    if wait:
        raise too_often(wait)
    token, accepts = sent.token.strip(), sent.accept_blanks
    ballot = lock(site.desk, who.reviewer, token, accepts_blanks=accepts)
    return Locked(locked_at=ballot.locked_at)


def _item(opened: Opened) -> ItemOut:
    item, standing = opened.item, opened.standing
    return ItemOut(
        item_id=item.item_id,
        number=opened.number,
        input=item.input,
        context=item.context,
        sides=[
            SideOut(
                side=side.side,
                text=side.text,
                tool_calls=side.tool_calls,
                confidence=side.confidence if opened.shows_confidence else None,
                label=side.label,
            )
            for side in item.sides
        ],
        revision=standing.revision,
        vote=standing.vote,
        shows_confidence=opened.shows_confidence,
        others=[
            OtherOut(
                rater=other.rater,
                actions=list(other.actions),
                preference=other.preference,
                reason=other.reason,
            )
            for other in opened.others
        ],
        can_undo=opened.can_undo,
    )
