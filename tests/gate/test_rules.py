"""Each rule with numbers that can be worked out by hand."""

import numpy as np
import pytest

from hitl.gate.verdict_words import State
from hitl.run.reply import Reply
from tests.builders import (
    Judged,
    a_golden_set,
    a_manifest,
    a_release,
    a_reply,
    an_error,
    judged,
    replies_to,
    some_cases,
)


@pytest.mark.parametrize(
    ("n", "regressed", "improved", "margin", "state"),
    [
        # No discordant pair: the lower limit is -(1 - 0.05^(1/n)), -0.04951 at 59, -0.05034 at 58.
        pytest.param(59, 0, 0, 0.05, "pass", id="59 agreeing cases prove 5 points"),
        pytest.param(58, 0, 0, 0.05, "unmeasured", id="58 agreeing cases cannot"),
        pytest.param(299, 0, 0, 0.01, "pass", id="299 agreeing cases prove 1 point"),
        pytest.param(298, 0, 0, 0.01, "unmeasured", id="298 agreeing cases cannot"),
        # 5 regressions, none improved: mid-p = 0.5^5 / 2 = 0.0156, below 0.05.
        pytest.param(60, 5, 0, 0.05, "fail", id="five regressions are beyond chance"),
        # 3 regressions: mid-p = 0.5^3 / 2 = 0.0625, above 0.05.
        pytest.param(60, 3, 0, 0.05, "undecided", id="three regressions are not"),
        # 4 against 4: mid-p one half, and the limit is far below -0.05.
        pytest.param(60, 4, 4, 0.05, "undecided", id="churn without a direction straddles"),
        # 12 of 1000 regressed: 1.2 points, proven worse and proven not worse than 5.
        pytest.param(1000, 12, 0, 0.05, "pass", id="a proven loss within the margin passes"),
        pytest.param(20, 20, 0, 0.05, "fail", id="a few cases can fail what they cannot prove"),
        pytest.param(1, 0, 0, 0.05, "unmeasured", id="one case proves nothing"),
        pytest.param(200, 0, 30, 0.05, "pass", id="improvements pass"),
    ],
)
def test_margin(n: int, regressed: int, improved: int, margin: float, state: str) -> None:
    found = a_release(n, regressed=regressed, improved=improved, gate={"margin": margin})

    assert found.rule("margin").state.value == state


def test_a_margin_shows_its_limit_its_bound_and_n() -> None:
    rule = a_release(59, gate={"margin": 0.05}).rule("margin")

    assert rule.limit == -0.05
    assert rule.value == pytest.approx(-(1 - 0.05 ** (1 / 59)))
    assert (rule.low, rule.n) == (rule.value, 59)


def test_a_margin_that_the_size_can_never_prove_says_how_many_cases_would_be_enough() -> None:
    found = a_release(20, gate={"margin": 0.05})

    assert "59 could" in found.rule("margin").message
    assert "unprovable_margin" in {note.code for note in found.judgement.notes}


@pytest.mark.parametrize(
    ("improved", "regressed", "state"),
    [
        pytest.param(0, 0, "pass", id="nothing moved"),
        pytest.param(6, 0, "fail", id="it moved up"),
        pytest.param(0, 6, "fail", id="it moved down"),
        pytest.param(6, 6, "undecided", id="it may have moved"),
    ],
)
def test_max_shift_looks_both_ways(improved: int, regressed: int, state: str) -> None:
    found = a_release(100, improved=improved, regressed=regressed, gate={"max_shift": 0.05})

    assert found.rule("max_shift").state.value == state


def test_a_lost_reply_cannot_hide_a_shift() -> None:
    cases = some_cases(200)

    found = judged(
        a_golden_set({"main": cases}),
        replies_to(cases),
        replies_to(cases)[1:],
        a_manifest(
            [{"subset": "main", "authority": "block", "max_shift": 0.2}],
            limits={"max_missing": 0.1},
        ),
    )

    assert found.rule("max_shift").state is State.UNMEASURED


@pytest.mark.parametrize(
    ("n", "failures", "floor", "state"),
    [
        # Clopper-Pearson, one-sided: 0.05^(1/59) = 0.9505 and 0.05^(1/58) = 0.9497.
        pytest.param(59, 0, 0.95, "pass", id="59 passes prove 95 %"),
        pytest.param(58, 0, 0.95, "unmeasured", id="58 passes cannot"),
        pytest.param(100, 5, 0.95, "undecided", id="95 of 100 straddles 95 %"),
        pytest.param(100, 30, 0.95, "fail", id="70 of 100 is below 95 %"),
        pytest.param(10, 10, 0.95, "fail", id="none of 10 is below 95 %"),
    ],
)
def test_floor(n: int, failures: int, floor: float, state: str) -> None:
    found = a_release(n, still_failing=failures, gate={"floor": floor})

    assert found.rule("floor").state.value == state


@pytest.mark.parametrize(
    ("rule", "allowed", "state"),
    [
        pytest.param("max_regressions", 3, "pass", id="three regressions of three allowed"),
        pytest.param("max_regressions", 2, "fail", id="three regressions of two allowed"),
        pytest.param("max_failures", 5, "pass", id="five failures of five allowed"),
        pytest.param("max_failures", 4, "fail", id="five failures of four allowed"),
        pytest.param("max_regressions", 0, "fail", id="none allowed"),
    ],
)
def test_counts_are_exact(rule: str, allowed: int, state: str) -> None:
    found = a_release(40, regressed=3, still_failing=2, gate={rule: allowed})

    assert found.rule(rule).state.value == state


@pytest.mark.parametrize(
    ("asked", "state"), [pytest.param(40, "pass", id="40"), pytest.param(41, "unmeasured", id="41")]
)
def test_fewer_cases_than_asked_are_not_measured(asked: int, state: str) -> None:
    assert a_release(40, gate={"min_cases": asked}).rule("min_cases").state.value == state


def test_cases_that_share_an_input_count_once_for_min_cases() -> None:
    cases = some_cases(40, input="the same question")

    found = judged(
        a_golden_set({"main": cases}),
        replies_to(cases),
        replies_to(cases),
        a_manifest([{"subset": "main", "authority": "block", "min_cases": 2}]),
    )

    assert found.rule("min_cases").value == 1
    assert found.verdict == "hold"


def test_a_gate_class_without_a_rule_gets_the_documented_margin() -> None:
    assert a_release(60).rule("margin").limit == -0.05


@pytest.mark.parametrize(
    ("n_lost", "state"),
    [
        pytest.param(5, "pass", id="as many as allowed"),
        pytest.param(6, "unmeasured", id="one more"),
    ],
)
@pytest.mark.parametrize("how", ["missing", "error", "ungraded"])
def test_more_missing_replies_than_allowed_are_not_measured(
    how: str, n_lost: int, state: str
) -> None:
    cases = some_cases(100)
    make = {"missing": None, "error": an_error, "ungraded": lambda case: a_reply(case, None)}[how]
    lost = [make(case.id) for case in cases[:n_lost]] if make else []

    found = judged(
        a_golden_set({"main": cases}),
        replies_to(cases),
        [*lost, *replies_to(cases)[n_lost:]],
        a_manifest(
            [{"subset": "main", "authority": "block", "max_failures": 50}],
            limits={"max_missing": 0.05},
        ),
    )

    assert found.rule("max_failures").state.value == state
    assert len(found.scored.subsets["main"].missing_cases) == n_lost


def a_measured_release(
    previous: list[float | None], candidate: list[float | None], **gate: object
) -> Judged:
    cases = some_cases(len(previous))
    return judged(
        a_golden_set({"main": cases}),
        [a_reply(c.id, latency_ms=v) for c, v in zip(cases, previous, strict=True)],
        [a_reply(c.id, latency_ms=v) for c, v in zip(cases, candidate, strict=True)],
        a_manifest([{"subset": "main", "authority": "block", "metric": "latency_ms"} | gate]),
    )


SPREAD = [float(value) for value in np.linspace(90, 110, 80)]


@pytest.mark.parametrize(
    ("gate", "factor", "state"),
    [
        pytest.param({"max_ratio": 1.2}, 1.0, "pass", id="ratio within"),
        pytest.param({"max_ratio": 1.2}, 2.0, "fail", id="ratio above"),
        pytest.param({"max_ratio": 1.2}, 1.2, "undecided", id="ratio at the limit"),
        pytest.param({"max_increase": 20}, 1.0, "pass", id="increase within"),
        pytest.param({"max_increase": 20}, 2.0, "fail", id="increase above"),
        pytest.param({"max": 150}, 1.0, "pass", id="value within"),
        pytest.param({"max": 150}, 2.0, "fail", id="value above"),
        pytest.param({"max": 100}, 1.0, "undecided", id="value at the limit"),
        pytest.param({"max": 150, "statistic": "mean"}, 1.0, "pass", id="mean within"),
        pytest.param({"max": 150, "statistic": "p95"}, 2.0, "fail", id="95th percentile above"),
    ],
)
def test_metric_limits(gate: dict[str, object], factor: float, state: str) -> None:
    shaken = list(np.random.default_rng(1).permutation(SPREAD))

    found = a_measured_release(SPREAD, [factor * value for value in shaken], **gate)

    assert found.judgement.gates[0].state.value == state


@pytest.mark.parametrize("limit", [{"max": 1e9}, {"max_ratio": 1e9}, {"max_increase": 1e9}])
@pytest.mark.parametrize(
    ("previous", "candidate"),
    [
        pytest.param([None] * 80, [None] * 80, id="nobody says"),
        pytest.param(SPREAD, [None] * 80, id="the candidate does not say"),
        pytest.param([None] * 80, SPREAD, id="the previous arm does not say"),
        pytest.param(SPREAD, [None, *SPREAD[1:]], id="one reply does not say"),
        pytest.param([], [], id="no case"),
        pytest.param([100.0], [100.0], id="one case"),
    ],
)
def test_a_metric_with_missing_values_never_passes(
    previous: list[float | None], candidate: list[float | None], limit: dict[str, float]
) -> None:
    other = some_cases(1, "x")
    cases = some_cases(len(previous))

    found = judged(
        a_golden_set({"main": cases, "other": other}),
        [
            *replies_to(other),
            *(a_reply(c.id, latency_ms=v) for c, v in zip(cases, previous, strict=True)),
        ],
        [
            *replies_to(other),
            *(a_reply(c.id, latency_ms=v) for c, v in zip(cases, candidate, strict=True)),
        ],
        a_manifest([{"subset": "main", "authority": "block", "metric": "latency_ms"} | limit]),
    )

    assert found.verdict == "hold"
    assert found.judgement.gates[0].state is State.UNMEASURED


def test_a_case_that_may_be_missing_may_not_be_missing_from_a_metric() -> None:
    cases = some_cases(200)
    replies = [a_reply(case.id, latency_ms=900 if n < 12 else 100) for n, case in enumerate(cases)]
    gate = {
        "subset": "main",
        "authority": "block",
        "metric": "latency_ms",
        "statistic": "p95",
        "max": 150,
    }

    def verdict(candidate: list[Reply]) -> str:
        manifest = a_manifest([gate], limits={"max_missing": 0.1})
        return judged(a_golden_set({"main": cases}), replies, candidate, manifest).verdict

    assert verdict(replies) == "hold"
    assert verdict(replies[12:]) == "hold"


def test_nothing_to_divide_by_is_not_measured() -> None:
    found = a_measured_release([0.0] * 40, [0.0] * 40, max_ratio=2)

    assert found.judgement.gates[0].state is State.UNMEASURED


def test_a_numeric_label_can_be_gated() -> None:
    cases = some_cases(60)
    replies = [a_reply(c.id, labels={"passed": True, "stars": 4}) for c in cases]

    found = judged(
        a_golden_set({"main": cases}),
        replies,
        replies,
        a_manifest(
            [
                {
                    "subset": "main",
                    "authority": "block",
                    "metric": "stars",
                    "statistic": "mean",
                    "max": 4.5,
                }
            ]
        ),
    )

    assert found.rule("stars.mean.max").state is State.PASS


def test_a_slow_reply_cannot_leave_the_mean_by_being_lost() -> None:
    cases = some_cases(60)
    fast = [a_reply(case.id, latency_ms=100) for case in cases]
    slow = [a_reply(case.id, repeat=1, latency_ms=500) for case in cases]
    gate = {"subset": "main", "authority": "block", "metric": "latency_ms", "max_ratio": 1.5}

    def verdict(candidate: list[Reply]) -> str:
        golden = a_golden_set({"main": cases})
        return judged(golden, fast, candidate, a_manifest([gate | {"statistic": "mean"}])).verdict

    assert verdict([*fast, *slow]) == "hold"
    assert verdict([*fast, *slow[:1]]) == "hold"


def test_the_latency_of_a_failed_call_is_no_measurement() -> None:
    cases = some_cases(60)
    replies = [a_reply(c.id, latency_ms=100) for c in cases]
    failed = a_reply(cases[0].id, latency_ms=1, error="timed out", labels=None)

    found = judged(
        a_golden_set({"main": cases}),
        replies,
        [failed, *replies[1:]],
        a_manifest([{"subset": "main", "authority": "block", "metric": "latency_ms", "max": 1e6}]),
    )

    assert found.judgement.gates[0].state is State.UNMEASURED
