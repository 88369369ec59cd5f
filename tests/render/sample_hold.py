"""A held release with one of everything."""

from hitl.gate.verdict_words import State, Verdict
from hitl.manifest.gate_class import Authority
from hitl.record.parts import (
    AliasPart,
    Condition,
    DeltaPart,
    FailureMode,
    Note,
    Reason,
    ShiftPart,
    SliceResult,
    WaiverPart,
)
from hitl.record.release import ReleaseRecord
from tests.render.sample_parts import (
    a_failure,
    a_reply,
    a_rule,
    a_subset,
    an_arm,
    an_identity,
    an_interval,
)
from tests.render.sample_ship import a_ship


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
        undeclared_shifts=(ShiftPart(measure="output_tokens", subset=None, direction="up", previous=212.0, candidate=260.0, p_value=0.00001, message="median output_tokens went up: 212 to 260 (n = 420)"),),
        failure_modes=(
            FailureMode(name="suggests a restart on thin evidence", subset="thin-evidence-escalation", rule="next_steps is read-only", n_candidate=17, n_previous=1, is_new=True, terms=("restart", "pods", "drain"), examples=("thin-001", "thin-002", "thin-003")),
            FailureMode(name="leaves unknowns empty", subset="thin-evidence-escalation", rule="unknowns min_items 1", n_candidate=6, n_previous=5, is_new=False, terms=("unknowns",), examples=("thin-020",)),
        ),
        findings=(Note(code="authority_field", subset="thin-evidence-escalation", message="`escalation_required` is written by the model and drives routing."),),
    )  # fmt: skip
