"""A whole release judged: evidence, contradictions, deltas, shifts, waivers and notes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from hitl.cli.clock import seeded
from hitl.errors import EvidenceError
from hitl.gate.self_test import self_test
from hitl.gate.waiver import judge_waiver
from hitl.golden.case import Case
from hitl.manifest.gate_class import Authority
from hitl.manifest.release import Waiver
from hitl.run.reply import Reply
from hitl.score.arm import grade_arm
from tests.builders import (
    AT,
    Judged,
    a_case,
    a_golden_set,
    a_manifest,
    a_release,
    a_reply,
    a_suite,
    an_error,
    judged,
    replies_to,
    some_cases,
)

BLOCK = [{"subset": "main", "authority": "block"}]


def judged_replies(
    cases: list[Case], previous: list[Reply], candidate: list[Reply], **fields: object
) -> Judged:
    return judged(a_golden_set({"main": cases}), previous, candidate, a_manifest(BLOCK, **fields))


@pytest.mark.parametrize("arm", ["previous", "candidate"])
@pytest.mark.parametrize(
    "lost",
    [
        pytest.param(lambda _: [], id="no reply"),
        pytest.param(lambda cases: [an_error(case.id) for case in cases], id="only errors"),
        pytest.param(lambda _: [a_reply("unknown")], id="only replies to other cases"),
    ],
)
def test_an_arm_without_evidence_is_not_judged(
    arm: str, lost: Callable[[list[Case]], list[Reply]]
) -> None:
    cases = some_cases(60)
    arms = {"previous": replies_to(cases), "candidate": replies_to(cases)} | {arm: lost(cases)}

    with pytest.raises(EvidenceError, match=arm):
        judged_replies(cases, **arms)


def test_a_golden_set_without_cases_is_not_judged() -> None:
    with pytest.raises(EvidenceError, match="no case"):
        judged_replies([], [], [])


@pytest.mark.parametrize("arm", ["previous", "candidate"])
@pytest.mark.parametrize(
    ("more", "code"),
    [
        pytest.param(a_reply("c0000", False), "repeated_replies", id="a repeated reply"),
        pytest.param(a_reply("unknown"), "unknown_cases", id="a reply to another case"),
    ],
)
def test_replies_that_contradict_themselves_hold(arm: str, more: Reply, code: str) -> None:
    cases = some_cases(60)
    arms = {"previous": replies_to(cases), "candidate": replies_to(cases)}
    arms[arm] = [*arms[arm], more]

    found = judged_replies(cases, **arms)

    assert (found.verdict, found.codes) == ("hold", (code,))
    assert arm in found.judgement.decision.reasons[0].message


def a_delta(**fields: object) -> dict[str, Any]:
    return {"measure": "pass_rate", "subset": "main", "direction": "up"} | fields


@pytest.mark.parametrize(
    ("delta", "improved", "regressed", "met"),
    [
        pytest.param(a_delta(), 20, 0, True, id="up, and it went up"),
        pytest.param(a_delta(), 0, 20, False, id="up, and it went down"),
        pytest.param(a_delta(), 0, 0, False, id="up, and nothing moved"),
        pytest.param(a_delta(direction="down"), 0, 20, True, id="down, and it went down"),
        pytest.param(a_delta(at_least=0.1), 20, 0, True, id="at least 10 points, 20 seen"),
        pytest.param(a_delta(at_least=0.3), 20, 0, False, id="at least 30 points, 20 seen"),
        pytest.param(a_delta(at_most=0.1), 20, 0, False, id="at most 10 points, 20 seen"),
        pytest.param(a_delta(at_most=0.3), 20, 0, True, id="at most 30 points, 20 seen"),
        pytest.param(a_delta(at_most=0.3), 0, 0, True, id="at most 30 points, none seen"),
        pytest.param(a_delta(at_most=0.3), 0, 20, False, id="at most 30 up, and it went down"),
        pytest.param(a_delta(measure="latency_ms"), 20, 0, None, id="not measured is not met"),
        pytest.param(a_delta(subset=None), 20, 0, None, id="a pass rate over all has no number"),
    ],
)
def test_declared_shifts(
    delta: dict[str, Any], improved: int, regressed: int, met: bool | None
) -> None:
    found = a_release(100, improved=improved, regressed=regressed, expected_deltas=[delta])

    (result,) = found.judgement.deltas
    assert result.met is met
    assert (result.measured is None) is (met is None)


@pytest.mark.parametrize(
    ("limits", "met"),
    [
        pytest.param({"at_most_ratio": 2.5}, True, id="doubled, at most x 2.5"),
        pytest.param({"at_most_ratio": 1.5}, False, id="doubled, at most x 1.5"),
        pytest.param({"at_least_ratio": 1.5}, True, id="doubled, at least x 1.5"),
        pytest.param({"at_least_ratio": 2.5}, False, id="doubled, at least x 2.5"),
    ],
)
def test_declared_ratios(limits: dict[str, float], met: bool) -> None:
    cases = some_cases(60)
    delta = {"measure": "output_tokens", "direction": "up"} | limits

    found = judged_replies(
        cases,
        [a_reply(case.id, output_tokens=100 + number) for number, case in enumerate(cases)],
        [a_reply(case.id, output_tokens=2 * (100 + number)) for number, case in enumerate(cases)],
        expected_deltas=[delta],
    )

    (result,) = found.judgement.deltas
    assert result.met is met
    assert result.measured == pytest.approx(2.0, abs=0.05)


def test_a_missed_declaration_stands_in_the_record_and_moves_no_verdict() -> None:
    assert a_release(100, expected_deltas=[a_delta()]).verdict == "ship"


@pytest.mark.parametrize(
    ("declared", "shifts"),
    [
        pytest.param([], [("main", "down")], id="nobody declared it"),
        pytest.param([a_delta(direction="down")], [], id="declared"),
        pytest.param([a_delta()], [("main", "down")], id="declared the other way"),
    ],
)
def test_undeclared_shifts(declared: list[dict[str, Any]], shifts: list[tuple[str, str]]) -> None:
    found = a_release(100, regressed=20, expected_deltas=declared)

    assert [(s.subset, s.direction.value) for s in found.judgement.shifts] == shifts


@pytest.mark.parametrize(
    ("factor", "measures"),
    [
        pytest.param(1.05, [], id="five percent is not worth a line"),
        pytest.param(2.0, ["cost_usd"], id="twice the cost is"),
        pytest.param(0.5, ["cost_usd"], id="half the cost is too"),
    ],
)
def test_a_measure_that_moved_is_a_shift(factor: float, measures: list[str]) -> None:
    cases = some_cases(60)

    found = judged_replies(
        cases,
        [a_reply(case.id, cost_usd=1.0) for case in cases],
        [a_reply(case.id, cost_usd=factor) for case in cases],
    )

    assert [shift.measure for shift in found.judgement.shifts] == measures


def a_waiver(days: int = 1) -> Waiver:
    return Waiver(
        subset="main",
        owner="Someone",
        reason="accepted until the next version",
        expires_at=AT + timedelta(days=days),
    )


@pytest.mark.parametrize(
    ("authority", "days", "status"),
    [
        pytest.param("conditional", 1, "unverified", id="no signature lifts nothing"),
        pytest.param("conditional", 0, "expired", id="void from the moment it expires"),
        pytest.param("conditional", -1, "expired", id="expired"),
        pytest.param("block", 1, "not_applicable", id="no waiver lifts a block"),
        pytest.param("rollback_trigger", 1, "not_applicable", id="nor a rollback trigger"),
        pytest.param("signal", 1, "unverified", id="signal"),
    ],
)
def test_waivers(authority: str, days: int, status: str) -> None:
    found = judge_waiver(a_waiver(days), frozenset({Authority(authority)}), AT)

    assert found.status.value == status
    assert "Someone" in found.message


def test_a_waiver_without_a_zone_is_void() -> None:
    waiver = a_waiver().model_copy(update={"expires_at": AT.replace(tzinfo=None, year=2100)})

    assert judge_waiver(waiver, frozenset(), AT).status.value == "expired"


@pytest.mark.parametrize("authority", ["block", "conditional"])
def test_no_waiver_changes_a_verdict(authority: str) -> None:
    waiver = a_waiver().model_dump(mode="json", exclude_none=True)
    gate = {"authority": authority}

    assert a_release(60, regressed=20, gate=gate, waivers=[waiver]).verdict == "hold"


def note_codes(found: Judged) -> set[str]:
    return {note.code for note in found.judgement.notes}


def test_a_release_that_nothing_can_block_is_called_a_scoreboard() -> None:
    assert "nothing_can_block" in note_codes(a_release(gate={"authority": "signal"}))
    assert "nothing_can_block" not in note_codes(a_release())


def test_fewer_repeats_than_the_manifest_asks_for_are_noted() -> None:
    assert "fewer_repeats" in note_codes(a_release(repeats=3))


def test_cases_that_repeat_an_input_are_noted() -> None:
    cases = [a_case(f"c{number}", input=str(number // 2)) for number in range(60)]

    found = judged_replies(cases, replies_to(cases), replies_to(cases))

    assert "repeated_inputs" in note_codes(found)
    assert found.scored.subsets["main"].comparison.n_clusters == 30


def test_a_release_that_changes_nothing_is_rarely_stopped_by_a_gate_that_can_see() -> None:
    cases = some_cases(200)
    suite = a_suite(a_golden_set({"main": cases}))
    arm = grade_arm(suite, replies_to(cases, n_failed=4, repeats=4))

    found = self_test(suite, arm, a_manifest(BLOCK), range(20), seeded(1))

    assert found.method == "repeats"
    assert found.runs == 20
    assert found.stopped.estimate == 0.0
    assert [(line.subset, line.n_cases) for line in found.lines] == [("main", 200)]


def test_a_gate_too_small_to_see_stops_every_release_in_the_self_test() -> None:
    cases = some_cases(20)
    suite = a_suite(a_golden_set({"main": cases}))

    found = self_test(
        suite, grade_arm(suite, replies_to(cases)), a_manifest(BLOCK), range(20), seeded(1)
    )

    assert found.method == "splitting"
    assert found.stopped.estimate == 1.0
