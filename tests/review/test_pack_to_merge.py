"""Packed, voted on by what is read on each side, locked, merged: the votes come back to the arms that earned them."""

from pathlib import Path
from typing import Any

import pytest

from hitl.review.ballot import signed_ballot
from hitl.review.folder import ballot_file, load_review
from hitl.review.merging import merge_review
from hitl.review.packed import Packed
from hitl.review.parts import PacketItem
from hitl.review.qualification import KnownItem, Preferred
from hitl.review.votes import Ratings, SideMark, Vote
from hitl.review.words import Action, Assignment, Choice, ErrorCategory, Mode, Outcome
from hitl.review.writing import own_bytes, write_review
from hitl.run.arm import Arm
from tests.review.by_hand import BEFORE, LOCKED, chance
from tests.review.releases import SWAPPED_NAMES, packed, pairs, swapped

KNOWN = [
    KnownItem(input=f"known {n}", outputs=(f"one of k{n}", f"other of k{n}"), actions=((Action.REJECT,), (Action.APPROVE,)), preference=Preferred.SECOND)
    for n in range(4)
]  # fmt: skip


def a_vote(item: PacketItem, mode: Mode) -> Vote:
    """Approve what begins with `other`, reject the rest, and prefer what is approved."""
    good = {side.side: side.text.startswith("other") for side in item.sides}
    marks = tuple(
        SideMark(
            side=side,
            action=Action.APPROVE if is_good else Action.REJECT,
            category=None if is_good else ErrorCategory.WRONG,
        )
        for side, is_good in good.items()
    )
    better = next((Choice(side.value) for side, is_good in good.items() if is_good), Choice.TIE)
    preference = better if len(marks) == 2 and mode is not Mode.SINGLE else None
    return Vote(item_id=item.item_id, marks=marks, preference=preference, decided_at=BEFORE)


def merged(review: Packed, folder: Path) -> Ratings:
    write_review(folder, review, with_invitations=True)
    (folder / "ballots").mkdir()
    for one in review.invitations.invitations:
        packet = review.packets[one.reviewer]
        votes = [a_vote(item, packet.mode) for item in packet.items]
        ballot = signed_ballot(packet, votes, one.token, LOCKED)
        ballot_file(folder, one.reviewer).write_bytes(own_bytes(ballot))
    return merge_review(load_review(folder), chance)


@pytest.mark.parametrize("assignment", Assignment)
@pytest.mark.parametrize("mode", Mode)
def test_votes_come_back_to_the_arms_that_earned_them(tmp_path: Path, mode: Mode, assignment: Assignment) -> None:  # fmt: skip
    raters = 2 if assignment is Assignment.FIXED else 3  # known answers must reach every rater
    declared: dict[str, Any] = {
        "mode": mode,
        "assignment": assignment,
        "raters": raters,
        "known": KNOWN,
    }
    better = merged(packed(pairs(9), **declared), tmp_path / "better")
    worse = merged(packed(swapped(pairs(9)), names=SWAPPED_NAMES, **declared), tmp_path / "worse")
    for ratings, good in ((better, Arm.CANDIDATE), (worse, Arm.PREVIOUS)):
        found = {(arm, action) for item in ratings.items for arm, action in item.consensus.items()}
        assert found == {(arm, Action.APPROVE if arm is good else Action.REJECT) for arm in Arm}
        assert {item.case_id for item in ratings.items} == {f"case-{i:04d}" for i in range(9)}
        assert not any(reviewer.is_excluded for reviewer in ratings.reviewers)
        outcome = Outcome.WIN if good is Arm.CANDIDATE else Outcome.LOSS
        if mode is Mode.SINGLE:
            assert ratings.preferences is None
        else:
            assert {item.outcome for item in ratings.items} == {outcome}


def test_every_rater_gets_every_known_item_right_by_reading_it(tmp_path: Path) -> None:
    ratings = merged(packed(pairs(9), known=KNOWN), tmp_path / "review")
    raters = [one for one in ratings.reviewers if one.role == "rater"]
    assert [(one.n_known, one.n_known_right) for one in raters] == [(4, 4)] * 3
