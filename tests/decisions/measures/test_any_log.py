from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hitl.decisions.measures.rules import BaselineRules, Key
from hitl.decisions.measures.words import Metric, Stand, Unit
from tests.decisions.measures.baselines import Row, baseline_of

MAYBE_FLAG = st.sampled_from(["true", "false", None])
ANY_ROW = st.fixed_dictionaries(
    {
        "at": st.sampled_from(["2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z", None]),
        "resolved_model": st.sampled_from(["m-1", "m-2", "m-latest", None]),
        "action_type": st.sampled_from(["a", "b", None]),
        "right_action_type": st.sampled_from(["a", "b", "c", None]),
        "lane": st.sampled_from(["auto", "audit", "queue", "escalate", None]),
        "reviewer_pool": st.sampled_from(["p", None]),
        "reviewer_id": st.sampled_from(["r1", "r2", "r3", None]),
        "human_action": st.sampled_from(
            ["approve", "modify", "reject", "escalate", "timeout", None]
        ),
        "review_seconds": st.sampled_from([0, 0.4, 30, 86_400, None]),
        "wait_seconds": st.sampled_from([0, 30, None]),
        "correct": MAYBE_FLAG,
        "outcome": st.sampled_from(["good", "bad", None]),
        "severity": st.sampled_from(["low", "critical", None]),
        "risk": st.sampled_from(["low", "high", None]),
        "confidence": st.sampled_from([0, 0.5, 0.99, 1, None]),
        "review_probability": st.sampled_from([0, 0.0004, 0.1, 1, None]),
        "cost_usd": st.sampled_from([0, 0.01, None]),
        "satisfaction": st.sampled_from([0, 0.5, 1, None]),
        "seeded_error": MAYBE_FLAG,
    }
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(ANY_ROW, min_size=1, max_size=40), st.sampled_from([0.01, 0.8, 1.0]), st.integers(1, 4)
)
def test_any_log_gives_numbers_within_their_limits_or_reasons(
    log: list[Row], floor: float, copies: int
) -> None:
    rules = BaselineRules(coverage_floor=floor, by=tuple(Key), hourly_cost_usd=40)

    baseline = baseline_of(log * copies, rules)

    for group in baseline.groups:
        for one in group.measures:
            if one.stand is Stand.REFUSED:
                assert one.reason
                assert (one.value, one.low, one.high, one.k) == (None, None, None, None)
                continue
            assert one.value is not None
            assert one.method
            assert one.n >= 1
            assert one.unattributed is not None
            assert one.unattributed <= 1 - floor + 1e-9
            assert one.low is None or one.low <= one.value + 1e-9
            assert one.high is None or one.value <= one.high + 1e-9
            if one.unit is Unit.SHARE:
                assert 0 <= one.value <= 1
                if one.metric is not Metric.REVIEW_RECALL:
                    assert one.low != one.high
