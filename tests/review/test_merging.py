from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hitl.errors import DocumentError, EvidenceError, UsageError
from hitl.review.ballot import signed_ballot, signed_bytes
from hitl.review.parts import BlindnessReport, KnownAnswer, Tell
from hitl.review.seal import seal
from hitl.review.tokens import sign, unseal_share
from hitl.review.votes import Ratings
from hitl.review.words import Action, Assignment, Blindness, Choice, Mode, Outcome, Role, SideName
from tests.review.by_hand import (
    CANDIDATE,
    LOCKED,
    PREVIOUS,
    REVIEW,
    RULES,
    Made,
    Said,
    a_mark,
    a_pair,
    a_review,
    a_vote,
    identical,
    item_id,
    of_case,
    one_sided,
)

BETTER: Said = ("reject", "approve", "win")
WORSE: Said = ("approve", "reject", "loss")
SAME: Said = ("approve", "approve", "tie")


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Two pairs; bob sees the first turned and carol the second."""
    return a_review(tmp_path, [a_pair(0), a_pair(1)], turned={"bob": [0], "carol": [1]})


def all_say(made: Made, said: Said, **others: Said) -> Made:
    numbers = range(len(made.key.items))
    names = [ref for ref in made.hashes if ref in ("alice", "bob", "carol")]
    return made.said(**{name: dict.fromkeys(numbers, others.get(name, said)) for name in names})


def test_votes_on_sides_become_votes_on_arms_whichever_way_they_were_shown(made: Made) -> None:
    ratings = all_say(made, BETTER).merged()
    for item in ratings.items:
        assert item.consensus == {PREVIOUS: Action.REJECT, CANDIDATE: Action.APPROVE}
        assert item.outcome is Outcome.WIN
        assert {vote.preference for vote in item.votes} == {Outcome.WIN}
        assert item.missing_votes == 0
    assert ratings.preferences is not None
    assert (ratings.preferences.wins, ratings.preferences.losses) == (2, 0)
    assert ratings.locked_at == LOCKED
    assert not ratings.is_partial


def test_turning_a_raters_sides_in_the_key_turns_what_they_said(tmp_path: Path) -> None:
    plain = all_say(a_review(tmp_path, [a_pair(0)], raters=("alice",)), BETTER)
    (straight,) = plain.merged().items
    # The same ballot, and a key that says that the sides stood the other way round.
    turned = a_review(tmp_path, [a_pair(0)], raters=("alice",), turned={"alice": [0]})
    votes = plain.ballots[plain.hashes["alice"]].votes
    (flipped,) = turned.cast("alice", votes).merged().items
    assert straight.consensus == {PREVIOUS: Action.REJECT, CANDIDATE: Action.APPROVE}
    assert flipped.consensus == {PREVIOUS: Action.APPROVE, CANDIDATE: Action.REJECT}
    assert (straight.outcome, flipped.outcome) == (Outcome.WIN, Outcome.LOSS)


def test_outputs_that_look_the_same_are_a_tie_and_give_their_vote_to_both_arms(
    tmp_path: Path,
) -> None:
    made = a_review(tmp_path, [identical(0), one_sided(1, CANDIDATE)])
    said: Said = ("modify", "modify", None)
    ratings = all_say(made, said).merged()
    same, single = of_case(ratings, 0), of_case(ratings, 1)
    assert same.is_identical
    assert same.consensus == {PREVIOUS: Action.MODIFY, CANDIDATE: Action.MODIFY}
    assert same.outcome is Outcome.TIE
    assert single.consensus == {CANDIDATE: Action.MODIFY}
    assert single.outcome is None
    assert ratings.preferences is not None
    assert (ratings.preferences.ties, ratings.preferences.undecided) == (1, 0)
    assert [c for c in ratings.agreement if c.subject.startswith("preference")] == []
    raw = next(c for c in ratings.agreement if c.name == "raw")
    assert raw.n == 2  # one unit for the output that stands for both arms, one for the single one


def test_the_order_of_ballots_and_of_votes_changes_nothing(made: Made) -> None:
    full = made.said(alice={0: BETTER, 1: SAME}, bob={0: BETTER, 1: WORSE}, carol={0: WORSE, 1: SAME})  # fmt: skip
    expected = full.merged()
    for order in permutations(full.ballots):
        assert replace(full, ballots={name: full.ballots[name] for name in order}).merged() == expected  # fmt: skip
    backwards = made
    for name in ("alice", "bob", "carol"):
        votes = full.ballots[made.hashes[name]].votes
        ballot = full.ballots[made.hashes[name]].model_copy(update={"votes": votes[::-1]})
        signature = sign(made.tokens[name], REVIEW, signed_bytes(ballot))
        backwards = backwards.with_ballot(name, ballot.model_copy(update={"signature": signature}))
    found = backwards.merged()
    assert found.items == expected.items
    assert found.agreement == expected.agreement


def test_a_merge_of_the_same_folder_is_the_same(made: Made) -> None:
    full = all_say(made, BETTER, carol=SAME)
    first = full.merged()
    assert first == full.merged()
    assert Ratings.model_validate_json(first.model_dump_json()) == first


def test_what_is_owed_is_listed_by_reviewer_and_nothing_is_merged(made: Made) -> None:
    begun = made.said(alice={0: BETTER})
    with pytest.raises(EvidenceError) as caught:
        begun.merged()
    message = str(caught.value)
    assert f"rater {made.hashes['alice'][:16]} left 1 of 2 items blank" in message
    assert f"rater {made.hashes['bob'][:16]} has not locked and owes 2 votes" in message
    assert "--partial" in message


def test_a_part_needs_the_shares_of_those_who_never_locked(made: Made) -> None:
    begun = made.said(alice={0: BETTER, 1: BETTER}, bob={0: BETTER, 1: BETTER})
    with pytest.raises(EvidenceError, match=made.hashes["carol"][:16]):
        begun.merged(is_partial=True)
    ratings = begun.merged(is_partial=True, shares=made.share("carol"))
    assert ratings.is_partial
    assert [item.missing_votes for item in ratings.items] == [1, 1]
    assert of_case(ratings, 0).consensus[CANDIDATE] is Action.APPROVE  # 2 of 3 cannot be overturned
    carol = next(one for one in ratings.reviewers if one.reviewer == made.hashes["carol"])
    assert (carol.is_excluded, carol.n_owed, carol.n_voted) == (True, 2, 0)
    assert carol.ballot_digest is None


def test_a_part_that_lacks_nothing_is_no_part(made: Made) -> None:
    assert not all_say(made, BETTER).merged(is_partial=True).is_partial


def test_a_share_does_not_make_a_missing_rater_present(made: Made) -> None:
    begun = made.said(alice={0: BETTER, 1: BETTER}, bob={0: BETTER, 1: BETTER})
    with pytest.raises(EvidenceError, match="has not locked"):
        begun.merged(shares=made.share("carol"))


def test_a_share_of_a_stranger_is_refused(made: Made) -> None:
    with pytest.raises(UsageError, match="is no reviewer"):
        all_say(made, BETTER).merged(shares={"ff" * 16: "00" * 32})


def test_a_blank_is_missing_and_never_a_tie(made: Made) -> None:
    full = made.said(alice={0: BETTER}, bob={0: BETTER}, carol={0: BETTER})
    ratings = full.merged(is_partial=True)
    blank = of_case(ratings, 1)
    assert blank.consensus == {}
    assert blank.outcome is None
    assert blank.missing_votes == 3
    assert ratings.preferences is not None
    assert (ratings.preferences.ties, ratings.preferences.undecided) == (0, 1)
    assert ratings.preferences.net.n == 3


def test_where_items_go_to_whoever_comes_each_needs_its_votes(tmp_path: Path) -> None:
    made = a_review(
        tmp_path, [a_pair(0), a_pair(1)], rules={"raters": 2, "assignment": Assignment.OPEN}
    )
    enough = made.said(alice={0: BETTER, 1: BETTER}, bob={0: BETTER}, carol={1: BETTER})
    ratings = enough.merged()
    assert [item.missing_votes for item in ratings.items] == [0, 0]
    assert ratings.items[0].outcome is Outcome.WIN
    short = made.said(alice={0: BETTER, 1: BETTER}, bob={0: BETTER}, carol={})
    with pytest.raises(EvidenceError, match="items lack 1 votes of 2 each"):
        short.merged()


def test_a_forged_ballot_stops_the_merge_and_names_its_file(made: Made) -> None:
    full = all_say(made, BETTER)
    forged = full.ballots[made.hashes["bob"]].model_copy(update={"locked_at": "2026-05-19T00:00:00Z"})  # fmt: skip
    with pytest.raises(DocumentError) as caught:
        full.with_ballot("bob", forged).merged(is_partial=True)
    (mistake,) = caught.value.mistakes
    assert mistake.file.endswith(f"ballots/{made.hashes['bob']}.json")
    assert mistake.field == "signature"


def test_a_second_ballot_of_a_reviewer_is_refused_and_neither_wins(made: Made) -> None:
    full = all_say(made, BETTER)
    again = signed_ballot(made.packet("bob"), made.votes("bob", {0: WORSE}), made.tokens["bob"], LOCKED)  # fmt: skip
    with pytest.raises(DocumentError) as caught:
        full.with_ballot("bob (2)", again).merged()
    assert sum("2 ballots of this reviewer" in m.problem for m in caught.value.mistakes) == 2


def test_a_ballot_of_another_review_or_of_nobody_is_refused(made: Made) -> None:
    full = all_say(made, BETTER)
    ballot = full.ballots[made.hashes["bob"]]
    foreign = ballot.model_copy(update={"review_id": "cd" * 16})
    with pytest.raises(DocumentError, match="a ballot of the review cdcd"):
        full.with_ballot("bob", foreign).merged()
    stranger = ballot.model_copy(update={"reviewer": "99" * 16})
    with pytest.raises(DocumentError, match="is no reviewer of this review"):
        full.with_ballot("99" * 16, stranger).merged()


def test_every_fault_of_every_ballot_is_told_at_once(made: Made) -> None:
    full = all_say(made, BETTER)
    for name in ("alice", "bob"):
        ballot = full.ballots[made.hashes[name]]
        full = full.with_ballot(name, ballot.model_copy(update={"role": Role.ADJUDICATOR}))
    with pytest.raises(DocumentError) as caught:
        full.merged()
    assert len({mistake.file for mistake in caught.value.mistakes}) == 2
    assert {mistake.field for mistake in caught.value.mistakes} == {"role", "signature"}


def test_a_key_that_was_exchanged_opens_nothing(made: Made) -> None:
    full = all_say(made, BETTER)
    shares = [unseal_share(token, REVIEW) for token in made.tokens.values()]
    turned = made.key.model_copy(update={"turned": {}})
    with pytest.raises(EvidenceError, match="not the key that the packets were committed to"):
        replace(full, sealed=seal(turned, shares)).merged()


def test_a_share_that_is_not_the_reviewers_does_not_open_the_key(made: Made) -> None:
    begun = made.said(alice={0: BETTER, 1: BETTER}, bob={0: BETTER, 1: BETTER})
    with pytest.raises(EvidenceError, match="does not open"):
        begun.merged(is_partial=True, shares={made.hashes["carol"]: "00" * 32})


KNOWN = (
    KnownAnswer(item_id=item_id(90), actions=((Action.APPROVE,), (Action.REJECT, Action.MODIFY)), preference=Choice.A),
    KnownAnswer(item_id=item_id(91), actions=((Action.ESCALATE,),)),
    KnownAnswer(item_id=item_id(92), actions=((Action.APPROVE,), (Action.APPROVE,))),
)  # fmt: skip
A, B = SideName.A, SideName.B


def known_votes(first: str, second: str, choice: Choice) -> list[Any]:
    return [
        a_vote(90, (a_mark(A, first), a_mark(B, second)), choice),
        a_vote(91, (a_mark(A, "escalate"),), None),
        a_vote(92, (a_mark(A, "approve"), a_mark(B, "approve")), Choice.TIE),
    ]


def qualified(tmp_path: Path, carol: list[Any], *, is_partial: bool = False) -> Ratings:
    """Alice sees known item 90 as it is, bob turned round; both are right."""
    made = a_review(tmp_path, [a_pair(0)], known=KNOWN, turned={"bob": [90]})
    rights = {
        "alice": known_votes("approve", "modify", Choice.A),
        "bob": known_votes("reject", "approve", Choice.B),
    }
    for name, known in rights.items():
        made = made.cast(name, [made.vote(name, 0, BETTER), *known])
    return made.cast("carol", [made.vote("carol", 0, WORSE), *carol]).merged(is_partial=is_partial)


def test_known_items_are_judged_on_the_sides_as_each_reviewer_saw_them(tmp_path: Path) -> None:
    ratings = qualified(tmp_path, known_votes("approve", "reject", Choice.A))
    assert [(r.n_known, r.n_known_right, r.is_excluded) for r in ratings.reviewers] == [(3, 3, False)] * 3  # fmt: skip
    assert [(r.n_owed, r.n_voted) for r in ratings.reviewers] == [(1, 1)] * 3
    assert len(ratings.items) == 1


@pytest.mark.parametrize(
    ("first", "second", "choice"),
    [("reject", "approve", Choice.A), ("approve", "reject", Choice.TIE), ("approve", "approve", Choice.A)],
)  # fmt: skip
def test_a_rater_who_misses_known_items_does_not_count(
    tmp_path: Path, first: str, second: str, choice: Choice
) -> None:
    ratings = qualified(tmp_path, known_votes(first, second, choice))
    (carol,) = (one for one in ratings.reviewers if one.is_excluded)
    assert carol.reason == "got 2 of 3 known items right; 70% are asked for"
    item = of_case(ratings, 0)
    assert [vote.counts for vote in item.votes if vote.reviewer == carol.reviewer] == [False]
    assert item.missing_votes == 1
    assert item.outcome is Outcome.WIN


def test_a_rater_who_rated_no_known_item_shows_nothing_and_does_not_count(tmp_path: Path) -> None:
    ratings = qualified(tmp_path, [], is_partial=True)
    (carol,) = (one for one in ratings.reviewers if one.is_excluded)
    assert carol.reason.startswith("rated none of 3 items with a known answer")


def test_ratings_of_raters_who_all_failed_decide_nothing(tmp_path: Path) -> None:
    made = a_review(tmp_path, [a_pair(0)], known=KNOWN)
    for name in ("alice", "bob", "carol"):
        votes = [made.vote(name, 0, BETTER), *known_votes("reject", "approve", Choice.B)]
        made = made.cast(name, votes)
    ratings = made.merged()
    assert of_case(ratings, 0).consensus == {}
    assert of_case(ratings, 0).missing_votes == 3
    assert any("the votes of 0 of 3 raters count" in problem for problem in ratings.problems)
    assert ratings.preferences is not None
    assert ratings.preferences.net.n == 0


def test_an_adjudicator_settles_what_raters_leave_open_and_nothing_else(tmp_path: Path) -> None:
    made = a_review(tmp_path, [a_pair(0), a_pair(1), a_pair(2)], adjudicators=("dora",))
    split = ("approve", "modify", "reject")
    votes = {
        name: {0: (action, "approve", "win"), 1: BETTER, 2: (action, "approve", "win")}
        for name, action in zip(("alice", "bob", "carol"), split, strict=True)
    }
    ratings = made.said(**votes, dora={0: ("escalate", "reject", "loss"), 1: WORSE}).merged()
    first, second, third = (of_case(ratings, number) for number in range(3))
    assert first.consensus == {PREVIOUS: Action.ESCALATE, CANDIDATE: Action.APPROVE}
    assert first.outcome is Outcome.WIN
    assert first.is_adjudicated
    assert second.consensus == {PREVIOUS: Action.REJECT, CANDIDATE: Action.APPROVE}
    assert not second.is_adjudicated
    assert third.consensus == {CANDIDATE: Action.APPROVE}
    assert ratings.adjudication == (item_id(2),)
    raw = next(c for c in ratings.agreement if c.name == "raw" and c.subject == "action")
    assert raw.estimate == pytest.approx(4 / 6)  # two of six outputs are split, and dora is in none


def test_an_adjudicator_alone_approves_nothing_that_no_rater_approves(tmp_path: Path) -> None:
    made = a_review(tmp_path, [a_pair(0)], adjudicators=("dora",))
    split = made.said(
        alice={0: ("approve", "reject", "loss")},
        bob={0: ("modify", "modify", "loss")},
        carol={0: ("reject", "escalate", "loss")},
        dora={0: ("approve", "approve", "tie")},
    )
    item = of_case(split.merged(), 0)
    assert item.consensus == {PREVIOUS: Action.APPROVE}
    assert split.merged().adjudication == (item.item_id,)
    strict = split.cast("dora", split.votes("dora", {0: ("approve", "reject", "loss")}))
    assert of_case(strict.merged(), 0).consensus[CANDIDATE] is Action.REJECT


def test_an_adjudicator_does_not_stand_in_for_raters_who_are_missing(tmp_path: Path) -> None:
    made = a_review(tmp_path, [a_pair(0)], adjudicators=("dora",))
    ratings = made.said(alice={0: BETTER}, bob={}, carol={}, dora={0: BETTER}).merged(is_partial=True)  # fmt: skip
    assert of_case(ratings, 0).consensus == {}
    assert of_case(ratings, 0).outcome is None


def test_an_adjudicator_must_lock_too_unless_their_share_is_there(tmp_path: Path) -> None:
    made = a_review(tmp_path, [a_pair(0)], adjudicators=("dora",))
    full = all_say(made, BETTER)
    with pytest.raises(EvidenceError, match="adjudicator"):
        full.merged()
    ratings = full.merged(shares=made.share("dora"))
    assert not ratings.is_partial
    dora = next(one for one in ratings.reviewers if one.role is Role.ADJUDICATOR)
    assert dora.reason == "never locked, so no vote is there"


def test_one_output_at_a_time_gives_seconds_and_no_preference(tmp_path: Path) -> None:
    items = [one_sided(2 * n + k, arm, case_id=f"c{n}", cluster=f"c{n}") for n in range(10) for k, arm in enumerate((PREVIOUS, CANDIDATE))]  # fmt: skip
    made = a_review(tmp_path, items, rules={"mode": Mode.SINGLE})
    for name in ("alice", "bob", "carol"):
        votes = [
            a_vote(number, (a_mark(A, "approve"),), None, seconds=20.0 if number % 2 == 0 else 50.0)
            for number in range(20)
        ]
        made = made.cast(name, votes)
    ratings = made.merged()
    assert ratings.preferences is None
    seconds = ratings.rates["seconds"]
    assert seconds.previous.estimate == pytest.approx(20.0)
    assert seconds.candidate.estimate == pytest.approx(50.0)
    assert seconds.difference.estimate == pytest.approx(30.0)
    assert {item.outcome for item in ratings.items} == {None}
    assert ratings.adjudication == ()


def test_shadow_ratings_are_a_signal_and_no_more(tmp_path: Path) -> None:
    made = a_review(tmp_path, [a_pair(n) for n in range(40)], rules={"mode": Mode.SHADOW})
    assert any("openly labelled" in problem for problem in all_say(made, BETTER).merged().problems)


def test_packets_that_name_a_model_decide_nothing_and_other_tells_leave_the_votes_their_weight(
    tmp_path: Path,
) -> None:
    def labelled(name: str) -> BlindnessReport:
        tell = Tell(name=name, n=3, n_items=40, accuracy=None, message="names of models stand in outputs of 3 of 40 items")  # fmt: skip
        return RULES.blindness.model_copy(update={"label": Blindness.NOT_BLIND, "tells": (tell,)})

    named = a_review(tmp_path / "a", [a_pair(n) for n in range(40)], rules={"blindness": labelled("names")})  # fmt: skip
    wordy = a_review(tmp_path / "b", [a_pair(n) for n in range(40)], rules={"blindness": labelled("length")})  # fmt: skip

    assert any("were told whose outputs" in problem for problem in all_say(named, SAME).merged().problems)  # fmt: skip
    assert all_say(wordy, SAME).merged().problems == ()


def test_a_single_rater_decides_nothing(tmp_path: Path) -> None:
    made = a_review(tmp_path, [a_pair(n) for n in range(40)], raters=("alice",))
    ratings = all_say(made, BETTER).merged()
    assert ratings.items[0].outcome is Outcome.WIN
    assert any("one rater" in problem for problem in ratings.problems)


def test_full_agreement_on_items_enough_may_decide(tmp_path: Path) -> None:
    made = a_review(tmp_path, [a_pair(n) for n in range(40)])
    assert (
        all_say(made, SAME).merged().problems == ()
    )  # one category throughout: AC1 says so, alpha cannot
    few = a_review(tmp_path, [a_pair(n) for n in range(4)])
    assert any("cannot be bounded" in problem for problem in all_say(few, SAME).merged().problems)


def test_raters_who_guess_decide_nothing(tmp_path: Path) -> None:
    made = a_review(tmp_path, [a_pair(n) for n in range(60)])
    rng = np.random.default_rng(7)
    words = [action.value for action in Action]
    said = {
        name: {n: (words[rng.integers(4)], words[rng.integers(4)], "tie") for n in range(60)}
        for name in ("alice", "bob", "carol")
    }
    ratings = made.said(**said).merged()
    assert any("agree too little" in problem for problem in ratings.problems)


ACTIONS = st.sampled_from(["approve", "modify", "reject", "escalate"])
VOTES = st.tuples(ACTIONS, ACTIONS, st.sampled_from(["win", "tie", "loss"]))


@settings(max_examples=60, deadline=None)
@given(
    said=st.lists(st.one_of(st.none(), VOTES), min_size=1, max_size=5),
    filled=st.lists(VOTES, min_size=5, max_size=5),
)
def test_no_missing_vote_can_turn_into_consensus(
    tmp_path_factory: pytest.TempPathFactory,
    said: list[Said | None],
    filled: list[Said],
) -> None:
    """Whatever is concluded with votes missing stays concluded however they are filled in."""
    names = [f"rater-{number}" for number in range(len(said))]
    made = a_review(tmp_path_factory.getbasetemp(), [a_pair(0)], raters=names, turned={names[0]: [0]})  # fmt: skip
    short = made.said(**{name: {0: one} if one else {} for name, one in zip(names, said, strict=True)})  # fmt: skip
    full = made.said(**{name: {0: one or other} for name, one, other in zip(names, said, filled, strict=False)})  # fmt: skip
    (before,), (after,) = short.merged(is_partial=True).items, full.merged().items
    assert before.missing_votes == sum(one is None for one in said)
    for arm, action in before.consensus.items():
        assert after.consensus[arm] is action
    if before.outcome is not None:
        assert after.outcome is before.outcome
