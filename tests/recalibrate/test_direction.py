"""What becomes of a type's autonomy, and what people are asked to think about."""

import pytest

from hitl.recalibrate.direction import Mode, direction_of, suggestions, unplaced_modes
from hitl.recalibrate.parts import Threshold
from hitl.recalibrate.words import Direction
from tests.policy.policies import one_type
from tests.recalibrate.counts import BEFORE, MODEL, some_scores

POLICY = one_type()


@pytest.mark.parametrize(
    ("before", "after", "direction"),
    [
        (0.85, 0.8, Direction.GAINS),
        (0.85, 0.9, Direction.LOSES),
        (0.85, 0.85, Direction.KEEPS),
        (0.85, "never", Direction.LOSES),
        ("never", 0.85, Direction.GAINS),
        ("never", "never", Direction.NONE),
        (None, None, Direction.NONE),
        (1.0, 1.0, Direction.KEEPS),
    ],
)
def test_the_direction_follows_the_threshold(
    before: Threshold | None, after: Threshold | None, direction: Direction
) -> None:
    assert direction_of(before, after) is direction


def messages(direction: Direction, modes: tuple[Mode, ...] = (), **changes: object) -> list[str]:
    scores = some_scores(**changes)
    return [one.message for one in suggestions("act", direction, modes, scores, (POLICY, MODEL))]


def test_a_type_that_loses_goes_to_those_who_know_the_model() -> None:
    raters = {
        (MODEL, "triage", "ana"): 40,
        (MODEL, "triage", "ben"): 1200,
        (MODEL, "experts", "eva"): 9000,
        (BEFORE, "triage", "cid"): 7000,
    }

    (message,) = messages(Direction.LOSES, raters=raters)

    assert "triage: 2 people, ben (1,200), ana (40)" in message
    assert "eva" not in message
    assert "cid" not in message


def test_another_pool_is_named_where_the_type_s_own_has_not_seen_the_model() -> None:
    (message,) = messages(Direction.LOSES, raters={(MODEL, "experts", "eva"): 9})

    assert "experts: 1 of 1 people, eva (9)" in message


def test_nobody_who_knows_the_model_is_said() -> None:
    (message,) = messages(Direction.LOSES, raters={(BEFORE, "triage", "cid"): 7000})

    assert "nobody who has looked at this model's decisions" in message


def test_a_type_that_gains_needs_no_more_people() -> None:
    assert messages(Direction.GAINS) == []


def test_a_new_way_to_fail_asks_for_an_indicator() -> None:
    modes = (Mode("invents an id", 12, ("act", "ids"), "case-7"), Mode("cuts", 3, ("pay",)))

    (message,) = messages(Direction.GAINS, modes)

    assert "invents an id (12, such as case-7)" in message
    assert "cuts" not in message
    assert "risk indicator" in message


def test_the_most_frequent_ways_to_fail_are_named_first() -> None:
    modes = tuple(Mode(f"mode {n}", n, ("act",)) for n in range(1, 6))

    (message,) = messages(Direction.KEEPS, modes)

    assert "mode 5 (5); mode 4 (4); mode 3 (3); and 2 more" in message


def test_a_way_to_fail_that_names_no_type_is_told_once() -> None:
    modes = (Mode("invents an id", 12, ("ids",)), Mode("cuts", 3, ("act",)))

    (note,) = unplaced_modes(modes, ["act"])

    assert "invents an id" in note
    assert "cuts" not in note
    assert unplaced_modes(modes[1:], ["act"]) == ()
