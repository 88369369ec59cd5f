"""Comparisons worked by hand."""

import math
from dataclasses import replace

import pytest

from hitl.decisions.change.rules import ComparisonRules
from hitl.decisions.change.words import Cluster, Mix, Scale
from hitl.decisions.measures.words import Metric, Stand
from tests.decisions.change.made import NEW, OLD, Line, compared, counts_of, of

PEOPLE = tuple(f"r{i}" for i in range(10))


def reviewed(n: int, overridden: int, model: str, action: str, **more: object) -> list[Line]:
    """Decisions of each of ten people, so many of them overridden."""
    day = 0 if model == OLD else 20
    line = replace(Line(model=model, action=action, day=day), **more)  # type: ignore[arg-type]
    return [
        replace(line, n=number, did=did, person=person, day=day + index % 5)
        for index, person in enumerate(PEOPLE)
        for number, did in ((n - overridden, "approve"), (overridden, "reject"))
        if number
    ]


@pytest.fixture
def simpson() -> list[Line]:
    """One in ten restarts and four in ten refunds are overridden on both sides; refunds become nine times as many."""
    return [
        *reviewed(90, 9, OLD, "restart"), *reviewed(10, 4, OLD, "refund"),
        *reviewed(10, 1, NEW, "restart"), *reviewed(90, 36, NEW, "refund"),
    ]  # fmt: skip


def test_a_change_that_is_all_mix_is_said_to_be_all_mix(simpson: list[Line]) -> None:
    found = of(compared(simpson), Metric.OVERRIDE_RATE)

    # Before (90 + 40) / 1000, after (10 + 360) / 1000; no rate within an action type moved.
    assert found.before is not None
    assert found.after is not None
    assert (found.before.k, found.before.n, found.before.value) == (130, 1000, 0.13)
    assert (found.after.k, found.after.n, found.after.value) == (370, 1000, 0.37)
    assert found.crude.value == pytest.approx(0.24)
    assert found.crude.low is not None
    assert found.crude.low > 0.15
    assert found.split.mix == pytest.approx(0.24)
    assert found.split.within is not None
    assert found.split.within.value == pytest.approx(0.0, abs=1e-12)
    assert found.split.within.low is not None
    assert found.split.within.high is not None
    assert found.split.within.low < 0 < found.split.within.high
    assert (found.split.unshared, found.split.common) == (0.0, 1.0)
    assert [(one.action_type, one.before, one.after, one.stands) for one in found.by_action_type] == [
        ("refund", 0.4, 0.4, False), ("restart", 0.1, 0.1, False),
    ]  # fmt: skip


def test_a_change_within_the_same_mix_is_no_mix() -> None:
    lines = [
        *reviewed(50, 5, OLD, "restart"), *reviewed(50, 5, OLD, "refund"),
        *reviewed(50, 15, NEW, "restart"), *reviewed(50, 15, NEW, "refund"),
    ]  # fmt: skip

    found = of(compared(lines), Metric.OVERRIDE_RATE)

    assert found.split.mix == 0.0
    assert found.split.within is not None
    assert found.split.within.value == pytest.approx(0.2)
    assert found.split.within.low is not None
    assert found.split.within.low > 0.1
    assert all(one.stands for one in found.by_action_type)


def test_half_of_each_is_split_by_kitagawa() -> None:
    # Shares 3/4 and 1/4 become 1/4 and 3/4; rates .2 and .4 become .3 and .6.
    lines = [
        *reviewed(30, 6, OLD, "restart"), *reviewed(10, 4, OLD, "refund"),
        *reviewed(10, 3, NEW, "restart"), *reviewed(30, 18, NEW, "refund"),
    ]  # fmt: skip

    found = of(compared(lines), Metric.OVERRIDE_RATE)

    assert found.crude.value == pytest.approx(0.525 - 0.25)
    assert found.split.mix == pytest.approx(-0.5 * (0.2 + 0.3) / 2 + 0.5 * (0.4 + 0.6) / 2)
    assert found.split.within is not None
    assert found.split.within.value == pytest.approx(0.5 * 0.1 + 0.5 * 0.2)


def test_kinds_of_work_of_one_side_only_are_a_part_of_their_own() -> None:
    lines = [
        *reviewed(90, 9, OLD, "restart"), *reviewed(10, 5, OLD, "close"),
        *reviewed(90, 9, NEW, "restart"), *reviewed(10, 0, NEW, "refund"),
    ]  # fmt: skip

    found = of(compared(lines), Metric.OVERRIDE_RATE)

    # 14 % became 9 %; among restarts, nine tenths of both sides, nothing moved.
    assert found.split.common == pytest.approx(0.9)
    assert found.split.within is not None
    assert found.split.within.value == pytest.approx(0.0)
    assert found.split.mix == pytest.approx(0.0)
    assert found.split.unshared == pytest.approx(-0.05)


def test_too_little_work_in_common_is_refused_and_the_crude_change_stays() -> None:
    lines = [
        *reviewed(10, 1, OLD, "restart"), *reviewed(90, 9, OLD, "close"),
        *reviewed(10, 1, NEW, "restart"), *reviewed(90, 9, NEW, "refund"),
    ]  # fmt: skip

    found = of(compared(lines), Metric.OVERRIDE_RATE)

    assert found.crude.stand is Stand.MEASURED
    assert found.split.stand is Stand.REFUSED
    assert found.split.within is None
    assert found.split.common == pytest.approx(0.1)
    assert (
        "only 10 % of the decisions of a side are of a kind that the other has"
        in found.split.reason
    )


@pytest.mark.parametrize(("missing", "share"), [("action", "none of"), ("confidence", "none of")])
def test_without_action_type_or_confidence_nothing_is_adjusted(
    simpson: list[Line], missing: str, share: str
) -> None:
    lines = [replace(line, **{missing: None}) for line in simpson]  # type: ignore[arg-type]

    found = of(compared(lines), Metric.OVERRIDE_RATE)

    assert found.crude.value == pytest.approx(0.24)
    assert found.split.stand is Stand.REFUSED
    assert found.split.reason.startswith(
        f"{share} 1,000 decisions have an action type and a confidence"
    )
    assert found.split.unattributed == 1.0


def test_a_review_time_that_is_the_same_for_everybody_shows_no_error_and_gets_no_ratio() -> None:
    # 20 bins are a factor of e: restarts take e times as long as refunds, and become half as many.
    lines = [
        *reviewed(20, 0, OLD, "restart", review_bin=200), *reviewed(20, 0, OLD, "refund", review_bin=180),
        *reviewed(10, 0, NEW, "restart", review_bin=205), *reviewed(30, 0, NEW, "refund", review_bin=185),
    ]  # fmt: skip

    found = of(compared(lines), Metric.REVIEW_SECONDS_GEOMETRIC_MEAN)

    assert found.scale is Scale.RATIO
    assert found.crude.stand is Stand.REFUSED
    assert "do not show how much a difference varies" in found.crude.reason
    assert found.before is not None
    assert found.before.value == pytest.approx(math.expm1(190.5 / 20) / 1000)


def test_parts_of_review_time_multiply_to_the_change() -> None:
    lines = [
        *reviewed(20, 0, OLD, "restart", review_bin=200), *reviewed(20, 0, OLD, "refund", review_bin=180),
        *reviewed(10, 0, NEW, "restart", review_bin=205), *reviewed(30, 0, NEW, "refund", review_bin=185),
        Line(n=40, model=NEW, day=21, action="refund", review_bin=186),
    ]  # fmt: skip

    found = of(compared(lines), Metric.REVIEW_SECONDS_GEOMETRIC_MEAN)

    assert found.split.within is not None
    assert found.split.within.value is not None
    assert found.split.mix is not None
    assert found.split.mix < 1 < found.split.within.value
    assert found.crude.value == pytest.approx(found.split.within.value * found.split.mix)


def test_satisfaction_is_a_difference_of_means() -> None:
    lines = [
        *reviewed(10, 2, OLD, "restart", satisfaction=800), *reviewed(10, 2, NEW, "restart", satisfaction=700),
        Line(n=20, model=NEW, day=21, satisfaction=900),
    ]  # fmt: skip

    found = of(compared(lines), Metric.SATISFACTION)

    assert found.before is not None
    assert found.after is not None
    assert found.before.value == pytest.approx(0.8)
    assert found.after.value == pytest.approx((70_000 + 18_000) / 120_000)
    assert found.crude.value == pytest.approx(found.after.value - 0.8)


def test_lanes_are_clustered_by_day_and_count_every_decision() -> None:
    lines = [
        Line(n=30, day=day, lane=lane, did=None, person=None, model=model)
        for first, model in ((0, OLD), (20, NEW))
        for day in range(first, first + 5)
        for lane in (("auto", "auto", "queue") if model == OLD else ("auto", "queue", "escalate"))
    ]

    comparison = compared(lines)

    escalation = of(comparison, Metric.ESCALATION_RATE)
    assert escalation.cluster is Cluster.DAY
    assert escalation.crude.value == pytest.approx(1 / 3)
    assert escalation.crude.n_clusters == 10
    auto = of(comparison, Metric.AUTO_RESOLVE_RATE)
    assert auto.crude.value == pytest.approx(-1 / 3)
    tens = of(comparison, Metric.ESCALATIONS_PER_10000)
    assert tens.crude.value == pytest.approx(10_000 / 3)


def test_planted_errors_count_on_neither_side(simpson: list[Line]) -> None:
    planted = [Line(n=500, model=model, did="approve", seeded=1, day=3) for model in (OLD, NEW)]

    assert compared(simpson + planted) == compared(simpson)


def test_the_same_people_on_both_sides_make_the_change_sharper() -> None:
    # Half of the people override 2 of 20, half 10 of 20, and all of them two more afterwards.
    def side(model: str, extra: int, name: str) -> list[Line]:
        return [
            Line(n=n, model=model, day=0 if model == OLD else 20, did=did, person=f"{name}{i}")
            for i in range(20)
            for often in (2 + extra if i % 2 else 10 + extra,)
            for n, did in ((20 - often, "approve"), (often, "reject"))
        ]

    same = of(compared(side(OLD, 0, "r") + side(NEW, 2, "r")), Metric.OVERRIDE_RATE)
    others = of(compared(side(OLD, 0, "r") + side(NEW, 2, "q")), Metric.OVERRIDE_RATE)

    assert same.crude.value == others.crude.value == pytest.approx(0.1)
    widths = [one.crude.high - one.crude.low for one in (same, others) if one.crude.high is not None and one.crude.low is not None]  # fmt: skip
    assert widths[0] < widths[1] / 2


def test_shifts_of_confidence_and_action_types_are_beside_what_chance_reaches(
    simpson: list[Line],
) -> None:
    shifts = {one.mix: one for one in compared(simpson).shifts}

    # Shares .9 and .1 became .1 and .9: 2 * .8 * ln 9.
    assert shifts[Mix.ACTION_TYPE].psi == pytest.approx(1.6 * math.log(9))
    assert shifts[Mix.ACTION_TYPE].is_beyond_chance is True
    assert (shifts[Mix.ACTION_TYPE].n_before, shifts[Mix.ACTION_TYPE].n_after) == (1000, 1000)
    assert shifts[Mix.CONFIDENCE].stand is Stand.REFUSED


def test_sides_tell_who_and_when(simpson: list[Line]) -> None:
    found = compared(simpson)

    assert (found.before.model, found.before.n, found.before.n_reviewers) == (OLD, 1000, 10)
    assert (found.before.first_day, found.before.last_day) == ("2026-05-01", "2026-05-05")
    assert (found.after.model, found.after.first_day) == (NEW, "2026-05-21")
    assert found.n_reviewers_common == 10
    assert any("never answered on the same day" in note for note in found.notes)


def test_a_number_far_below_the_floor_of_knowledge_is_refused(simpson: list[Line]) -> None:
    silent = [Line(n=2000, model=model, did=None, person=None, day=2) for model in (OLD, NEW)]

    found = of(compared(simpson + silent), Metric.OVERRIDE_RATE)

    assert found.before is None
    assert found.crude.stand is Stand.REFUSED
    assert "before: only 33.3 % of 3,000 decisions say what the person did" in found.crude.reason


def test_the_order_of_lines_changes_no_byte(simpson: list[Line]) -> None:
    turned = [simpson[index] for index in range(len(simpson) - 1, -1, -1)]

    assert compared(turned).model_dump_json() == compared(simpson).model_dump_json()
    assert counts_of(turned).cells.n == 2000


def test_a_wider_confidence_gives_wider_intervals(simpson: list[Line]) -> None:
    narrow, wide = (
        of(compared(simpson, rules=ComparisonRules(confidence=one)), Metric.OVERRIDE_RATE).crude
        for one in (0.8, 0.99)
    )

    assert narrow.low is not None
    assert wide.low is not None
    assert wide.low < narrow.low


def test_no_floor_makes_nothing_out_of_what_is_not_there(simpson: list[Line]) -> None:
    lines = [replace(line, confidence=None, person=None) for line in simpson]

    found = of(compared(lines, rules=ComparisonRules(coverage_floor=0.0)), Metric.OVERRIDE_RATE)

    assert found.cluster is Cluster.DAY
    assert "none of 1,000 decisions name the person" in found.reason
    assert found.split.stand is Stand.REFUSED


def test_decisions_of_neither_side_are_counted(simpson: list[Line]) -> None:
    others = [Line(n=30, model="acme/other-2026-01-01"), Line(n=7, model=None)]

    assert "37 of 2,037 decisions stand on neither side" in compared(simpson + others).notes
