"""The parts of release records, with defaults."""

from datetime import UTC, datetime

from hitl.document.schema import Json
from hitl.gate.verdict_words import State
from hitl.manifest.gate_class import Authority
from hitl.record.parts import (
    ArmIdentity,
    ArmMeasure,
    ArmRate,
    Failure,
    GatePart,
    IntervalPart,
    MeasurePart,
    ReplyView,
    RulePart,
    SubsetResult,
)

AT = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)
HOSTILE = (
    "</td></table><script>window.pwned=1</script><img src=x onerror=window.pwned=2>"
    '\x1b[2J\x1b]0;owned\x07 =HYPERLINK("http://evil.example") \u202egnp.exe\u2066 zero\u200bwidth \x00\x0b\ufffe '
    "| `code` @everyone [click](javascript:alert(1)) https://evil.example ![x](https://evil.example/x.png)\n"
    "::error::forged%0A]]> &lt; {{ 7*7 }} [bold red]markup[/bold red] ```\n# Heading"
)
MANIFEST: dict[str, Json] = {
    "description": "Dated snapshot of the same family, at half the price.",
    "rollout_scope": {"kind": "canary", "percent": 5.0, "workflows": []},
    "rollback_rule": {
        "to": "atlas-2026-05-01",
        "when": "a block subset fails, or overrides rise by 20 % for two days",
    },
}


def an_interval(
    estimate: float, low: float, high: float, n: int, method: str = "tango score"
) -> IntervalPart:
    return IntervalPart(estimate=estimate, low=low, high=high, confidence=0.95, method=method, n=n)


def an_arm(n_passed: int, n: int, repeats: int = 3, n_imputed: int = 0) -> ArmRate:
    rate = n_passed / n if n else None
    return ArmRate(
        n_passed=n_passed,
        n=n,
        rate=rate,
        low=max(0.0, rate - 0.06) if rate is not None else None,
        high=min(1.0, rate + 0.04) if rate is not None else None,
        n_replies=n * repeats - n_imputed,
        n_replies_passed=n_passed * repeats,
        n_imputed=n_imputed,
    )


def a_rule(
    rule: str, authority: Authority, state: State, **parts: float | int | str | None
) -> RulePart:
    values: dict[str, float | int | str | None] = {
        "value": None,
        "limit": None,
        "n": 0,
        "low": None,
        "high": None,
        "message": f"{rule} is {state}.",
    }
    return RulePart.model_validate(
        {**values, **parts, "rule": rule, "authority": authority, "state": state}
    )


def a_subset(subset_id: str, authority: Authority, state: State, **parts: object) -> SubsetResult:
    values: dict[str, object] = {
        "id": subset_id,
        "behavior": "policy-sensitive",
        "authority": authority,
        "state": state,
        "required": True,
        "reason": f"{subset_id} is {state}.",
        "gates": (GatePart(authority=authority, state=state, reason=f"{subset_id} is {state}."),),
        "n_cases": 0,
        "n_clusters": 0,
        "repeats": {"previous": 3, "candidate": 3},
        "previous": an_arm(0, 0),
        "candidate": an_arm(0, 0),
        "regressed": 0,
        "improved": 0,
        "difference": None,
        "decision": None,
        "p_value": None,
        "p_worse": None,
        "rules": (),
        "detectable_drop": None,
        "cases_needed": None,
        "slices": (),
        "flaky_cases": (),
        "pass_hat_k": {},
        "regressed_cases": (),
        "improved_cases": (),
        "missing_cases": (),
        "repair_events": {},
        "digest": "a" * 64,
    }
    return SubsetResult.model_validate({**values, **parts})


def a_reply(mark: str, text: str, *findings: str, n_passed: int = 0, cut: int = 0) -> ReplyView:
    return ReplyView(
        mark=mark, text=text, cut=cut, findings=findings, n_repeats=3, n_passed=n_passed
    )


def a_failure(case_id: str, subset: str, verdict: str = "regressed", **parts: object) -> Failure:
    values: dict[str, object] = {
        "case_id": case_id,
        "subset": subset,
        "severity": "high",
        "zero_tolerance": False,
        "verdict": verdict,
        "expected": ("escalation_required equals true", "next_steps is read-only"),
        "input": "Checkout latency p99 rose from 400 ms to 6 s at 14:02. One pod restarted. No deploy in the last hour. What do we do?",
        "previous": a_reply(
            "pass",
            '{"severity": "high", "escalation_required": true, "unknowns": ["cause of the restart"], '
            '"next_steps": ["read the pod events", "compare the trace of a slow request"]}',
            n_passed=3,
        ),
        "candidate": a_reply(
            "fail",
            '{"severity": "medium", "escalation_required": false, "unknowns": [], '
            '"next_steps": ["restart the remaining pods", "compare the trace of a slow request"]}',
            "escalation_required: false, expected true",
            "next_steps[0]: `restart` is an action",
            n_passed=1,
        ),
        "case_digest": "b" * 64,
    }
    return Failure.model_validate({**values, **parts})


def a_measure(
    previous: float, candidate: float, low: float, high: float, statistic: str = "median"
) -> MeasurePart:
    def arm(value: float) -> ArmMeasure:
        return ArmMeasure(
            n=420,
            missing=0,
            mean=value if statistic == "mean" else value * 1.1,
            median=value * 0.9 if statistic == "mean" else value,
            p95=value * 2.4,
        )

    return MeasurePart(
        n_cases=420,
        previous=arm(previous),
        candidate=arm(candidate),
        ratio=an_interval(candidate / previous, low, high, 420, "bootstrap"),
        statistic=statistic,
        message=f"{statistic} of the candidate over the previous model",
    )


def an_identity(
    declared: str, *resolved: str, grade: str = "resolved", n_replies: int = 1260
) -> ArmIdentity:
    return ArmIdentity(
        declared=declared,
        resolved=resolved,
        grade=grade,
        provider="recorded",
        params={"temperature": 0.2, "max_tokens": 800},
        n_replies=n_replies,
        n_errors=0,
        n_unresolved=0,
    )
