"""What is known of one side and not of the other is no change."""

import pytest

from hitl.decisions.change.alike import SAYS_NOTHING, Known, apart
from hitl.decisions.change.rules import ComparisonRules
from hitl.decisions.measures.words import Metric, Stand
from tests.decisions.change.made import NEW, OLD, Line, compared, of

PEOPLE = tuple(f"r{i}" for i in range(10))
LATE = [Line(model=NEW, day=20)]


def labelled(model: str, day: int, labels: dict[tuple[str, int | None], int]) -> list[Line]:
    """Decisions of each person by what the person did and the label."""
    return [
        Line(n=n, model=model, day=day, person=person, did=did, correct=correct)
        for person in PEOPLE
        for (did, correct), n in labels.items()
    ]


def test_labels_of_what_was_rejected_alone_make_no_model_worse() -> None:
    # Before, one of 20 has a label whatever a person did; after, only what was rejected has one.
    before = labelled(OLD, 0, {("approve", None): 171, ("approve", 1): 9, ("reject", None): 19, ("reject", 0): 1})  # fmt: skip
    after = labelled(NEW, 1, {("approve", None): 180, ("reject", None): 14, ("reject", 0): 6})

    found = of(compared(before + after + LATE), Metric.LABELLED_ERROR_RATE)

    assert found.crude.stand is Stand.REFUSED
    assert found.crude.reason == (
        "5 % of decisions have a label (lane queue, reject) before and 30 % after: " + SAYS_NOTHING
    )


def test_labels_that_are_drawn_alike_are_compared() -> None:
    drawn = {("approve", None): 171, ("approve", 1): 9, ("reject", None): 19, ("reject", 0): 1}

    found = of(
        compared(labelled(OLD, 0, drawn) + labelled(NEW, 1, drawn) + LATE),
        Metric.LABELLED_ERROR_RATE,
    )

    assert found.crude.stand is Stand.MEASURED
    assert found.crude.value == pytest.approx(0.0)


def test_people_who_no_longer_write_down_what_they_overrode_do_not_lower_the_rate() -> None:
    def decided(model: str, silent: int, rejected: int) -> list[Line]:
        return [
            Line(n=n, model=model, person=person, did=did)
            for person in PEOPLE
            for did, n in (("approve", 80), ("reject", rejected), (None, silent))
            if n
        ]

    found = of(compared(decided(OLD, 0, 20) + decided(NEW, 18, 2)), Metric.OVERRIDE_RATE)

    assert found.crude.stand is Stand.REFUSED
    assert found.before is None
    assert found.crude.reason == (
        "100 % of decisions say what the person did before and 82 % after: " + SAYS_NOTHING
    )


def test_outcomes_that_are_known_of_overrides_on_one_side_only_give_no_odds() -> None:
    def turned(model: str, day: int, known: int) -> list[Line]:
        return [
            Line(n=n, model=model, day=day, person=person, did=did, outcome=outcome)
            for person in PEOPLE
            for did, outcome, n in (
                ("approve", "bad", 4), ("approve", "good", 36),
                ("reject", "bad", 2), ("reject", "good", known), ("reject", None, 6 - known),
            )
            if n
        ]  # fmt: skip

    comparison = compared(turned(OLD, 0, 6) + turned(NEW, 1, 1) + LATE)

    assert of(comparison, Metric.BAD_IF_APPROVED).crude.stand is Stand.MEASURED
    odds = of(comparison, Metric.OUTCOME_LOG_ODDS)
    assert odds.crude.stand is Stand.REFUSED
    assert "of overridden decisions say how they turned out" in odds.crude.reason


@pytest.mark.parametrize(
    ("before", "after", "is_apart"),
    [
        (Known(9, 10), Known(8, 10), False),  # ten points, and chance alone gives more
        (Known(900, 1000), Known(800, 1000), True),
        (Known(9000, 10_000), Known(8600, 10_000), False),  # beyond chance, and within five points
        (Known(0, 0), Known(8, 10), False),
        (Known(0, 1000), Known(0, 1000), False),
    ],
)
def test_sides_are_apart_by_more_than_five_points_and_by_more_than_chance(
    before: Known, after: Known, is_apart: bool
) -> None:
    rules = ComparisonRules()

    assert bool(apart("are known", before, after, rules)) is is_apart
    assert bool(apart("are known", after, before, rules)) is is_apart


def test_one_of_many_parts_must_differ_by_more() -> None:
    # Newcombe's limits of 12/20 less 18/20 reach from 3 to 53 points at 95 %, and over 0 at 99.4 %.
    before, after = Known(18, 20), Known(12, 20)

    assert apart("are known", before, after, ComparisonRules())
    assert not apart("are known", before, after, ComparisonRules(), parts=8)
