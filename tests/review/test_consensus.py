from itertools import product
from pathlib import Path

import numpy as np
import pytest

from hitl.review.consensus import majority
from hitl.review.votes import Ratings
from hitl.review.words import Action, ConsensusMethod, Outcome
from tests.review.by_hand import (
    CANDIDATE,
    PREVIOUS,
    Made,
    Said,
    a_pair,
    a_review,
    of_case,
    one_sided,
)

WEIGHTED = {"consensus": ConsensusMethod.DAWID_SKENE}


@pytest.mark.parametrize(
    ("votes", "raters", "expected"),
    [
        ("", 3, None),
        ("a", 1, "a"),
        ("a", 2, None),
        ("aa", 2, "a"),
        ("ab", 2, None),
        ("aa", 3, "a"),
        ("ab", 3, None),
        ("aab", 3, "a"),
        ("abc", 3, None),
        ("aabb", 4, None),
        ("aab", 4, None),
        ("aaab", 4, "a"),
        ("aabc", 5, None),
        ("aaa", 5, "a"),
        ("aaabb", 3, "a"),
        ("aabb", 3, None),
    ],
)
def test_more_than_half_of_the_raters_decide(votes: str, raters: int, expected: str | None) -> None:
    assert majority(tuple(votes), raters) == expected
    assert majority(tuple(reversed(votes)), raters) == expected


@pytest.mark.parametrize("raters", [1, 2, 3, 4])
def test_a_majority_stands_however_missing_votes_are_filled_in(raters: int) -> None:
    for full in product("abc", repeat=raters):
        for given in range(raters):
            found = majority(full[:given], raters)
            assert found is None or found == majority(full, raters)


def test_each_arm_is_concluded_by_itself(tmp_path: Path) -> None:
    made = a_review(tmp_path, [a_pair(0)])
    ratings = made.said(
        alice={0: ("approve", "modify", "win")},
        bob={0: ("approve", "reject", "win")},
        carol={0: ("reject", "escalate", "tie")},
    ).merged()
    item = of_case(ratings, 0)
    assert item.consensus == {PREVIOUS: Action.APPROVE}
    assert item.outcome is Outcome.WIN
    assert ratings.adjudication == (item.item_id,)


def three_and_two(tmp_path: Path, n: int) -> Ratings:
    """Three careless raters who say the same wrong thing together on every fifth item, and two careful ones."""
    raters = ("alice", "bob", "carol", "dan", "erin")
    made = a_review(tmp_path, [a_pair(number) for number in range(n)], raters=raters, rules=WEIGHTED)  # fmt: skip
    rng = np.random.default_rng(11)
    words = ("approve", "reject")
    truth = rng.integers(0, 2, size=(n, 2))
    said: dict[str, dict[int, Said]] = {name: {} for name in raters}
    for number, name in product(range(n), raters):
        wrong = (rng.random(2) < (0.45 if name in ("alice", "bob", "carol") else 0.02)).astype(int)
        first, second = (words[value] for value in (truth[number] + wrong) % 2)
        said[name][number] = (first, second, "tie")
    return made.said(**said).merged()


def test_careful_raters_outweigh_careless_ones_and_it_is_said_how_often(tmp_path: Path) -> None:
    ratings = three_and_two(tmp_path, 120)
    assert ratings.consensus_method is ConsensusMethod.DAWID_SKENE
    flipped = int(ratings.consensus_note.split("turned ")[1].split(" ")[0])
    assert flipped > 10
    careful = ratings.reviewers
    assert len(careful) == 5
    by_majority = 0
    for item in ratings.items:
        for arm in (PREVIOUS, CANDIDATE):
            found = majority([vote.actions[arm].value for vote in item.votes], 5)
            by_majority += found is not None and item.consensus[arm].value != found
    assert by_majority == flipped


def test_without_overlap_enough_the_majority_counts_and_it_is_said(tmp_path: Path) -> None:
    made = a_review(tmp_path, [a_pair(0), a_pair(1)], rules=WEIGHTED)
    said: dict[int, Said] = {0: ("reject", "approve", "win"), 1: ("approve", "reject", "loss")}
    ratings = made.said(alice=said, bob=said, carol=said).merged()
    assert ratings.consensus_method is ConsensusMethod.MAJORITY
    assert "fewer than 10 items" in ratings.consensus_note
    assert of_case(ratings, 0).outcome is Outcome.WIN


def test_weights_conclude_nothing_from_votes_too_few(tmp_path: Path) -> None:
    names = ("alice", "bob", "carol")
    made = a_review(tmp_path, [a_pair(n) for n in range(30)], rules=WEIGHTED)
    said: dict[int, Said] = {
        n: ("approve", "reject", "loss") if n % 2 else ("reject", "approve", "win")
        for n in range(30)
    }
    votes = {name: dict(said) for name in names}
    del votes["bob"][7], votes["carol"][7]
    ratings = made.said(**votes).merged(is_partial=True)
    assert ratings.consensus_method is ConsensusMethod.DAWID_SKENE
    assert of_case(ratings, 7).consensus == {}
    assert of_case(ratings, 7).outcome is None
    assert of_case(ratings, 8).outcome is Outcome.WIN


def test_an_even_split_of_weights_is_undecided(tmp_path: Path) -> None:
    def mirrored(made: Made) -> Made:
        half: dict[int, Said] = dict.fromkeys(range(20), ("approve", "reject", "tie"))
        other: dict[int, Said] = dict.fromkeys(range(20), ("reject", "approve", "tie"))
        return made.said(alice=half, bob=half, carol=other, dan=other)

    raters = ("alice", "bob", "carol", "dan")
    made = a_review(tmp_path, [a_pair(n) for n in range(20)], raters=raters, rules=WEIGHTED)
    ratings = mirrored(made).merged()
    assert all(item.consensus == {} for item in ratings.items)
    assert len(ratings.adjudication) == 20


def test_an_item_does_not_teach_the_errors_that_settle_it(tmp_path: Path) -> None:
    # Nobody errs but in one item of which each says something else. It alone teaches that what is rare is misjudged so.
    actions = ["approve"] * 25 + ["modify"] * 35 + ["reject"] * 40
    made = a_review(tmp_path, [one_sided(n, CANDIDATE) for n in range(101)], rules=WEIGHTED)
    votes: dict[str, dict[int, Said]] = {
        name: {n: (None, action, None) for n, action in enumerate([*actions, odd])}
        for name, odd in zip(
            ("alice", "bob", "carol"), ("approve", "modify", "reject"), strict=True
        )
    }
    ratings = made.said(**votes).merged()
    assert ratings.consensus_method is ConsensusMethod.DAWID_SKENE
    assert [of_case(ratings, n).consensus[CANDIDATE] for n in range(100)] == actions
    assert of_case(ratings, 100).consensus == {}
