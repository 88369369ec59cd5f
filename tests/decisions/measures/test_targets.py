import pytest

from hitl.decisions.measures.met import how_met
from hitl.decisions.measures.rules import BaselineRules, VersionChange
from hitl.decisions.measures.words import Met
from hitl.decisions.targets import Target, Targets
from tests.decisions.measures.baselines import Row, baseline_of, reviewed, rows, target

RANGE = Target(at_least=0.15, at_most=0.30)


@pytest.mark.parametrize(
    ("low", "high", "met"),
    [
        pytest.param(0.15, 0.30, Met.MET, id="both limits are allowed"),
        pytest.param(0.14, 0.20, Met.UNDECIDED, id="reaches below"),
        pytest.param(0.20, 0.31, Met.UNDECIDED, id="reaches above"),
        pytest.param(0.31, 0.40, Met.MISSED, id="wholly above"),
        pytest.param(0.01, 0.14, Met.MISSED, id="wholly below"),
        pytest.param(0.0, 1.0, Met.UNDECIDED, id="says nothing"),
        pytest.param(0.20, None, Met.UNDECIDED, id="no upper limit"),
        pytest.param(0.31, None, Met.MISSED, id="no upper limit and above"),
    ],
)
def test_a_target_is_met_only_if_the_whole_interval_lies_inside(
    low: float, high: float | None, met: Met
) -> None:
    assert how_met(RANGE, low, high) is met


@pytest.fixture
def log() -> list[Row]:
    return [
        *rows(760, lane="auto", correct="true"),
        *rows(8, lane="auto", correct="false"),
        *reviewed(230, "approve", review_seconds=30),
        *reviewed(2, "reject", review_seconds=30),
    ]


def test_six_targets_stand_beside_what_was_measured(log: list[Row]) -> None:
    baseline = baseline_of(log)

    assert [one.name for one in baseline.targets] == list(Targets.model_fields)
    escalation = target(baseline, "escalation_rate")
    assert escalation.value == pytest.approx(0.232)
    assert escalation.met is Met.MET
    assert target(baseline, "auto_resolve_rate").met is Met.MET
    # 8 of 768 is 1.04 %, with limits 0.45 % and 2.04 %.
    assert target(baseline, "error_escape_rate").met is Met.UNDECIDED
    latency = target(baseline, "review_latency_p95_minutes")
    assert latency.value == pytest.approx(0.5, rel=0.05)
    assert latency.met is Met.MET
    assert target(baseline, "reviewer_agreement").met is Met.MET
    assert target(baseline, "feedback_used_within_days").met is Met.UNMEASURED


def test_a_policy_sets_its_own_targets(log: list[Row]) -> None:
    rules = BaselineRules(targets=Targets(escalation_rate=Target(at_most=0.1)))

    part = target(baseline_of(log, rules), "escalation_rate")

    assert (part.at_least, part.at_most, part.met) == (None, 0.1, Met.MISSED)


def test_what_cannot_be_measured_meets_no_target() -> None:
    baseline = baseline_of(rows(5))

    assert {one.met for one in baseline.targets} == {Met.UNMEASURED}
    assert all(one.reason for one in baseline.targets)


def test_errors_that_people_miss_count_for_the_target() -> None:
    log = [
        *rows(3970, lane="auto", correct="true"),
        *rows(30, lane="auto", correct="false"),
        *reviewed(20, "reject", seeded_error="true", reviewer_id=None),
        *reviewed(20, "approve", seeded_error="true", reviewer_id=None),
    ]

    part = target(baseline_of(log), "error_escape_rate")

    # 0.75 % alone would be well below 2 %; half of the errors are missed.
    assert part.value == pytest.approx(0.015)
    assert part.met is Met.UNDECIDED


def test_a_target_is_not_met_by_leaving_out_what_would_miss_it() -> None:
    silent = reviewed(50, "", review_seconds="", reviewer_id=None)
    log = [
        *reviewed(450, "approve", review_seconds=30),
        *reviewed(40, "reject", review_seconds=30),
        *silent,
    ]

    agreement = target(baseline_of(log), "reviewer_agreement")

    # 450 of 490 is 91.8 %, from 89 %; with the 50 that say nothing it could be 83 %.
    assert agreement.low is not None
    assert agreement.low > 0.85
    assert agreement.met is Met.UNDECIDED
    assert "not if the decisions that are in doubt or not covered lie" in agreement.reason


def test_times_that_lack_can_hide_the_longest(log: list[Row]) -> None:
    untimed = [*log, *reviewed(20, "approve")]

    part = target(baseline_of(untimed), "review_latency_p95_minutes")

    assert part.value == pytest.approx(0.5, rel=0.05)
    assert part.met is Met.UNDECIDED


DAY = 20574
"""1 May 2026, days since 1970."""


def over(days: int, overrides: int = 3) -> list[Row]:
    """Return a log of so many days after 1 May, at the end of which people override."""
    last = f"2026-{5 + days // 31:02d}-{1 + days % 31:02d}T00:00:00Z"
    return [*rows(10), *reviewed(10, "approve"), *reviewed(overrides, "reject", at=last)]


def feedback(
    days: int, *versions: VersionChange, overrides: int = 3
) -> tuple[float | None, Met, str]:
    part = target(
        baseline_of(over(days, overrides), versions=versions), "feedback_used_within_days"
    )
    return part.value, part.met, part.reason


def test_a_new_version_within_the_days_does_not_tell_that_reviewers_were_the_reason() -> None:
    days, met, reason = feedback(20, VersionChange("prompt_version", 2, DAY + 15))

    assert (days, met) == (5, Met.UNDECIDED)
    assert "a new prompt_version came 5 days before the end of the log" in reason
    assert "can be missed here and never met" in reason


def test_feedback_that_changed_nothing_for_too_long_misses() -> None:
    changed = feedback(40, VersionChange("workflow_version", 3, DAY + 2))
    never = feedback(40, VersionChange("workflow_version", 1, DAY))

    assert changed[:2] == (38, Met.MISSED)
    assert never[:2] == (40, Met.MISSED)
    assert "it took longer" in never[2]


def test_a_log_that_is_too_short_to_see_a_change_decides_nothing() -> None:
    assert feedback(20, VersionChange("prompt_version", 1, DAY))[:2] == (20, Met.UNDECIDED)


@pytest.mark.parametrize(
    ("versions", "overrides", "reason"),
    [
        pytest.param((), 3, "no row names a version", id="no columns"),
        pytest.param((VersionChange("prompt_hash", 0, None),), 3, "no row names", id="empty column"),
        pytest.param((VersionChange("prompt_hash", 900, DAY + 20),), 3, "differ from decision", id="a hash of each row"),
        pytest.param((VersionChange("prompt_hash", 2, DAY + 20),), 0, "people overrode nothing", id="no feedback"),
    ],
)  # fmt: skip
def test_feedback_that_cannot_be_seen_is_unmeasured(
    versions: tuple[VersionChange, ...], overrides: int, reason: str
) -> None:
    days, met, said = feedback(20, *versions, overrides=overrides)

    assert (days, met) == (None, Met.UNMEASURED)
    assert reason in said
