"""The release manifest: what it refuses, and what it takes for granted."""

import re
from pathlib import Path

import pytest

from hitl.document.load import parse_document
from hitl.errors import DocumentError
from hitl.manifest.criteria import Facts, answer_criteria, needs_gate
from hitl.manifest.gate_class import DEFAULT_MARGIN, Authority, GateClass
from hitl.manifest.release import ReleaseManifest
from hitl.run.inputs import ghosts
from tests.builders import a_golden_set, a_manifest, some_cases

RELEASE = """\
format: hitl/release/v1
release_id: made-up
workflow_id: workflow
route_id: workflow/default
change_surface: model
release_owner: {name: Owner, contact: owner@example.com}
golden_set: set.yaml
previous_model: {id: model-1.10, provider: recorded, replies: p.jsonl}
candidate_model: {id: model-2, provider: recorded, replies: c.jsonl}
required_eval_subsets: [main]
gate_classes:
  - {subset: main, authority: block, margin: 0.05}
rollout_scope: {kind: full}
rollback_rule: {to: model-1.10, when: any block failure}
trace_fields: [resolved_model]
"""
REQUIRED = re.findall(r"^(\w+):", RELEASE, re.MULTILINE)


def read(text: str) -> ReleaseManifest:
    return parse_document(text.encode(), Path("release.yaml"), ReleaseManifest)


def mistakes(text: str) -> str:
    with pytest.raises(DocumentError) as caught:
        read(text)
    return str(caught.value)


def without(field: str) -> str:
    blocks = re.split(r"^(?=\w)", RELEASE, flags=re.MULTILINE)
    return "".join(block for block in blocks if not block.startswith(f"{field}:"))


def test_the_smallest_manifest_has_the_documented_defaults() -> None:
    found = read(RELEASE)

    assert (found.stage.value, found.confidence, found.repeats) == ("pre_cutover", 0.95, 1)
    assert (found.limits.max_missing, found.seed, found.waivers) == (0.0, 0, ())


@pytest.mark.parametrize("field", REQUIRED)
def test_a_required_field_cannot_be_left_out(field: str) -> None:
    assert f"{field}: " in mistakes(without(field))


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("margin: 0.05", "margin: 0", "release.yaml:12: gate_classes[0].margin"),
        ("margin: 0.05", "margin: 1", "gate_classes[0].margin"),
        ("margin: 0.05", "margin: 5%", "gate_classes[0].margin"),
        ("margin: 0.05", "margin: .nan", "gate_classes[0].margin"),
        ("margin: 0.05", "max_shift: 1.5", "gate_classes[0].max_shift"),
        ("margin: 0.05", "floor: -0.1", "gate_classes[0].floor"),
        ("margin: 0.05", "max_failures: -1", "gate_classes[0].max_failures"),
        ("margin: 0.05", "max_failures: 1.5", "gate_classes[0].max_failures"),
        ("margin: 0.05", "min_cases: 0", "gate_classes[0].min_cases"),
        ("margin: 0.05", "max: 5", "need a `metric`"),
        ("margin: 0.05", "metric: latency_ms", "needs a limit"),
        ("margin: 0.05", "statistic: p95", "needs a `metric`"),
        ("margin: 0.05", "metric: latency_ms, max_ratio: 0", "max_ratio"),
        ("margin: 0.05", "on_failure: [{a: 1}]", "belongs to authority `conditional`"),
        ("authority: block, margin: 0.05", "authority: conditional, on_failure: [{}]", "`on_failure` has"),
        ("authority: block", "authority: blocker", "gate_classes[0].authority"),
        ("change_surface: model", "change_surface: weights", "change_surface"),
        ("kind: full", "kind: full, percent: 0", "rollout_scope.percent"),
        ("required_eval_subsets: [main]", "required_eval_subsets: []", "required_eval_subsets"),
        ("trace_fields: [resolved_model]", "trace_fields: []", "trace_fields"),
        ("release_id: made-up", "release_id: ../../etc", "release_id"),
        ("release_id: made-up", "release_id: ..", "release_id"),
        ("release_id: made-up", "release_id: a/b", "release_id"),
        ("provider: recorded, replies: c", "provider: recorded, script: c", "needs `replies`"),
        ("provider: recorded, replies: c.jsonl", "provider: openai", "needs `base_url`"),
        ("provider: recorded, replies: c.jsonl", "provider: magic", "candidate_model.provider"),
        ("trace_fields", "confidence: 0.5\ntrace_fields", "confidence"),
        ("trace_fields", "confidence: 1\ntrace_fields", "confidence"),
        ("trace_fields", "stage: live\ntrace_fields", "stage"),
        ("trace_fields", "repeats: 0\ntrace_fields", "repeats"),
        ("trace_fields", "limits: {max_missing: 1.1}\ntrace_fields", "limits.max_missing"),
        ("trace_fields", "verdict: ship\ntrace_fields", "verdict: is not a field"),
        ("hitl/release/v1", "hitl/release/v2", "release.yaml:1: format: expected `hitl/release/v1`"),
        ("hitl/release/v1", "hitl/golden-set/v1", "release.yaml:1: format"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(old: str, new: str, place: str) -> None:
    assert place in mistakes(RELEASE.replace(old, new, 1))


def test_all_mistakes_are_told_at_once() -> None:
    text = RELEASE.replace("margin: 0.05", "margin: 2").replace("kind: full", "kind: half")

    assert len(mistakes(text.replace("trace_fields: [resolved_model]\n", "")).splitlines()) == 3


@pytest.mark.parametrize("version", ["1.10", "2026-05-18", "no", "0613", "1e3", "12:30"])
def test_a_model_version_is_never_changed_by_reading(version: str) -> None:
    assert read(RELEASE.replace("id: model-2", f"id: {version}")).candidate_model.id == version


@pytest.mark.parametrize(
    ("rules", "margin"),
    [
        pytest.param({}, DEFAULT_MARGIN, id="no rule"),
        pytest.param({"margin": 0.2}, 0.2, id="its own margin"),
        pytest.param({"floor": 0.9}, None, id="another rule"),
        pytest.param({"max_regressions": 0}, None, id="a count of none is a rule"),
        pytest.param({"metric": "latency_ms", "max": 5}, None, id="a metric"),
    ],
)
def test_a_gate_class_without_a_rule_gets_the_default(
    rules: dict[str, object], margin: float | None
) -> None:
    gate = GateClass(subset="main", authority=Authority.BLOCK, **rules)

    assert gate.effective().margin == margin


@pytest.mark.parametrize(
    ("fields", "places"),
    [
        pytest.param({}, [], id="nothing wrong"),
        pytest.param({"required": ["main", "ghost"]}, ["required_eval_subsets[1]"], id="required"),
        pytest.param({"gate_classes": [{"subset": "ghost", "authority": "block"}]}, ["gate_classes[0].subset"],
                     id="gate class"),
        pytest.param({"expected_deltas": [{"measure": "pass_rate", "subset": "ghost", "direction": "up"}]},
                     ["expected_deltas[0].subset"], id="declared shift"),
        pytest.param({"workflow_id": "other"}, ["workflow_id"], id="another workflow"),
    ],
)  # fmt: skip
def test_a_name_that_stands_for_nothing_is_a_mistake(
    fields: dict[str, object], places: list[str]
) -> None:
    golden = a_golden_set({"main": some_cases(3)})
    block = [{"subset": "main", "authority": "block"}]
    manifest = a_manifest(**{"gate_classes": block, "required": ["main"]} | fields)

    assert [place for place, _ in ghosts(manifest, golden)] == places


NOTHING = dict.fromkeys(
    ("structured_output", "suggestions", "refusals", "moving_aliases", "budgets", "consequences"),
    (),
)


@pytest.mark.parametrize("name", NOTHING)
def test_one_yes_is_enough_to_need_the_gate(name: str) -> None:
    criteria = answer_criteria(Facts(**NOTHING | {name: ("main",)}))

    assert needs_gate(criteria)
    assert next(c.because for c in criteria if c.answer).endswith("main")


def test_without_any_yes_the_gate_is_not_needed() -> None:
    assert not needs_gate(answer_criteria(Facts(**NOTHING)))
