"""Situations in memory: cases, replies, golden sets and releases, judged by the real pipeline.

A case passes when the reply's label `passed` is true, so a test says what happened and no more.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hitl.cli.clock import seeded
from hitl.gate.release import Judgement, judge_release, named_measures
from hitl.gate.rules import RuleResult
from hitl.golden.case import Case
from hitl.golden.expectation import Expectation, LabelRule
from hitl.golden.golden_set import GoldenSet, Subset
from hitl.golden.load import GoldenSetFiles, SubsetCases
from hitl.manifest.release import ReleaseManifest
from hitl.policy.posture import PosturePolicy
from hitl.run.reply import Reply
from hitl.score.release import ScoredRelease, grade_both, score_release
from hitl.score.suite import Suite, build_suite

AT = datetime(2026, 5, 18, 12, tzinfo=UTC)
PREVIOUS, CANDIDATE = "model-2026-05-01", "model-2026-05-18"
PASSED = LabelRule(label="passed", equals=True)


def a_case(case_id: str, **fields: object) -> Case:
    return Case.model_validate({"id": case_id, **fields}, strict=False)


def some_cases(n: int, prefix: str = "c", **fields: object) -> list[Case]:
    return [a_case(f"{prefix}{number:04d}", **fields) for number in range(n)]


def a_reply(case_id: str, passed: bool | None = True, repeat: int = 0, **fields: object) -> Reply:
    """Return a reply that passes, fails, or (None) carries no grade."""
    labels = {} if passed is None else {"passed": passed}
    return Reply.model_validate(
        {"case_id": case_id, "repeat": repeat, "labels": labels} | fields, strict=False
    )


def an_error(case_id: str, repeat: int = 0) -> Reply:
    return Reply(case_id=case_id, repeat=repeat, error="timed out")


def replies_to(cases: Iterable[Case], n_failed: int = 0, repeats: int = 1) -> list[Reply]:
    """Answer every case; the first so many fail in every repeat."""
    return [
        a_reply(case.id, number >= n_failed, repeat)
        for number, case in enumerate(cases)
        for repeat in range(repeats)
    ]


def a_golden_set(
    subsets: Mapping[str, Sequence[Case]],
    expect: tuple[Expectation, ...] = (PASSED,),
    **fields: object,
) -> GoldenSetFiles:
    specs = [Subset(id=name, cases=tuple(cases), expect=expect) for name, cases in subsets.items()]
    spec = GoldenSet(
        format="hitl/golden-set/v1",
        id="made-up",
        version="1",
        workflow_id="workflow",
        subsets=tuple(specs),
        **fields,
    )
    parts = tuple(SubsetCases(part, tuple(subsets[part.id]), {}, None) for part in specs)
    return GoldenSetFiles(spec, parts, ())


def a_suite(golden: GoldenSetFiles) -> Suite:
    return build_suite(golden, PosturePolicy(), Path("set.yaml"))


def a_manifest(
    gate_classes: Sequence[Mapping[str, Any]],
    required: Sequence[str] | None = None,
    **fields: object,
) -> ReleaseManifest:
    """Return a manifest; every subset with a gate class is required unless said otherwise."""
    named = list(dict.fromkeys(gate["subset"] for gate in gate_classes))
    return ReleaseManifest.model_validate(
        {
            "format": "hitl/release/v1",
            "release_id": "made-up",
            "workflow_id": "workflow",
            "route_id": "workflow/default",
            "change_surface": "model",
            "release_owner": {"name": "Owner", "contact": "owner@example.com"},
            "golden_set": "set.yaml",
            "previous_model": {"id": PREVIOUS, "provider": "recorded", "replies": "p.jsonl"},
            "candidate_model": {"id": CANDIDATE, "provider": "recorded", "replies": "c.jsonl"},
            "required_eval_subsets": named if required is None else list(required),
            "gate_classes": [dict(gate) for gate in gate_classes],
            "rollout_scope": {"kind": "full"},
            "rollback_rule": {"to": PREVIOUS, "when": "any block failure"},
            "trace_fields": ["resolved_model"],
        }
        | fields,
        strict=False,
    )


@dataclass(frozen=True)
class Judged:
    """A release that went through the real pipeline."""

    scored: ScoredRelease
    judgement: Judgement

    @property
    def verdict(self) -> str:
        return self.judgement.decision.verdict.value

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(reason.code for reason in self.judgement.decision.reasons)

    def rule(self, name: str, subset: str | None = None) -> RuleResult:
        """Return the one result of a rule."""
        (found,) = [
            rule
            for gate in self.judgement.gates
            for rule in gate.rules
            if rule.rule == name and subset in (None, gate.subset)
        ]
        return found


def judged(
    golden: GoldenSetFiles,
    previous: Iterable[Reply],
    candidate: Iterable[Reply],
    manifest: ReleaseManifest,
) -> Judged:
    """Run suite, grading, scoring, judging and deciding on replies in memory."""
    chance = seeded(manifest.seed)
    arms = grade_both(a_suite(golden), previous, candidate)
    scored = score_release(
        a_suite(golden), arms, manifest.confidence, chance, named_measures(manifest)
    )
    return Judged(scored, judge_release(manifest, scored, chance, AT))


def a_release(
    n: int = 60,
    *,
    regressed: int = 0,
    improved: int = 0,
    still_failing: int = 0,
    gate: Mapping[str, Any] | None = None,
    required: Sequence[str] | None = None,
    **fields: object,
) -> Judged:
    """Judge one subset `main` of n cases by the counts of its fourfold table.

    The first `regressed` cases fail in the candidate, the next `improved` in the previous arm, the
    next `still_failing` in both.
    """
    cases = some_cases(n)
    fails_after = {
        *range(regressed),
        *range(regressed + improved, regressed + improved + still_failing),
    }
    fails_before = set(range(regressed, regressed + improved + still_failing))
    return judged(
        a_golden_set({"main": cases}),
        [a_reply(case.id, number not in fails_before) for number, case in enumerate(cases)],
        [a_reply(case.id, number not in fails_after) for number, case in enumerate(cases)],
        a_manifest(
            [{"subset": "main", "authority": "block"} | dict(gate or {})], required, **fields
        ),
    )
