from pathlib import Path

import pytest

from hitl.review.ballot import ballot_problems, signed_ballot, vote_problems
from hitl.review.votes import Ballot, Vote
from hitl.review.words import Action, Choice, ErrorCategory, Mode, Role, SideName
from hitl.run.arm import Arm
from tests.review.by_hand import Made, a_mark, a_pair, a_review, a_vote, item_id, one_sided

A, B = SideName.A, SideName.B
GOOD = a_vote(0, (a_mark(A, "approve"), a_mark(B, "reject")), Choice.A)


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return a_review(tmp_path, [a_pair(0), a_pair(1), one_sided(2, Arm.PREVIOUS)])


def problems(made: Made, name: str, *votes: Vote, locked_at: str = "2026-05-18T12:00:00Z") -> str:
    ballot = signed_ballot(made.packet(name), votes, made.tokens[name], locked_at)
    return " | ".join(ballot_problems(ballot, made.packet(name), made.plan))


def edited(made: Made, name: str = "alice", **changes: object) -> tuple[str, ...]:
    """Return what is wrong with a good ballot of which one field was changed after it was signed."""
    ballot = signed_ballot(made.packet(name), [GOOD], made.tokens[name], "2026-05-18T12:00:00Z")
    return ballot_problems(ballot.model_copy(update=changes), made.packet(name), made.plan)


def test_votes_that_were_cast_as_asked_have_no_problem(made: Made) -> None:
    assert problems(made, "alice", GOOD) == ""


def test_a_blank_is_no_problem_and_no_tie(made: Made) -> None:
    assert problems(made, "alice") == ""


def test_a_ballot_survives_being_written_and_read(made: Made) -> None:
    vote = GOOD.model_copy(update={"seconds": 12.0, "reason": "bidi \u202e and \U0001f600 and \n"})
    ballot = signed_ballot(
        made.packet("bob"), [vote], made.tokens["bob"], "2026-05-18T12:00:00.25Z"
    )
    again = Ballot.model_validate_json(ballot.model_dump_json())
    assert again == ballot
    assert ballot_problems(again, made.packet("bob"), made.plan) == ()


def test_the_order_in_which_votes_are_handed_over_changes_no_byte(made: Made) -> None:
    other = a_vote(1, (a_mark(A, "approve"), a_mark(B, "approve")), Choice.TIE)
    first, second = (
        signed_ballot(made.packet("bob"), votes, made.tokens["bob"], "2026-05-18T12:00:00Z")
        for votes in ([GOOD, other], [other, GOOD])
    )
    assert first == second


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"votes": (GOOD.model_copy(update={"preference": Choice.B}),)}, "signature: does not fit"),
        ({"locked_at": "2026-05-19T12:00:00Z"}, "signature: does not fit"),
        ({"share": "00" * 32}, "signature: does not fit"),
        ({"signature": "00" * 64}, "signature: does not fit"),
        ({"signature": "0"}, "signature: does not fit"),
        ({"review_id": "cd" * 16}, "review_id: a ballot of the review cdcd"),
        ({"packet_digest": "ef" * 32}, "packet_digest: the votes are on another packet"),
        ({"role": Role.ADJUDICATOR}, "role: found adjudicator; this reviewer is rater"),
        ({"reviewer": "99" * 16}, "is no reviewer of this review"),
    ],
)  # fmt: skip
def test_a_ballot_edited_after_the_lock_is_refused(
    made: Made, changes: dict[str, object], expected: str
) -> None:
    assert expected in " | ".join(edited(made, **changes))


def test_a_ballot_signed_with_a_colleagues_token_is_refused(made: Made) -> None:
    forged = signed_ballot(made.packet("alice"), [GOOD], made.tokens["bob"], "2026-05-18T12:00:00Z")
    assert "signature" in " ".join(ballot_problems(forged, made.packet("alice"), made.plan))


def test_a_ballot_on_a_colleagues_packet_is_refused(made: Made) -> None:
    bobs = made.packet("bob").model_copy(update={"reviewer": made.hashes["alice"]})
    swapped = signed_ballot(bobs, [GOOD], made.tokens["alice"], "2026-05-18T12:00:00Z")
    found = ballot_problems(swapped, made.packet("alice"), made.plan)
    # The packets differ by their reader alone, so that the two are the same packet here.
    assert found == ()
    other = bobs.model_copy(update={"items": bobs.items[:1]})
    swapped = signed_ballot(other, [GOOD], made.tokens["alice"], "2026-05-18T12:00:00Z")
    assert "packet_digest" in " ".join(ballot_problems(swapped, made.packet("alice"), made.plan))


def test_every_fault_is_named_at_once(made: Made) -> None:
    twice = a_vote(1, (a_mark(A, "approve"), a_mark(A, "approve")), None)
    late = a_vote(99, (a_mark(A, "approve"),), None, decided_at="2026-05-18T13:00:00Z")
    found = problems(made, "alice", GOOD, GOOD, twice, late)
    for expected in (
        f"item {item_id(0)[:16]}... has 2 votes",
        "output A is marked 2 times",
        "say what you would do with output B",
        "say which output is better",
        "is not in the packet",
        "decided at 2026-05-18T13:00:00Z, after the lock",
    ):
        assert expected in found


def test_a_lock_on_a_day_that_is_none_is_refused(made: Made) -> None:
    assert "is no date" in problems(made, "alice", GOOD, locked_at="2026-13-41T12:00:00Z")


def test_a_side_that_was_not_shown_cannot_be_marked(made: Made) -> None:
    vote = a_vote(2, (a_mark(A, "approve"), a_mark(B, "approve")), Choice.A)
    found = problems(made, "alice", vote)
    assert "output B was not shown" in found
    assert "a preference needs two outputs" in found


@pytest.mark.parametrize("action", [Action.MODIFY, Action.REJECT])
def test_what_is_overridden_needs_a_category_or_a_reason(made: Made, action: Action) -> None:
    item = made.packet("alice").items[0]
    bare = a_mark(A, "approve").model_copy(update={"action": action})
    vote = a_vote(0, (bare, a_mark(B, "escalate")), Choice.B)
    assert vote_problems(vote, item, Mode.PAIR) == (
        "say what is wrong with output A: choose a category or write a reason",
    )
    blank = vote.model_copy(update={"reason": " \n"})
    assert vote_problems(blank, item, Mode.PAIR)
    with_reason = vote.model_copy(update={"reason": "cites nothing"})
    assert vote_problems(with_reason, item, Mode.PAIR) == ()
    marked = bare.model_copy(update={"category": ErrorCategory.TONE})
    with_category = vote.model_copy(update={"marks": (marked, vote.marks[1])})
    assert vote_problems(with_category, item, Mode.PAIR) == ()


def test_the_packet_that_a_ballot_is_held_against_must_be_the_reviewers(made: Made) -> None:
    ballot = signed_ballot(
        made.packet("alice"), [GOOD], made.tokens["alice"], "2026-05-18T12:00:00Z"
    )
    assert "the packet is" in " ".join(ballot_problems(ballot, made.packet("bob"), made.plan))
