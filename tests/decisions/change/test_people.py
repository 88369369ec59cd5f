"""Whose decisions they are: one person, other people, nobody named."""

from dataclasses import replace

import pytest

from hitl.decisions.change.words import Cluster
from hitl.decisions.measures.words import Metric, Stand
from tests.decisions.change.made import NEW, OLD, Line, compared, of


def work(people: tuple[str | None, ...], model: str, rejected: int = 2) -> list[Line]:
    day = 0 if model == OLD else 20
    return [
        Line(n=n, model=model, day=day + index % 4, did=did, person=person)
        for index, person in enumerate(people)
        for n, did in ((20 - rejected, "approve"), (rejected + index % 3, "reject"))
    ]


PEOPLE = tuple(f"r{i}" for i in range(10))


@pytest.mark.parametrize("sides", [(PEOPLE, ("r1",)), (("r1",), PEOPLE), (("r1",), ("r1",))])
def test_one_reviewer_shows_nothing_of_how_people_differ(
    sides: tuple[tuple[str, ...], ...],
) -> None:
    found = of(compared(work(sides[0], OLD) + work(sides[1], NEW)), Metric.OVERRIDE_RATE)

    assert found.crude.stand is Stand.REFUSED
    assert found.crude.reason.startswith("a side has 1 reviewer")
    assert found.split.stand is Stand.REFUSED
    levels = [found.before, found.after]
    assert [one.low is None for one in levels if one] == [len(side) == 1 for side in sides]


def test_other_people_cannot_be_told_from_another_model() -> None:
    others = tuple(f"q{i}" for i in range(10))

    comparison = compared(work(PEOPLE, OLD) + work(others, NEW, rejected=5))

    found = of(comparison, Metric.OVERRIDE_RATE)
    assert found.crude.stand is Stand.MEASURED
    assert found.split.stand is Stand.REFUSED
    assert found.split.reason.startswith("nobody decided on both sides")
    assert "no reviewer stands on both sides: a change may be one of people" in comparison.notes
    assert of(comparison, Metric.ESCALATION_RATE).split.stand is Stand.MEASURED


def test_where_few_decisions_name_the_person_days_stand_in_and_it_is_said() -> None:
    unnamed = tuple(None for _ in range(30))

    found = of(compared(work(PEOPLE + unnamed, OLD) + work(PEOPLE, NEW)), Metric.OVERRIDE_RATE)

    assert found.cluster is Cluster.DAY
    assert "decisions name the person" in found.reason
    assert "do not respect that one person's decisions are alike" in found.reason
    assert found.crude.n_clusters == 8


def test_some_unnamed_decisions_are_one_more_person() -> None:
    lines = work((*PEOPLE, None), OLD) + work((*PEOPLE, None), NEW)

    found = of(compared(lines), Metric.OVERRIDE_RATE)

    assert (found.cluster, found.crude.n_clusters) == (Cluster.REVIEWER, 11)
    assert found.crude.n == sum(line.n for line in lines)


def test_dropping_the_names_of_people_is_always_said() -> None:
    lines = [
        Line(n=n, model=model, day=first + index % 14, did=did, person=f"r{index}")
        for model, first in ((OLD, 0), (NEW, 20))
        for index in range(12)
        for n, did in ((40 - 3 * index, "approve"), (3 * index + 1, "reject"))
    ]

    named = of(compared(lines), Metric.OVERRIDE_RATE)
    bare = of(compared([replace(line, person=None) for line in lines]), Metric.OVERRIDE_RATE)

    assert bare.reason
    assert not named.reason


def test_a_timeout_is_no_override_and_nobodys_silence_no_approval() -> None:
    silent = [Line(n=50, model=model, day=1, did="timeout", person=None) for model in (OLD, NEW)]
    lines = work(PEOPLE, OLD) + work(PEOPLE, NEW)

    bare, with_timeouts = (of(compared(some), Metric.OVERRIDE_RATE) for some in (lines, lines + silent))  # fmt: skip

    assert bare.before is not None
    assert with_timeouts.before is not None
    assert (bare.before.k, bare.before.n) == (with_timeouts.before.k, with_timeouts.before.n)


def test_nobody_acted_on_a_side_is_refused_in_words() -> None:
    late = [Line(n=50, model=NEW, day=day, did="timeout", person=None) for day in (20, 21)]

    found = of(compared(work(PEOPLE, OLD) + late), Metric.OVERRIDE_RATE)

    assert found.crude.reason == "after: none of 100 decisions counts here"


def test_one_reviewer_and_somebody_unnamed_are_still_one_reviewer() -> None:
    lines = [
        *work(PEOPLE, OLD),
        Line(n=90, model=NEW, day=20, person="r1"), Line(n=5, model=NEW, day=21, person=None, did="reject"),
    ]  # fmt: skip

    found = of(compared(lines), Metric.OVERRIDE_RATE)

    assert found.crude.stand is Stand.REFUSED
    assert found.crude.reason.startswith("a side has 1 reviewer")


def test_actions_that_are_no_longer_written_down_are_no_fall_of_reviews() -> None:
    silent = [Line(n=200, model=NEW, day=day, did=None, person=None) for day in (20, 21, 22)]

    found = of(compared(work(PEOPLE, OLD) + work(PEOPLE, NEW) + silent), Metric.SYNC_REVIEW_RATE)

    assert found.crude.stand is Stand.REFUSED
    assert found.crude.reason.startswith("after: only")


def test_more_audits_after_are_told_beside_the_share_that_ran_alone() -> None:
    def alone(model: str, seen: int) -> list[Line]:
        first = 0 if model == OLD else 20
        return [
            Line(n=n, model=model, day=day, lane="auto", did=did, person=person)
            for day in (first, first + 1, first + 2)
            for n, did, person in ((100 - seen, None, None), (seen, "approve", "r1"))
        ]

    few, many = (of(compared(alone(OLD, 5) + alone(NEW, seen)), Metric.AUTO_RESOLVE_RATE) for seen in (6, 30))  # fmt: skip

    assert few.reason == ""
    assert many.reason.startswith(
        "of decisions that ran alone a person saw 5 % before and 30 % after"
    )


def test_one_person_in_the_work_of_both_sides_shows_nothing_of_how_people_differ() -> None:
    # Five people on both sides; but all the work that both sides have is of one of them.
    def worked(model: str, own: str, step: int) -> list[Line]:
        shared = Line(n=900, model=model, person="ann", review_bin=100, satisfaction=500)
        rest = [
            replace(shared, n=40, action=own, person=f"r{i}", review_bin=100 + step * i, satisfaction=500 + step * i)
            for i in range(4)
        ]  # fmt: skip
        return [shared, *rest]

    comparison = compared(worked(OLD, "close", 1) + worked(NEW, "refund", 2))

    for metric in (Metric.OVERRIDE_RATE, Metric.REVIEW_SECONDS_GEOMETRIC_MEAN, Metric.SATISFACTION):
        found = of(comparison, metric)
        assert found.crude.stand is Stand.MEASURED
        assert found.split.stand is Stand.REFUSED
        assert found.split.within is None
        assert found.split.reason == (
            "a side has 1 reviewer: nothing shows how far one differs from another, in the work that both sides have"
        )


@pytest.mark.parametrize(("late", "is_told"), [(1, False), (8, True)])
def test_more_timeouts_after_are_told_beside_what_people_did(late: int, is_told: bool) -> None:
    people = tuple(f"r{i}" for i in range(8))
    silence = [Line(n=late, model=NEW, day=20, person=None, did="timeout") for _ in people]

    comparison = compared(work(people, OLD) + work(people, NEW) + silence)

    # 64 of 231 timed out after, or 8 of 175.
    notes = "; ".join(comparison.notes)
    assert ("timed out before" in notes) is is_told
    if is_told:
        assert "0 % of decisions sent to a person timed out before and 27.7 % after" in notes
