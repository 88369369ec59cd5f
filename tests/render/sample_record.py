"""Release records in the situations that people meet, built by hand."""

from datetime import UTC, datetime

from hitl.document.schema import Json
from hitl.gate.verdict_words import State, Verdict
from hitl.manifest.gate_class import Authority
from hitl.manifest.release import Stage
from hitl.record.parts import (
    AliasPart,
    ArmIdentity,
    ArmMeasure,
    ArmRate,
    Condition,
    DeltaPart,
    EvidencePart,
    Failure,
    FailureMode,
    GatePart,
    IntervalPart,
    MeasurePart,
    Note,
    Reason,
    ReplyView,
    RulePart,
    ShiftPart,
    SliceResult,
    SubsetResult,
    WaiverPart,
)
from hitl.record.release import ReleaseRecord

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
        return ArmMeasure(n=420, missing=0, mean=value * 1.1, median=value, p95=value * 2.4)

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


def a_ship(**parts: object) -> ReleaseRecord:
    subset = a_subset(
        "thin-evidence-escalation",
        Authority.BLOCK,
        State.PASS,
        n_cases=180,
        n_clusters=180,
        previous=an_arm(171, 180),
        candidate=an_arm(174, 180),
        regressed=2,
        improved=5,
        difference=an_interval(0.0167, -0.014, 0.049, 180),
        decision=an_interval(0.0167, -0.009, 0.044, 180),
        p_value=0.45,
        p_worse=0.9,
        rules=(
            a_rule(
                "margin",
                Authority.BLOCK,
                State.PASS,
                value=0.0167,
                limit=0.05,
                n=180,
                low=-0.009,
                high=0.044,
            ),
        ),
        detectable_drop=0.042,
        reason="Not worse by more than 5 points (limit −0.9 pt, n = 180).",
        regressed_cases=("thin-004", "thin-090"),
        improved_cases=("thin-010", "thin-011", "thin-012", "thin-013", "thin-014"),
    )
    values: dict[str, object] = {
        "release_id": "atlas-2026-11",
        "workflow_id": "incident-triage-v4",
        "route_id": "triage-primary",
        "change_surface": "model",
        "stage": Stage.PRE_CUTOVER,
        "verdict": Verdict.SHIP,
        "headline": "Every required subset passes with the authority that it has (1 subset, 180 cases).",
        "exit_code": 0,
        "reasons": (),
        "conditions": (),
        "waivers": (),
        "previous_model": an_identity("atlas-2026-05-01", "atlas-2026-05-01"),
        "candidate_model": an_identity("atlas-2026-11-01", "atlas-2026-11-01"),
        "alias_resolution": None,
        "subsets": (subset,),
        "measures": {
            "latency_ms": a_measure(2140.0, 1290.0, 0.57, 0.64),
            "cost_usd": a_measure(0.0124, 0.0052, 0.40, 0.44, "mean"),
            "output_tokens": a_measure(212.0, 260.0, 1.18, 1.27),
        },
        "expected_deltas": (),
        "undeclared_shifts": (),
        "failures": (),
        "failure_modes": (),
        "findings": (),
        "golden_set": {"id": "incident-triage", "version": "4", "digest": "c" * 64},
        "evidence": (
            EvidencePart(role="golden set", path="golden/set.yaml", sha256="d" * 64, bytes=48211),
        ),
        "manifest": MANIFEST,
        "owner": {"name": "Imke Aalders", "contact": "imke@example.org"},
        "confidence": 0.95,
        "seed": 7,
        "created_at": AT,
        "environment": {
            "hitl": "0.1.0",
            "python": "3.11.2",
            "packages": {"numpy": "2.2.0", "scipy": "1.16.0"},
            "git": "9f1c2ab",
        },
    }
    return ReleaseRecord.model_validate({**values, **parts}).sealed()


def a_hold() -> ReleaseRecord:
    """A hold with one of everything."""
    thin = a_subset(
        "thin-evidence-escalation",
        Authority.BLOCK,
        State.FAIL,
        n_cases=180,
        n_clusters=150,
        previous=an_arm(171, 180),
        candidate=an_arm(150, 180, n_imputed=2),
        regressed=24,
        improved=3,
        difference=an_interval(-0.1167, -0.168, -0.068, 180),
        decision=an_interval(-0.1167, -0.160, -0.075, 180),
        p_value=0.00002,
        p_worse=0.00003,
        rules=(
            a_rule(
                "margin",
                Authority.BLOCK,
                State.FAIL,
                value=-0.1167,
                limit=0.05,
                n=180,
                low=-0.16,
                high=-0.075,
                message="Worse by 11.7 points; the margin is 5 points (n = 180).",
            ),
            a_rule(
                "max_regressions",
                Authority.BLOCK,
                State.FAIL,
                value=24.0,
                limit=5.0,
                n=180,
                message="24 cases lost; at most 5 (n = 180).",
            ),
            a_rule(
                "zero_tolerance",
                Authority.BLOCK,
                State.PASS,
                value=0.0,
                limit=0.0,
                n=12,
                message="No zero-tolerance case fails (n = 12).",
            ),
        ),
        detectable_drop=0.042,
        reason="Worse by 11.7 points, 7.5 at least; the margin is 5 points (n = 180).",
        slices=(
            SliceResult(
                id="region=eu",
                name="region",
                value="eu",
                n_cases=90,
                n_clusters=80,
                previous=an_arm(87, 90),
                candidate=an_arm(68, 90),
                regressed=True,
                n_regressed=20,
                improved=1,
                difference=an_interval(-0.211, -0.30, -0.13, 90),
                p_value=0.0001,
                p_worse=0.0001,
            ),
            SliceResult(
                id="region=us",
                name="region",
                value="us",
                n_cases=90,
                n_clusters=80,
                previous=an_arm(84, 90),
                candidate=an_arm(82, 90),
                regressed=False,
                n_regressed=4,
                improved=2,
                difference=an_interval(-0.022, -0.08, 0.03, 90),
                p_value=0.6,
                p_worse=0.35,
            ),
        ),
        flaky_cases=("thin-031", "thin-077"),
        pass_hat_k={"previous": 0.91, "candidate": 0.78},
        regressed_cases=tuple(f"thin-{number:03d}" for number in range(1, 25)),
        improved_cases=("thin-101", "thin-102", "thin-103"),
        missing_cases=("thin-150", "thin-151"),
        repair_events={"candidate": {"fenced": 31, "repaired": 4}},
    )
    posture = a_subset(
        "tool-suggestion-posture",
        Authority.CONDITIONAL,
        State.UNDECIDED,
        behavior="tool posture",
        n_cases=60,
        n_clusters=60,
        previous=an_arm(57, 60),
        candidate=an_arm(56, 60),
        regressed=3,
        improved=2,
        difference=an_interval(-0.0167, -0.095, 0.058, 60),
        decision=an_interval(-0.0167, -0.08, 0.045, 60),
        p_value=1.0,
        p_worse=0.41,
        detectable_drop=0.11,
        cases_needed=240,
        rules=(
            a_rule(
                "margin",
                Authority.CONDITIONAL,
                State.UNDECIDED,
                value=-0.0167,
                limit=0.05,
                n=60,
                low=-0.08,
                high=0.045,
            ),
        ),
        reason="The data fit a drop of 8.0 points and none; the margin is 5 points (n = 60).",
        regressed_cases=("tool-01", "tool-02", "tool-03"),
        improved_cases=("tool-08", "tool-09"),
    )
    shape = a_subset(
        "structured-output-semantics",
        Authority.BLOCK,
        State.PASS,
        behavior="structured output",
        n_cases=180,
        n_clusters=180,
        previous=an_arm(176, 180),
        candidate=an_arm(177, 180),
        regressed=2,
        improved=3,
        difference=an_interval(0.0056, -0.022, 0.034, 180),
        decision=an_interval(0.0056, -0.017, 0.029, 180),
        p_value=1.0,
        p_worse=0.69,
        rules=(
            a_rule(
                "margin",
                Authority.BLOCK,
                State.PASS,
                value=0.0056,
                limit=0.05,
                n=180,
                low=-0.017,
                high=0.029,
            ),
        ),
        detectable_drop=0.031,
        reason="Not worse by more than 5 points (limit −1.7 pt, n = 180).",
        regressed_cases=("shape-1", "shape-2"),
    )
    budget = a_subset(
        "latency-cost-budget",
        Authority.SIGNAL,
        State.PASS,
        behavior="budget",
        n_cases=180,
        n_clusters=180,
        previous=an_arm(180, 180),
        candidate=an_arm(180, 180),
        rules=(
            a_rule(
                "latency_ms.p95.max_ratio",
                Authority.SIGNAL,
                State.PASS,
                value=0.61,
                limit=1.2,
                n=180,
                low=0.57,
                high=0.66,
            ),
        ),
        reason="The 95th percentile of latency is 0.61 of before (n = 180).",
    )
    canary = a_subset(
        "early-live-canary",
        Authority.ROLLBACK_TRIGGER,
        State.UNMEASURED,
        behavior="live review",
        reason="No reply was recorded for this subset.",
    )
    failures = (
        *(
            a_failure(
                f"thin-{number:03d}",
                "thin-evidence-escalation",
                zero_tolerance=number == 1,
                severity="critical" if number < 3 else "high",
            )
            for number in range(1, 25)
        ),
        *(
            a_failure(f"tool-{number:02d}", "tool-suggestion-posture", severity="medium")
            for number in range(1, 4)
        ),
        a_failure(
            "thin-150", "thin-evidence-escalation", "unmeasured", candidate=a_reply("missing", "")
        ),
        a_failure(
            "shape-9",
            "structured-output-semantics",
            "still_failing",
            previous=a_reply("fail", "I cannot help with that.", "not JSON"),
        ),
    )
    return a_ship(
        verdict=Verdict.HOLD,
        exit_code=10,
        headline="thin-evidence-escalation fails with authority block: 24 of 180 cases lost, 3 gained; worse by 11.7 points (6.8 to 16.8).",
        reasons=(
            Reason(code="block_failed", subset="thin-evidence-escalation", authority=Authority.BLOCK, message="Worse by 11.7 points (6.8 to 16.8, n = 180); the margin is 5 points."),
            Reason(code="conditional_undecided", subset="tool-suggestion-posture", authority=Authority.CONDITIONAL, message="The data fit a drop of 8.0 points and none (n = 60); the margin is 5 points."),
            Reason(code="rollback_unmeasured", subset="early-live-canary", authority=Authority.ROLLBACK_TRIGGER, message="No reply was recorded for early-live-canary, which is required."),
            Reason(code="signal_moved", subset="latency-cost-budget", authority=Authority.SIGNAL, message="Latency fell to 0.60 of before (n = 420)."),
        ),
        conditions=(Condition(subset="tool-suggestion-posture", condition={"force_review": "remediation"}, message="Every remediation goes to a person."),),
        waivers=(WaiverPart(subset="tool-suggestion-posture", owner="Imke Aalders", reason="Known wording, fixed in the next prompt.", expires_at="2026-12-31T00:00:00Z", status="unverified", message="No signature was verified, so it lifts nothing."),),
        candidate_model=an_identity("atlas-latest", "atlas-2026-11-01", "atlas-2026-11-08", grade="moved"),
        alias_resolution=AliasPart(alias="atlas-latest", expected="atlas-2026-11-01", resolved=("atlas-2026-11-01", "atlas-2026-11-08"), holds=False),
        subsets=(thin, shape, posture, canary, budget),
        failures=failures,
        expected_deltas=(DeltaPart(declared={"measure": "latency_ms", "direction": "down", "at_most_ratio": 0.7}, measured=0.6, low=0.57, high=0.64, met=True, message="Latency × 0.60 (0.57 to 0.64), at most × 0.7."),),
        undeclared_shifts=(ShiftPart(measure="output_tokens", subset=None, direction="up", previous=212.0, candidate=260.0, p_value=0.00001, message="up from 212 to 260 (n = 420)"),),
        failure_modes=(
            FailureMode(name="suggests a restart on thin evidence", subset="thin-evidence-escalation", rule="next_steps is read-only", n_candidate=17, n_previous=1, is_new=True, terms=("restart", "pods", "drain"), examples=("thin-001", "thin-002", "thin-003")),
            FailureMode(name="leaves unknowns empty", subset="thin-evidence-escalation", rule="unknowns min_items 1", n_candidate=6, n_previous=5, is_new=False, terms=("unknowns",), examples=("thin-020",)),
        ),
        findings=(Note(code="authority_field", subset="thin-evidence-escalation", message="`escalation_required` is written by the model and drives routing."),),
    )  # fmt: skip


def a_revert() -> ReleaseRecord:
    hold = a_hold()
    return hold.model_copy(
        update={
            "verdict": Verdict.REVERT,
            "exit_code": 11,
            "stage": Stage.CANARY,
            "headline": "early-live-canary fails with authority rollback trigger at stage canary.",
        }
    ).sealed()


def an_unmeasured() -> ReleaseRecord:
    subset = a_subset(
        "thin-evidence-escalation",
        Authority.BLOCK,
        State.UNMEASURED,
        reason="The candidate gave no reply to any case.",
    )
    return a_ship(
        verdict=Verdict.HOLD,
        exit_code=10,
        headline="thin-evidence-escalation could not be measured (n = 0).",
        reasons=(
            Reason(
                code="block_unmeasured",
                subset="thin-evidence-escalation",
                authority=Authority.BLOCK,
                message="The candidate gave no reply to any case.",
            ),
        ),
        candidate_model=an_identity("atlas-2026-11-01", grade="declared", n_replies=0),
        subsets=(subset,),
        measures={},
    )


def a_hostile() -> ReleaseRecord:
    """A hold in which every text that a model or a file can choose attacks the reader."""
    hold = a_hold()
    failure = a_failure(
        HOSTILE[:80],
        "thin-evidence-escalation",
        expected=(HOSTILE,),
        input=HOSTILE,
        previous=a_reply("pass", HOSTILE, HOSTILE, n_passed=3),
        candidate=a_reply("fail", HOSTILE + " worse", HOSTILE, cut=10_000_000),
    )
    mode = hold.failure_modes[0].model_copy(
        update={"name": HOSTILE, "terms": (HOSTILE,), "examples": (HOSTILE[:80],)}
    )
    identity = hold.candidate_model.model_copy(
        update={"resolved": (HOSTILE,), "declared": HOSTILE[:90], "params": {HOSTILE: HOSTILE}}
    )
    return hold.model_copy(
        update={
            "headline": HOSTILE,
            "failures": (failure, *hold.failures),
            "failure_modes": (mode,),
            "candidate_model": identity,
            "reasons": (
                Reason(code="block_failed", subset=None, authority=None, message=HOSTILE),
                *hold.reasons,
            ),
            "findings": (Note(code="note", subset=None, message=HOSTILE),),
            "owner": {"name": HOSTILE, "contact": HOSTILE},
            "environment": {HOSTILE: HOSTILE},
            "evidence": (EvidencePart(role="replies", path=HOSTILE, sha256="e" * 64, bytes=10),),
        }
    ).sealed()


def a_hold_with(n_failures: int, text: str) -> ReleaseRecord:
    """A hold with many failed cases whose replies are long."""
    failures = tuple(
        a_failure(
            f"thin-{number:05d}",
            "thin-evidence-escalation",
            input=text,
            expected=(text[:200], text[:200]),
            previous=a_reply("pass", text, n_passed=3),
            candidate=a_reply("fail", text[::-1], text[:200], text[:200]),
        )
        for number in range(n_failures)
    )
    return a_hold().model_copy(update={"failures": failures}).sealed()
