"""A release that ships."""

from hitl.gate.verdict_words import State, Verdict
from hitl.manifest.gate_class import Authority
from hitl.manifest.release import Stage
from hitl.record.parts import (
    EvidencePart,
)
from hitl.record.release import ReleaseRecord
from tests.render.sample_parts import (
    AT,
    MANIFEST,
    a_measure,
    a_rule,
    a_subset,
    an_arm,
    an_identity,
    an_interval,
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
