"""Views of a review: a pair, a single output, an open one, one for an adjudicator, and hostile ones."""

from dataclasses import replace

from hitl.render.review.views import Frame, ItemLink, ItemView, ListView, OtherVote
from hitl.review.parts import PacketItem, Side
from hitl.review.votes import SideMark, Vote
from hitl.review.words import Action, Choice, ErrorCategory, Mode, Role, SideName

A_TEXT = """The database of the shop ran out of connections at 09:12, after the release of the cart service opened a new pool for every request.

1. Roll the cart service back to 4.1.7.
2. Watch the number of open connections for 15 minutes.
3. Do not restart the database: it is healthy, and a restart would drop the baskets of some 400 customers.

Confidence is high, because the start of the errors and the release are two minutes apart."""
B_TEXT = """The database of the shop ran out of connections at 09:12.

1. Restart the database to free its connections.
2. Roll the cart service back to 4.1.7.
3. Watch the number of open connections for 30 minutes.

Some customers may lose their baskets."""


def a_frame(**changes: object) -> Frame:
    frame = Frame(
        title="Incident triage, May",
        mode=Mode.PAIR,
        role=Role.RATER,
        reviewer="ab" * 16,
        csrf="c5f" * 20,
        n_items=40,
        n_done=12,
        n_later=2,
    )
    return replace(frame, **changes)  # type: ignore[arg-type]  # names of fields


def an_item(
    *texts: str, labels: tuple[str, ...] = ("", ""), item_id: str = "0a" * 16
) -> PacketItem:
    sides = tuple(
        Side(side=name, text=text, label=label, confidence=0.91, tool_calls=calls)
        for name, text, label, calls in zip(
            SideName,
            texts,
            labels,
            ('{\n  "tool": "rollback",\n  "service": "cart"\n}', ""),
            strict=False,
        )
    )
    return PacketItem(
        item_id=item_id,
        input="Checkout fails for about a third of customers since 09:12. What should we do first?",
        context="09:10 release cart 4.2.0\n09:12 pool exhausted: 500 of 500 connections in use\n09:14 checkout errors 31 %",
        sides=sides,
    )


def a_pair(**changes: object) -> ItemView:
    view = ItemView(
        frame=a_frame(),
        item=an_item(A_TEXT, B_TEXT),
        number=13,
        vote=None,
        revision=0,
        shows_confidence=False,
        can_undo=True,
        before="0b" * 16,
        after="0c" * 16,
    )
    return replace(view, **changes)  # type: ignore[arg-type]  # names of fields


def a_vote(item_id: str = "0a" * 16) -> Vote:
    return Vote(
        item_id=item_id,
        marks=(
            SideMark(side=SideName.A, action=Action.APPROVE),
            SideMark(
                side=SideName.B,
                action=Action.REJECT,
                category=ErrorCategory.UNSAFE,
                right_answer="Roll back first.",
            ),
        ),
        preference=Choice.A,
        reason="A restart drops baskets & helps nobody.",
        decided_at="2026-05-18T12:00:00Z",
        seconds=41.5,
    )


def a_single() -> ItemView:
    return a_pair(frame=a_frame(mode=Mode.SINGLE), item=an_item(A_TEXT), shows_confidence=True)


def a_shadow() -> ItemView:
    return a_pair(
        frame=a_frame(mode=Mode.SHADOW), item=an_item(A_TEXT, B_TEXT, labels=("new", "old"))
    )


def an_adjudicated() -> ItemView:
    others = (
        OtherVote("rater 1", ("approve", "reject"), "A", "A restart drops baskets."),
        OtherVote("rater 2", ("modify", "approve"), "B", ""),
    )
    return a_pair(frame=a_frame(role=Role.ADJUDICATOR), others=others)


def a_list(**changes: object) -> ListView:
    links = tuple(
        ItemLink(
            f"{number:032x}",
            number,
            number < 4,
            number == 5,
            "A approve, B reject, prefers A" if number < 4 else "",
        )
        for number in range(1, 9)
    )
    view = ListView(a_frame(n_items=8, n_done=3, n_later=1), links, can_lock=True)
    return replace(view, **changes)  # type: ignore[arg-type]  # names of fields


HOSTILE = (
    "</div></form><script>window.pwned=1</script><img src=x onerror='window.pwned=1'>"
    '<a href="javascript:window.pwned=1">x</a>\u202egnp.exe\u202c \x00\x1b[2J\u200b {{ 7*7 }} <textarea>'
)


def a_hostile() -> ItemView:
    frame = a_frame(title=HOSTILE)
    item = an_item(HOSTILE + "x" * 1_000_000, HOSTILE + "\n" * 5 + "שלום " * 20)
    vote = a_vote().model_copy(update={"reason": "\n</textarea><script>window.pwned=1</script>"})
    return a_pair(frame=frame, item=item, vote=vote, problems=(HOSTILE,))
