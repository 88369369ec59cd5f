from itertools import product
from pathlib import Path

import numpy as np
import pytest

from hitl.review.comparison import LONGEST_SECONDS, preferences, rates
from hitl.review.votes import RatedItem
from hitl.review.words import Mode, SideName
from tests.review.by_hand import (
    CANDIDATE,
    PREVIOUS,
    Said,
    a_mark,
    a_pair,
    a_review,
    a_vote,
    identical,
    one_sided,
)

NAMES = ("alice", "bob", "carol")


def rated(tmp_path: Path, said: list[Said], **changes: object) -> tuple[RatedItem, ...]:
    """Return items on which all three say the same."""
    made = a_review(tmp_path, [a_pair(n, **changes) for n in range(len(said))])
    return made.said(**{name: dict(enumerate(said)) for name in NAMES}).merged().items


def test_wins_and_losses_are_counted_by_items_and_netted_by_votes(tmp_path: Path) -> None:
    said: list[Said] = [("approve", "approve", word) for word in ["win"] * 6 + ["tie"] * 3 + ["loss"]]  # fmt: skip
    found = preferences(rated(tmp_path, said))
    assert (found.wins, found.ties, found.losses, found.undecided) == (6, 3, 1, 0)
    assert found.net.estimate == pytest.approx(0.5)
    assert (found.net.n, found.net.n_items, found.net.n_reviewers) == (30, 10, 3)
    assert found.net.low is not None
    assert found.net.high is not None
    assert -1 <= found.net.low < 0.5 < found.net.high <= 1


def test_outputs_that_look_the_same_draw_the_net_to_nothing(tmp_path: Path) -> None:
    items = [a_pair(n) if n < 10 else identical(n) for n in range(20)]
    made = a_review(tmp_path, items)
    said: dict[int, Said] = {
        n: ("approve", "approve", "win" if n < 10 else None) for n in range(20)
    }
    found = preferences(made.said(**dict.fromkeys(NAMES, said)).merged().items)
    assert (found.wins, found.ties) == (10, 10)
    assert found.net.estimate == pytest.approx(0.5)


def test_items_that_stand_for_more_weigh_more(tmp_path: Path) -> None:
    items = [a_pair(n, probability=0.25 if n < 5 else 1.0) for n in range(10)]
    made = a_review(tmp_path, items)
    said: dict[int, Said] = {
        n: ("approve", "approve", "win" if n < 5 else "loss") for n in range(10)
    }
    found = preferences(made.said(**dict.fromkeys(NAMES, said)).merged().items)
    assert found.net.estimate == pytest.approx((5 * 4 - 5) / 25)


def test_rates_are_shares_of_votes_and_their_difference_is_the_candidates_less_the_previous(
    tmp_path: Path,
) -> None:
    said: list[Said] = [("reject", "approve", "win")] * 3 + [("modify", "escalate", "tie")] * 2 + [("approve", "approve", "tie")] * 5  # fmt: skip
    found = rates(rated(tmp_path, said), Mode.PAIR)
    assert set(found) == {"override", "modify", "reject", "escalate"}
    expected = {
        "override": (0.5, 0.0),
        "modify": (0.2, 0.0),
        "reject": (0.3, 0.0),
        "escalate": (0.0, 0.2),
    }
    for name, (before, after) in expected.items():
        figures = found[name]
        assert figures.previous.estimate == pytest.approx(before)
        assert figures.candidate.estimate == pytest.approx(after)
        assert figures.difference.estimate == pytest.approx(after - before)
    high = found["override"].candidate.high
    assert high is not None
    assert high > 0.0  # none in ten items is no proof of none at all


def test_identical_outputs_count_for_both_arms_and_move_no_difference(tmp_path: Path) -> None:
    made = a_review(tmp_path, [identical(n) for n in range(10)])
    said: dict[int, Said] = {n: ("reject" if n < 4 else "approve", None, None) for n in range(10)}
    figures = rates(made.said(**dict.fromkeys(NAMES, said)).merged().items, Mode.PAIR)["override"]
    assert figures.previous.estimate == figures.candidate.estimate == pytest.approx(0.4)
    assert figures.difference.estimate == pytest.approx(0.0)


def test_votes_that_do_not_count_are_in_no_figure(tmp_path: Path) -> None:
    items = rated(tmp_path, [("reject", "approve", "win")] * 10)
    emptied = [
        item.model_copy(
            update={
                "votes": tuple(vote.model_copy(update={"counts": False}) for vote in item.votes)
            }
        )
        for item in items
    ]
    figures = rates(emptied, Mode.PAIR)["override"]
    assert figures.previous.estimate is None
    assert figures.previous.reason == "no vote"
    assert preferences(emptied).net.estimate is None


def test_a_window_that_was_left_open_counts_as_an_hour(tmp_path: Path) -> None:
    items = [one_sided(n, PREVIOUS if n % 2 else CANDIDATE) for n in range(20)]
    made = a_review(tmp_path, items, rules={"mode": Mode.SINGLE})
    for name in NAMES:
        made = made.cast(
            name,
            [
                a_vote(n, (a_mark(SideName.A, "approve"),), None, seconds=90_000.0 if n == 0 else None if n == 2 else 10.0)
                for n in range(20)
            ],
        )  # fmt: skip
    figures = made.merged().rates["seconds"]
    assert figures.previous.estimate == pytest.approx(10.0)
    assert figures.candidate.estimate == pytest.approx((LONGEST_SECONDS + 8 * 10.0) / 9)
    assert figures.candidate.n == 27


def test_a_single_rater_gives_shares_without_limits_and_says_why(tmp_path: Path) -> None:
    made = a_review(tmp_path, [a_pair(n) for n in range(10)], raters=("alice",))
    said: dict[int, Said] = dict.fromkeys(range(10), ("approve", "approve", "win"))
    net = preferences(made.said(alice=said).merged().items).net
    assert net.estimate == pytest.approx(1.0)
    assert (net.low, net.high) == (None, None)
    assert "single rater" in net.reason


def test_a_raters_taste_is_not_taken_for_many_opinions(tmp_path: Path) -> None:
    """Two raters always prefer opposite arms, so that nothing is known of what other raters would say."""
    made = a_review(tmp_path, [a_pair(n) for n in range(100)], raters=("alice", "bob"))
    said: dict[str, dict[int, Said]] = {"alice": {}, "bob": {}}
    rng = np.random.default_rng(3)
    for name, number in product(said, range(100)):
        word = ("win" if name == "alice" else "loss") if rng.random() < 0.9 else "tie"
        said[name][number] = ("approve", "approve", word)
    net = preferences(made.said(**said).merged().items).net
    assert net.low is not None
    assert net.high is not None
    assert net.high - net.low > 1.9
