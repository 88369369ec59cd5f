"""What travels with a threshold, and when it no longer stands."""

from datetime import timedelta

import pytest

from hitl.policy import Policy
from hitl.recalibrate.certificate import (
    Fault,
    Standing,
    data_digest,
    next_round,
    stands,
)
from hitl.recalibrate.parts import Certificate, CertificateFile
from hitl.recalibrate.recalibration import Subject, recalibrate
from hitl.recalibrate.scores import Planted, Scores
from hitl.recalibrate.threshold import Ask
from hitl.stats.proportion import upper_limit
from tests.policy.policies import one_type
from tests.recalibrate.counts import AT, MODEL, Line, a_table, some_scores

LINES = (Line(0.9, right=992, wrong=8), Line(0.3, right=500, wrong=500))
POLICY: Policy = one_type()


def certified(scores: Scores, ask: Ask | None = None) -> Certificate:
    found = recalibrate(scores, POLICY, ask or Ask(AT), Subject(MODEL)).types[0].certificate
    assert found is not None
    return found


def a_file(*certificates: Certificate) -> CertificateFile:
    return CertificateFile(
        format="hitl/threshold-certificates/v1",
        policy_id="p",
        policy_version="1",
        certificates=certificates,
    )


def test_a_certificate_says_what_was_proved_and_from_what() -> None:
    found = certified(some_scores(*LINES))

    assert (found.threshold, found.n, found.k, found.n_all) == (0.85, 1000, 8, 1000)
    assert found.delta == 0.05
    assert found.upper == pytest.approx(upper_limit(8, 1000, 1 - found.delta))
    assert found.upper <= found.target == 0.02
    assert (found.delta_total, found.round, found.spends, found.family) == (0.05, 1, False, 1)
    assert found.method == "fixed sequence, exact binomial; every decision has a label"
    assert [(part.probability, part.n_all, part.n, part.k) for part in found.strata] == [(None, 1000, 1000, 8)]  # fmt: skip
    assert (found.first_tested, found.n_tested) == (0.9, 2)
    assert (found.model, found.policy_id, found.policy_version) == (MODEL, "p", "1")
    assert (found.first_day, found.last_day) == ("2026-05-07", "2026-05-13")
    assert found.valid_until == (AT + timedelta(days=90)).isoformat()


def test_a_certificate_that_is_to_hold_with_all_later_ones_has_spent_its_part() -> None:
    found = certified(some_scores(*LINES), Ask(AT, round=2, spends=True))

    # Six over pi squared of a chance, and a fourth of that the second time.
    assert found.delta == pytest.approx(0.0075991, abs=1e-7)
    assert found.upper == pytest.approx(upper_limit(8, 1000, 1 - found.delta))
    assert (found.delta_total, found.round, found.spends) == (0.05, 2, True)


def test_the_limit_makes_up_for_errors_that_reviewers_miss() -> None:
    plain = certified(some_scores(*LINES))
    lines = (Line(0.9, right=998, wrong=2), Line(0.3, right=500, wrong=500))
    missed = certified(some_scores(*lines, planted=Planted(n=100, caught=80)))

    assert "reviewers find 7" in missed.method
    # 2 of 1000 alone would have a limit of 0.7 %.
    assert upper_limit(2, 1000, 1 - plain.delta) < 0.008 < missed.upper < 0.02


def test_a_family_says_how_many_share_the_chance() -> None:
    found = certified(some_scores(*LINES, Line(0.9, right=10, action_type="pay")), Ask(AT, is_family=True))  # fmt: skip

    assert found.family == 1, "the policy names one type"


def test_the_digest_is_of_the_counts() -> None:
    one = data_digest(a_table(LINES))

    assert one == data_digest(a_table(reversed(LINES)))
    assert one == data_digest(a_table([*LINES, Line(0.9, right=5, eligible=False)]))
    assert one != data_digest(a_table([Line(0.9, right=993, wrong=7), LINES[1]]))


@pytest.mark.parametrize("changed", [
    pytest.param(one_type({"risk": "high"}), id="another risk"),
    pytest.param(one_type(dynamic_risk=[{"when": "decision.content.amount > 5", "risk": "critical"}]), id="another rule"),
    pytest.param(one_type(risk_matrix={"low": dict.fromkeys(("high_confidence", "medium_confidence", "low_confidence"), "auto")}), id="another matrix"),
])  # fmt: skip
def test_a_certificate_does_not_stand_where_other_decisions_could_run(changed: Policy) -> None:
    found = certified(some_scores(*LINES))

    assert [one.fault for one in stands(found, 0.85, Standing(changed, AT, MODEL))] == [Fault.OTHER_RULES]  # fmt: skip


def test_other_thresholds_pools_and_costs_are_no_other_rules() -> None:
    same = one_type({"thresholds": {"auto": 0.85, "review": 0.2}, "error_cost_usd": 3}, version="2")

    assert stands(certified(some_scores(*LINES)), 0.85, Standing(same, AT, MODEL)) == ()


def test_the_first_recalibration_is_the_first_round() -> None:
    assert next_round(None, "p", 0.02) == 1


def test_each_recalibration_of_a_policy_and_target_is_another_round() -> None:
    second = certified(some_scores(*LINES), Ask(AT, round=2))

    assert next_round(a_file(second), "p", 0.02) == 3
    assert next_round(a_file(second), "q", 0.02) == 1
    assert next_round(a_file(second), "p", 0.01) == 1


def test_the_same_data_are_no_new_round() -> None:
    first, second = (certified(some_scores(*LINES), Ask(AT, round=n)) for n in (1, 2))

    assert next_round(a_file(first), "p", 0.02, {first.data_digest}) == 1
    assert next_round(a_file(first), "p", 0.02, {"other"}) == 2
    newer = second.model_copy(update={"data_digest": "newer"})
    assert next_round(a_file(first, newer), "p", 0.02, {first.data_digest}) == 3


def test_a_certificate_stands_for_what_it_was_issued_for() -> None:
    assert stands(certified(some_scores(*LINES)), 0.85, Standing(POLICY, AT, MODEL)) == ()


@pytest.mark.parametrize(
    ("change", "threshold", "now", "fault"),
    [
        pytest.param({}, 0.85, {"at": AT + timedelta(days=90)}, Fault.EXPIRED, id="its time is over"),
        pytest.param({"valid_until": "soon"}, 0.85, {}, Fault.EXPIRED, id="its time cannot be read"),
        pytest.param({"valid_until": "2030-01-01T00:00:00"}, 0.85, {}, Fault.EXPIRED, id="its time has no zone"),
        pytest.param({}, 0.8, {}, Fault.OTHER_THRESHOLD, id="a lower threshold"),
        pytest.param({}, 0.95, {}, Fault.OTHER_THRESHOLD, id="a higher threshold"),
        pytest.param({}, "never", {}, Fault.OTHER_THRESHOLD, id="no threshold"),
        pytest.param({}, 0.85, {"model": "another"}, Fault.OTHER_MODEL, id="another model"),
        pytest.param({"model": None}, 0.85, {}, Fault.OTHER_MODEL, id="no model"),
        pytest.param({}, 0.85, {"policy": one_type(id="q")}, Fault.OTHER_POLICY, id="another policy"),
        pytest.param({"calibrator": "0" * 64}, 0.85, {}, Fault.OTHER_CALIBRATOR, id="another calibrator"),
    ],
)  # fmt: skip
def test_a_certificate_does_not_stand(
    change: dict[str, object], threshold: float, now: dict[str, object], fault: Fault
) -> None:
    certificate = certified(some_scores(*LINES)).model_copy(update=change)
    standing = Standing(**({"policy": POLICY, "at": AT, "model": MODEL} | now))  # type: ignore[arg-type]  # parts are named as fields are

    (problem,) = stands(certificate, threshold, standing)  # type: ignore[arg-type]  # `never` is one

    assert problem.fault is fault
    assert "act" in problem.message
