import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from hitl.document.lines import Lines
from hitl.document.load import load_document
from hitl.golden.load import GoldenSetFiles, load_golden_set
from hitl.manifest.release import ReleaseManifest
from hitl.policy.posture import ACTION_WORDS
from hitl.policy.schema import Policy
from hitl.run.reply import Reply
from hitl.run.script import Script
from hitl.run.scripted import scripted_replies

ROOT = Path(__file__).parents[2]
SETS = ROOT / "golden_sets"
MANIFESTS = ROOT / "manifests"
TRIAGE = MANIFESTS / "incident-triage"


@pytest.fixture(scope="module")
def gpt4() -> GoldenSetFiles:
    return load_golden_set(SETS / "gpt4-june-2023" / "set.yaml")


@pytest.fixture(scope="module")
def triage() -> GoldenSetFiles:
    return load_golden_set(SETS / "incident-triage" / "set.yaml")


def sizes(golden: GoldenSetFiles) -> dict[str, int]:
    return {subset.id: len(subset.cases) for subset in golden.subsets}


def recorded(model: str) -> list[Reply]:
    lines = Lines(SETS / "gpt4-june-2023" / "replies" / f"{model}.jsonl.gz", Reply)
    found = [reply for _, reply in lines]
    lines.check()
    return found


def passed(model: str, kind: str) -> int:
    return sum(
        reply.labels["passed"] is True
        for reply in recorded(model)
        if reply.labels and reply.case_id.startswith(kind)
    )


def test_the_sets_hold_the_cases_that_they_promise(
    gpt4: GoldenSetFiles, triage: GoldenSetFiles
) -> None:
    assert sizes(gpt4) == {"code-executable": 50, "primes": 1000}
    assert sizes(triage) == {
        "thin-evidence-escalation": 66,
        "structured-output": 66,
        "tool-posture": 40,
        "budget": 40,
        "live-canary": 36,
    }


@pytest.mark.parametrize("name", ["gpt4-june-2023", "incident-triage"])
def test_a_digest_is_the_same_at_every_reading(name: str) -> None:
    path = SETS / name / "set.yaml"

    assert load_golden_set(path).digest == load_golden_set(path).digest


@pytest.mark.parametrize("name", ["gpt4-june-2023", "incident-triage"])
def test_every_set_says_under_which_licence_it_comes(name: str) -> None:
    note = " ".join((SETS / name / "README.md").read_text().split())

    assert "Apache License 2.0" in note


def test_the_real_set_credits_its_source(gpt4: GoldenSetFiles) -> None:
    note = " ".join((SETS / "gpt4-june-2023" / "README.md").read_text().split())

    for place in (note, gpt4.spec.description or ""):
        assert "arXiv 2307.09009" in place
        assert "lchen001/LLMDrift" in place


def test_the_made_up_set_says_so_everywhere(triage: GoldenSetFiles) -> None:
    files = [SETS / "incident-triage" / "README.md", *sorted(TRIAGE.glob("*.yaml"))]

    assert "SYNTHETIC" in (triage.spec.description or "")
    assert [path.name for path in files if "synthetic" not in path.read_text().lower()] == []


def test_the_primes_are_sliced_in_halves(gpt4: GoldenSetFiles) -> None:
    kinds = Counter(case.slices["kind"] for case in gpt4.subsets[1].cases)

    assert kinds == {"prime": 500, "composite": 500}


@pytest.mark.parametrize(
    ("model", "code", "primes"), [("gpt-4-0314", 26, 840), ("gpt-4-0613", 5, 511)]
)
def test_the_recorded_replies_pass_as_often_as_published(
    model: str, code: int, primes: int
) -> None:
    assert (passed(model, "leetcode:"), passed(model, "prime:")) == (code, primes)


def test_the_fence_is_what_breaks_the_code() -> None:
    replies = [reply for reply in recorded("gpt-4-0613") if reply.case_id.startswith("leetcode:")]

    accepted = sum((reply.labels or {})["passed_without_fence"] is True for reply in replies)

    assert accepted == 35


@pytest.mark.parametrize("model", ["gpt-4-0314", "gpt-4-0613"])
def test_every_real_case_is_answered_once_by_each_model(gpt4: GoldenSetFiles, model: str) -> None:
    cases = [case.id for subset in gpt4.subsets for case in subset.cases]

    assert sorted(reply.case_id for reply in recorded(model)) == sorted(cases)


def test_nobody_claims_to_know_who_answered_in_2023() -> None:
    replies = [*recorded("gpt-4-0314"), *recorded("gpt-4-0613")]

    assert {reply.resolved_model for reply in replies} == {None}
    assert all(reply.at and reply.at.tzinfo for reply in replies)


def test_the_builder_writes_the_shipped_cases_byte_for_byte(tmp_path: Path) -> None:
    folder = SETS / "incident-triage"

    subprocess.run([sys.executable, folder / "build.py", tmp_path], check=True)

    built = {path.name: path.read_bytes() for path in (tmp_path / "cases").iterdir()}
    assert built == {path.name: path.read_bytes() for path in (folder / "cases").iterdir()}


def test_high_impact_on_thin_evidence_is_what_escalates(triage: GoldenSetFiles) -> None:
    for case in (case for subset in triage.subsets for case in subset.cases):
        assert isinstance(case.reference, dict)
        risky = case.slices["evidence"] == "thin" and case.slices["impact"] == "high"
        assert case.reference["escalation_required"] is risky


def test_reference_steps_do_not_act(triage: GoldenSetFiles) -> None:
    acts = re.compile(rf"\b({'|'.join(ACTION_WORDS)})", re.IGNORECASE)
    cases = [case for subset in triage.subsets for case in subset.cases]
    steps = [
        str(step)
        for case in cases
        if isinstance(case.reference, dict) and isinstance(case.reference["next_steps"], list)
        for step in case.reference["next_steps"]
    ]

    assert len(steps) == 3 * len(cases)
    assert [step for step in steps if acts.search(step)] == []


def test_block_subsets_are_large_enough_for_their_margin(triage: GoldenSetFiles) -> None:
    for name in ("release.yaml", "release-fixed.yaml"):
        manifest = load_document(TRIAGE / name, ReleaseManifest)
        for gate in (gate for gate in manifest.gate_classes if gate.margin):
            cases = next(subset.cases for subset in triage.subsets if subset.id == gate.subset)
            evidence = {case.cluster or case.id for case in cases}
            assert (1 - (gate.margin or 0)) ** len(evidence) <= 0.05


@pytest.mark.parametrize(
    "path", sorted(MANIFESTS.glob("*/release*.yaml")), ids=lambda path: path.stem
)
def test_a_shipped_release_names_files_and_subsets_that_are_there(path: Path) -> None:
    manifest = load_document(path, ReleaseManifest)
    golden = load_golden_set(path.parent / manifest.golden_set)
    if manifest.policy:
        load_document(path.parent / manifest.policy, Policy)

    known = {subset.id for subset in golden.subsets}
    assert manifest.workflow_id == golden.spec.workflow_id
    assert set(manifest.required_eval_subsets) <= known
    assert {gate.subset for gate in manifest.gate_classes} <= known
    assert {delta.subset for delta in manifest.expected_deltas if delta.subset} <= known
    assert manifest.rollback_rule.to == manifest.previous_model.id
    for model in (manifest.previous_model, manifest.candidate_model):
        assert (path.parent / (model.replies or model.script or "")).is_file()


def test_scripted_models_answer_every_case_and_say_who_they_are(triage: GoldenSetFiles) -> None:
    for name in ("release.yaml", "release-fixed.yaml"):
        manifest = load_document(TRIAGE / name, ReleaseManifest)
        cases = [case for subset in triage.subsets for case in subset.cases]
        for model in (manifest.previous_model, manifest.candidate_model):
            script = load_document(TRIAGE / str(model.script), Script)
            replies = list(scripted_replies(script, model, cases, manifest.repeats, manifest.seed))
            assert len(replies) == len(cases) * manifest.repeats
            assert {reply.resolved_model for reply in replies} == {model.id}
            assert not any(reply.is_error for reply in replies)


@pytest.mark.parametrize("path", sorted(SETS.glob("*/schemas/*.json")), ids=lambda path: path.name)
def test_a_shipped_schema_allows_no_field_that_it_does_not_know(path: Path) -> None:
    assert json.loads(path.read_text())["additionalProperties"] is False
