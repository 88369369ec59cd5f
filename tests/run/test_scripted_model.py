import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from pydantic import ValidationError

from hitl.document.load import load_document
from hitl.golden.case import Case
from hitl.golden.load import load_golden_set
from hitl.manifest.release import ModelSpec, Provider
from hitl.run.model import CallError, Completion, Fault, Request
from hitl.run.reply import Reply
from hitl.run.script import Script
from hitl.run.scripted import ScriptedModel, scripted_replies

ROOT = Path(__file__).parents[2]
SPEC = ModelSpec(id="scripted/a", provider=Provider.SCRIPTED, script="script.yaml")
SEED = 7


def a_script(**fields: object) -> Script:
    return Script.model_validate_json(json.dumps({"format": "hitl/script/v1", **fields}))


def a_fault(**fields: object) -> dict[str, Any]:
    return {"name": "fault", "rate": 1, "kind": "server_error", **fields}


def a_case(number: int = 0, reference: str | None = "fine", **slices: str) -> Case:
    return Case(id=f"case-{number}", input="What now?", reference=reference, slices=slices)


def a_request(case: Case) -> Request:
    return Request(case.id, ({"role": "user", "content": "What now?"},), case=case)


def answered(script: Script, cases: Iterable[Case], repeats: int = 1, attempts: int = 4) -> list:
    """Ask as a live run does: again until there is an answer, at most `attempts` times."""

    async def run() -> list[Completion | CallError]:
        model = ScriptedModel(script, SPEC, SEED)
        return [
            await _one(model, case, repeat, attempts) for case in cases for repeat in range(repeats)
        ]

    return asyncio.run(run())


async def _one(
    model: ScriptedModel, case: Case, repeat: int, attempts: int
) -> Completion | CallError:
    error = CallError(Fault.REJECTED, "never asked")
    for _ in range(attempts):
        try:
            return await model.ask(a_request(case), repeat)
        except CallError as caught:
            error = caught
            if not error.is_transient:
                break
    return error


def in_bulk(script: Script, cases: Iterable[Case], repeats: int = 1, **limits: int) -> list[Reply]:
    return list(scripted_replies(script, SPEC, cases, repeats, SEED, **limits))


def the_error(script: Script, attempts: int = 4) -> CallError:
    (found,) = answered(script, [a_case()], attempts=attempts)
    assert isinstance(found, CallError)
    return found


@pytest.mark.parametrize("script_name", ["previous", "candidate", "candidate-fixed"])
def test_live_and_bulk_give_the_same_replies_to_a_whole_golden_set(script_name: str) -> None:
    script = load_document(ROOT / f"manifests/incident-triage/{script_name}.yaml", Script)
    golden = load_golden_set(ROOT / "golden_sets/incident-triage/set.yaml")
    cases = [case for subset in golden.subsets for case in subset.cases]
    assert len(cases) > 100

    live = answered(script, cases, repeats=2)
    bulk = in_bulk(script, cases, repeats=2)

    assert len(live) == len(bulk) == 2 * len(cases)
    for found, reply in zip(live, bulk, strict=True):
        if isinstance(found, CallError):
            assert reply.error == str(found)
        else:
            shared = reply.model_dump(exclude={"case_id", "repeat", "declared_model", "error"})
            assert {name: shared[name] for name in shared if hasattr(found, name)} == {
                "text": found.text,
                "tool_calls": tuple(call.model_dump() for call in found.tool_calls)
                if found.tool_calls is not None
                else None,
                "resolved_model": found.resolved_model,
                "finish": found.finish,
                "latency_ms": found.latency_ms,
                "input_tokens": found.input_tokens,
                "output_tokens": found.output_tokens,
                "cost_usd": found.cost_usd,
                "confidence": found.confidence,
                "action_type": found.action_type,
                "labels": found.labels,
            }


@pytest.mark.parametrize(
    "kind", ["rate_limited", "server_error", "timeout", "unreachable", "malformed_answer"]
)
def test_a_fault_fails_the_call_for_its_reason(kind: str) -> None:
    error = the_error(a_script(faults=[a_fault(kind=kind, retry_after_s=1.5)]))

    assert (error.fault.value, error.retry_after_s, error.is_transient) == (kind, 1.5, True)


@pytest.mark.parametrize("kind", ["rejected", "crashed", "unauthorized", "nonsense"])
def test_only_faults_that_pass_can_be_scripted(kind: str) -> None:
    with pytest.raises(ValidationError):
        a_script(faults=[a_fault(kind=kind)])


def test_a_fault_passes_after_its_attempts() -> None:
    script = a_script(faults=[a_fault(attempts=2)])

    (third,) = answered(script, [a_case()], attempts=3)

    assert third.text == "fine"
    assert the_error(script, attempts=2).fault is Fault.SERVER


def test_attempts_are_counted_for_each_case_and_repeat_alone() -> None:
    found = answered(
        a_script(faults=[a_fault(attempts=1)]), [a_case(1), a_case(2)], repeats=2, attempts=2
    )

    assert [one.text for one in found] == ["fine"] * 4


@pytest.mark.parametrize(("attempts", "fails"), [(None, True), (5, True), (4, True), (3, False)])
def test_bulk_writes_the_error_that_a_live_run_would_end_with(
    attempts: int | None, fails: bool
) -> None:
    script = a_script(faults=[a_fault(attempts=attempts)])

    (bulk,) = in_bulk(script, [a_case()])
    (live,) = answered(script, [a_case()], attempts=4)

    if fails:
        assert (
            bulk.error
            == f"{live.fault.value}: {live}"
            == "server_error: the script's fault 'fault'"
        )
        assert bulk.text is None
    else:
        assert bulk.text == live.text == "fine"


def test_the_attempts_of_bulk_are_those_of_the_run() -> None:
    script = a_script(faults=[a_fault(attempts=4)])

    (patient,) = in_bulk(script, [a_case()], max_attempts=5)
    (hasty,) = in_bulk(script, [a_case()], max_attempts=4)

    assert (patient.error, hasty.is_error) == (None, True)


def test_the_first_fault_that_hits_counts() -> None:
    faults = [
        a_fault(name="never", rate=0),
        a_fault(name="elsewhere", when={"region": "eu"}),
        a_fault(name="this", kind="timeout"),
        a_fault(name="late"),
    ]

    assert str(the_error(a_script(faults=faults))) == "the script's fault 'this'"


def test_faults_hit_as_often_as_their_rate_says_and_the_same_cases_live_and_in_bulk() -> None:
    script = a_script(faults=[a_fault(rate=0.1)])
    cases = [a_case(number) for number in range(3000)]

    live = [isinstance(found, CallError) for found in answered(script, cases, attempts=1)]

    # 300 expected with a standard deviation of 16.4; five of them are 82.
    assert abs(sum(live) - 300) < 82
    assert live == [reply.is_error for reply in in_bulk(script, cases)]


def test_a_fault_leaves_the_draws_of_habits_alone() -> None:
    habits = [{"name": "h", "rate": 0.3, "text": "hit"}]
    cases = [a_case(number) for number in range(200)]

    plain = in_bulk(a_script(habits=habits), cases)
    faulty = in_bulk(a_script(habits=habits, faults=[a_fault(attempts=1, name="h")]), cases)

    assert faulty == plain


def test_a_habit_that_fails_is_final() -> None:
    error = the_error(a_script(habits=[{"name": "h", "rate": 1, "error": "no more quota"}]))

    assert (error.fault, str(error), error.is_transient) == (Fault.REJECTED, "no more quota", False)


def test_a_case_without_a_reference_or_that_a_habit_misfits_is_rejected() -> None:
    (empty,) = answered(a_script(), [a_case(reference=None)])
    (misfit,) = answered(a_script(habits=[{"name": "h", "rate": 1, "set": {"a": 1}}]), [a_case()])

    assert (empty.fault, misfit.fault) == (Fault.REJECTED, Fault.REJECTED)
    assert "no reference" in str(empty)
    assert "is no JSON object" in str(misfit)


def test_two_faults_of_one_name_are_refused() -> None:
    with pytest.raises(ValidationError, match="two faults are named 'fault'"):
        a_script(faults=[a_fault(), a_fault()])


def test_a_paced_model_takes_its_time_and_another_does_not() -> None:
    slow = {"latency_ms": {"median": 300}}

    started = monotonic()
    (paced,) = answered(a_script(paced=True, **slow), [a_case()])
    took = monotonic() - started
    started = monotonic()
    answered(a_script(latency_ms={"median": 600_000}), [a_case()])

    assert paced.latency_ms == 300
    assert took >= 0.29
    assert monotonic() - started < 60


def test_paced_calls_run_side_by_side() -> None:
    async def run() -> float:
        model = ScriptedModel(a_script(paced=True, latency_ms={"median": 500}), SPEC, SEED)
        started = monotonic()
        await asyncio.gather(*(model.ask(a_request(a_case(number)), 0) for number in range(40)))
        return monotonic() - started

    assert asyncio.run(run()) < 10  # one after the other: 20 s


def test_a_judge_answers_by_what_the_last_message_holds() -> None:
    answers = {"angry": "grade: 1", "angry words": "never reached", "calm": "grade: 5"}
    script = a_script(answers=answers, resolved_model="judge-1", latency_ms={"median": 40})

    async def judged(*contents: object) -> Completion:
        messages = tuple({"role": "user", "content": content} for content in contents)
        return await ScriptedModel(script, SPEC, SEED).ask(Request("item/1", messages), 0)

    found = asyncio.run(judged("angry", "a calm reply"))

    assert (found.text, found.resolved_model, found.latency_ms) == ("grade: 5", "judge-1", 40)
    assert asyncio.run(judged("angry words")).text == "grade: 1"
    assert asyncio.run(judged([{"type": "text", "text": "calm"}])).text == "grade: 5"
    for contents in (("calm", "neither"), ()):
        with pytest.raises(CallError, match="no answer to 'item/1'") as caught:
            asyncio.run(judged(*contents))
        assert caught.value.fault is Fault.REJECTED


def test_the_endpoint_names_script_model_and_seed() -> None:
    def endpoint(script: Script, spec: ModelSpec = SPEC, seed: int = SEED) -> str:
        return ScriptedModel(script, spec, seed).endpoint

    plain = a_script()
    other = SPEC.model_copy(update={"id": "scripted/b"})
    forth, back = ({"a": "1", "b": "2"}, {"b": "2", "a": "1"})
    all_of_them = [
        endpoint(plain),
        endpoint(plain, other),
        endpoint(plain, seed=8),
        endpoint(a_script(characters_per_token=3)),
        endpoint(a_script(answers=forth)),
        endpoint(a_script(answers=back)),
    ]

    assert len(set(all_of_them)) == 6
    assert endpoint(a_script(habits=[], paced=False)) == endpoint(plain)


def test_a_probe_says_who_the_script_says_it_is() -> None:
    model = ScriptedModel(a_script(resolved_model="scripted/a-2"), SPEC, SEED)

    assert asyncio.run(model.probe()).resolved_model == "scripted/a-2"
