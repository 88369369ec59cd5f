"""From packing to ratings, through files, with reviewers who see nothing but their packets."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from hitl.review.ballot import signed_ballot
from hitl.review.folder import ballot_file, load_review
from hitl.review.merging import merge_review
from hitl.review.packed import Packed, Person
from hitl.review.packing import pack_review
from hitl.review.parts import Packet, PacketItem
from hitl.review.qualification import KnownItem, Preferred
from hitl.review.votes import Ratings, SideMark, Vote
from hitl.review.words import (
    Action,
    Assignment,
    Blindness,
    Choice,
    ErrorCategory,
    Mode,
    Outcome,
    Role,
)
from hitl.review.writing import write_review
from tests.review.by_hand import BEFORE, CANDIDATE, LOCKED, PREVIOUS, RULES, SECRET, chance
from tests.review.releases import AT, DORA, NAMES, PEOPLE, a_candidate, chosen, pairs

KNOWN = KnownItem(
    input="What is known?",
    outputs=("a good one", "a bad one"),
    actions=((Action.APPROVE,), (Action.REJECT,)),
    preference=Preferred.FIRST,
)
Judge = Callable[[str], Action]


def judged_by_text(text: str) -> Action:
    """Approve what begins like the candidate's outputs and the good known one; reject all else."""
    return Action.APPROVE if text.startswith(("other", "same", "a good")) else Action.REJECT


def a_vote_on(item: PacketItem, judge: Judge = judged_by_text) -> Vote:
    actions = {side.side: judge(side.text) for side in item.sides}
    marks = tuple(
        SideMark(side=side, action=action, category=None if action is Action.APPROVE else ErrorCategory.WRONG)
        for side, action in actions.items()
    )  # fmt: skip
    good = [side for side, action in actions.items() if action is Action.APPROVE]
    choice = Choice(good[0].value) if len(good) == 1 else Choice.TIE
    return Vote(
        item_id=item.item_id,
        marks=marks,
        preference=choice if len(actions) == 2 else None,
        decided_at=BEFORE,
        seconds=30.0,
    )


def packed(candidates: Iterable[Any], people: tuple[Person, ...], **rules: object) -> Packed:
    declared = RULES.model_copy(update=rules)
    known = [] if declared.assignment is Assignment.OPEN else [KNOWN]
    return pack_review(chosen(list(candidates)), NAMES, declared, people, SECRET, AT, "Replies", known)  # fmt: skip


def reviewed(
    folder: Path, made: Packed, votes_of: Callable[[Packet], Iterable[Vote]] | None = None
) -> Ratings:
    """Write the review, let everybody vote on their packet and lock, and merge what lies on disk."""
    write_review(folder, made, with_invitations=False)
    for invitation in made.invitations.invitations:
        packet = made.packets[invitation.reviewer]
        votes = [a_vote_on(item) for item in packet.items] if votes_of is None else votes_of(packet)
        cast = [] if invitation.role is Role.ADJUDICATOR else list(votes)
        ballot = signed_ballot(packet, cast, invitation.token, LOCKED)
        path = ballot_file(folder, invitation.reviewer)
        path.parent.mkdir(exist_ok=True)
        path.write_text(ballot.model_dump_json(), encoding="utf-8")
    return merge_review(load_review(folder), chance)


def test_what_reviewers_said_of_texts_comes_back_on_the_arms(tmp_path: Path) -> None:
    candidates = [*pairs(20), a_candidate("same", "same", "same"), a_candidate("lone", None, "other")]  # fmt: skip
    ratings = reviewed(tmp_path / "review", packed(candidates, (*PEOPLE, DORA)))
    assert len(ratings.items) == 22
    for item in ratings.items:
        match item.case_id:
            case "same":
                assert item.consensus == {PREVIOUS: Action.APPROVE, CANDIDATE: Action.APPROVE}
                assert item.outcome is Outcome.TIE
            case "lone":
                assert item.consensus == {CANDIDATE: Action.APPROVE}
                assert item.outcome is None
            case _:
                assert item.consensus == {PREVIOUS: Action.REJECT, CANDIDATE: Action.APPROVE}
                assert item.outcome is Outcome.WIN
    raters = [one for one in ratings.reviewers if one.role is Role.RATER]
    assert [(one.n_known, one.n_known_right, one.n_owed) for one in raters] == [(1, 1, 22)] * 3
    assert ratings.problems == ()
    assert (ratings.release_id, ratings.candidate_model) == (NAMES.release_id, NAMES.candidate_model)  # fmt: skip


@pytest.mark.parametrize("mode", [Mode.SINGLE, Mode.SHADOW])
def test_the_other_ways_of_showing_come_back_on_the_arms_too(tmp_path: Path, mode: Mode) -> None:
    label = Blindness.OPEN if mode is Mode.SHADOW else Blindness.UNPROVEN
    blindness = RULES.blindness.model_copy(update={"label": label})
    made = packed(pairs(12), PEOPLE, mode=mode, blindness=blindness)
    ratings = reviewed(tmp_path / "review", made, _single if mode is Mode.SINGLE else None)
    said = {(arm, action) for item in ratings.items for arm, action in item.consensus.items()}
    assert said == {(PREVIOUS, Action.REJECT), (CANDIDATE, Action.APPROVE)}
    assert len(ratings.items) == (24 if mode is Mode.SINGLE else 12)
    assert (ratings.preferences is None) == (mode is Mode.SINGLE)


def _single(packet: Packet) -> Iterable[Vote]:
    return [a_vote_on(item) for item in packet.items]


def test_raters_in_rotation_each_owe_their_own_packet(tmp_path: Path) -> None:
    people = (*PEOPLE, Person("dan", Role.RATER), Person("erin", Role.RATER))
    ratings = reviewed(tmp_path / "review", packed(pairs(30), people))
    assert all(len(item.votes) == 3 and item.missing_votes == 0 for item in ratings.items)
    assert sum(one.n_owed for one in ratings.reviewers) == 90
    assert {item.outcome for item in ratings.items} == {Outcome.WIN}


def test_whoever_comes_takes_what_still_lacks_raters(tmp_path: Path) -> None:
    made = packed(pairs(10), PEOPLE, raters=2, assignment=Assignment.OPEN)
    seen: dict[str, int] = {}

    def votes_of(packet: Packet) -> Iterable[Vote]:
        for item in packet.items:
            if seen.get(item.item_id, 0) < 2:
                seen[item.item_id] = seen.get(item.item_id, 0) + 1
                yield a_vote_on(item)

    ratings = reviewed(tmp_path / "review", made, votes_of)
    assert [len(item.votes) for item in ratings.items] == [2] * 10
    (late,) = (one for one in ratings.reviewers if one.n_voted == 0)
    assert late.n_owed == 0
    assert {item.outcome for item in ratings.items} == {Outcome.WIN}


def test_two_hundred_items_of_three_raters_are_merged_at_once(tmp_path: Path) -> None:
    made = packed(pairs(200), PEOPLE)
    reviewed(tmp_path / "review", made)
    start = time.perf_counter()
    ratings = merge_review(load_review(tmp_path / "review"), chance)
    assert len(ratings.items) == 200
    assert time.perf_counter() - start < 2.0
