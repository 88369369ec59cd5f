"""What the pages show, filled from the desk."""

from hitl.render.review.views import Frame, ItemLink, ItemView, ListView
from hitl.review.votes import Vote
from hitl.review.words import Choice
from hitl.web.desk.desk import Desk
from hitl.web.desk.sight import Sight, sight
from hitl.web.desk.voting import Opened
from hitl.web.people import Person


def frame(desk: Desk, who: Person, seen: Sight) -> Frame:
    """Return what every page of a reviewer says."""
    packet = desk.packet(who.reviewer)
    blanks = seen.blanks()
    return Frame(
        title=packet.title,
        mode=packet.mode,
        role=packet.role,
        reviewer=who.reviewer,
        csrf=who.csrf,
        n_items=len(seen.items),
        n_done=len(seen.items) - len(blanks),
        n_later=sum(item_id in seen.later for item_id in blanks),
    )


def item_view(
    desk: Desk, who: Person, opened: Opened, *, draft: Vote | None = None, problems: tuple[str, ...] = ()
) -> ItemView:  # fmt: skip
    """Return an item's page, with what stands, or with what was typed and not saved."""
    standing = opened.standing
    before, after = _neighbours(opened)
    if draft is None and standing.vote is None and standing.taken_back is not None:
        problems = (
            "your last save of this item was taken back; save again to keep what is said here",
        )
    return ItemView(
        frame=frame(desk, who, opened.sight),
        item=opened.item,
        number=opened.number,
        vote=draft or standing.vote or standing.taken_back,
        revision=standing.revision,
        shows_confidence=opened.shows_confidence,
        others=opened.others,
        problems=problems,
        can_undo=opened.can_undo,
        is_draft=draft is not None or standing.vote is None,
        before=before,
        after=after,
    )


def list_view(desk: Desk, who: Person, problems: tuple[str, ...] = ()) -> ListView:
    """Return a reviewer's list."""
    with desk.store.reading() as connection:
        seen = sight(desk, connection, who.reviewer)
        is_locked = desk.is_locked(connection, who.reviewer)
    closed = "" if is_locked else desk.closed(who.reviewer)
    blanks = set(seen.blanks())
    links = (
        ItemLink(
            item.item_id,
            desk.place(who.reviewer, item.item_id)[0],
            is_done=item.item_id not in blanks,
            is_later=item.item_id in blanks and item.item_id in seen.later,
            summary=_summary(seen, item.item_id),
        )
        for item in seen.items
    )
    return ListView(
        frame=frame(desk, who, seen),
        items=tuple(links),
        can_lock=seen.may_lock and not is_locked and not closed,
        waiting="" if is_locked else closed or seen.waiting,
        problems=problems,
        is_locked=is_locked,
        is_closed=bool(closed),
    )


def said(vote: Vote) -> str:
    """Return a vote in a few words."""
    parts = [f"{mark.side} {mark.action}" for mark in vote.marks]
    match vote.preference:
        case Choice.TIE:
            parts.append("equally good")
        case Choice.A | Choice.B:
            parts.append(f"prefers {vote.preference}")
        case None:
            pass
    return ", ".join(parts)


def _neighbours(opened: Opened) -> tuple[str, str]:
    names = [item.item_id for item in opened.sight.items]
    at = names.index(opened.item.item_id)
    return "".join(names[at - 1 : at] if at else []), "".join(names[at + 1 : at + 2])


def _summary(seen: Sight, item_id: str) -> str:
    standing = seen.standings.get(item_id)
    return "" if standing is None or standing.vote is None else said(standing.vote)
