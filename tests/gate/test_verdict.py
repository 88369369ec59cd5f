"""The verdict matrix: what each authority calls for, in each state, at each stage."""

import pytest

from hitl.gate.verdict import call, decide
from hitl.gate.verdict_words import State
from hitl.manifest.gate_class import Authority
from hitl.manifest.release import Stage
from tests.builders import (
    Judged,
    a_case,
    a_golden_set,
    a_manifest,
    a_release,
    a_reply,
    an_error,
    judged,
    replies_to,
    some_cases,
)

LIVE = [stage for stage in Stage if stage is not Stage.PRE_CUTOVER]
TERMS = [{"rollout_percent": 5}]
# How many of 100 cases regress, and how many improve: with a margin of 10 points the first passes,
# 10 against 6 straddles it (mid-p 0.17), and 30 against none fails it.
PASS, UNDECIDED, FAIL = (0, 0), (10, 6), (30, 0)
# A subset of 20 cases cannot prove a margin of 10 points, which needs 29.
UNMEASURED = None

#        authority,          state,      conditions, before the cutover, after it
MATRIX = [
    ("block",            PASS,       False, "ship", "ship"),
    ("block",            UNDECIDED,  False, "hold", "hold"),
    ("block",            UNMEASURED, False, "hold", "hold"),
    ("block",            FAIL,       False, "hold", "revert"),
    ("rollback_trigger", PASS,       False, "ship", "ship"),
    ("rollback_trigger", UNDECIDED,  False, "hold", "hold"),
    ("rollback_trigger", UNMEASURED, False, "hold", "hold"),
    ("rollback_trigger", FAIL,       False, "hold", "revert"),
    ("conditional",      PASS,       False, "ship", "ship"),
    ("conditional",      UNDECIDED,  False, "hold", "hold"),
    ("conditional",      UNMEASURED, False, "hold", "hold"),
    ("conditional",      FAIL,       False, "hold", "hold"),
    ("conditional",      PASS,       True,  "ship", "ship"),
    ("conditional",      UNDECIDED,  True,  "ship", "ship"),
    ("conditional",      UNMEASURED, True,  "hold", "hold"),
    ("conditional",      FAIL,       True,  "ship", "ship"),
    ("signal",           PASS,       False, "ship", "ship"),
    ("signal",           UNDECIDED,  False, "ship", "ship"),
    ("signal",           UNMEASURED, False, "ship", "ship"),
    ("signal",           FAIL,       False, "ship", "ship"),
]  # fmt: skip
STATES = {PASS: "pass", UNDECIDED: "undecided", FAIL: "fail", UNMEASURED: "unmeasured"}


Row = tuple[str, tuple[int, int] | None, bool, str, str]


def row_id(row: Row) -> str:
    terms = " with conditions" if row[2] else ""
    return f"{row[0]} {STATES[row[1]]}{terms}: {row[3]}, then {row[4]}"


def a_gate_in(
    authority: str, moved: tuple[int, int] | None, *, has_terms: bool, stage: str
) -> Judged:
    gate = {"authority": authority, "margin": 0.1} | ({"on_failure": TERMS} if has_terms else {})
    regressed, improved = moved or (0, 0)
    n = 20 if moved is UNMEASURED else 100
    return a_release(n, regressed=regressed, improved=improved, gate=gate, stage=stage)


@pytest.mark.parametrize("row", [pytest.param(row, id=row_id(row)) for row in MATRIX])
def test_the_verdict_matrix(row: Row) -> None:
    authority, moved, has_terms, before, after = row

    for stage in Stage:
        found = a_gate_in(authority, moved, has_terms=has_terms, stage=stage.value)

        (gate,) = found.judgement.gates
        assert gate.state.value == STATES[moved]
        assert found.verdict == (before if stage is Stage.PRE_CUTOVER else after)


@pytest.mark.parametrize("has_terms", [True, False])
@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("authority", Authority)
def test_the_matrix_has_a_row_for_every_authority_and_state(
    authority: Authority, state: State, has_terms: bool
) -> None:
    rows = {(row[0], STATES[row[1]], row[2]) for row in MATRIX}

    assert (authority.value, state.value, has_terms and authority.value == "conditional") in rows


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize(
    ("authority", "is_required", "verdict"),
    [
        pytest.param("block", True, "hold", id="a required block holds"),
        pytest.param("block", False, "hold", id="a block holds even if it is not required"),
        pytest.param("rollback_trigger", True, "hold", id="a rollback trigger holds"),
        pytest.param("conditional", True, "hold", id="a condition does not lift what is absent"),
        pytest.param("signal", True, "hold", id="a required signal holds"),
        pytest.param("signal", False, "ship", id="a signal that nobody requires does not"),
    ],
)
def test_a_subset_without_replies_of_the_candidate(
    authority: str, is_required: bool, verdict: str, stage: Stage
) -> None:
    there, gone = some_cases(100, "a"), some_cases(100, "b")
    terms = {"on_failure": TERMS} if authority == "conditional" else {}

    found = judged(
        a_golden_set({"there": there, "gone": gone}),
        [*replies_to(there), *replies_to(gone)],
        replies_to(there),
        a_manifest(
            [
                {"subset": "there", "authority": "block"},
                {"subset": "gone", "authority": authority} | terms,
            ],
            required=["there", "gone"] if is_required else ["there"],
            stage=stage.value,
        ),
    )

    assert found.verdict == verdict
    assert found.judgement.gates[-1].state is State.UNMEASURED


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param({"margin": 0.9}, id="margin"),
        pytest.param({"max_shift": 0.9}, id="max_shift"),
        pytest.param({"floor": 0.01}, id="floor"),
        pytest.param({"max_regressions": 1000}, id="max_regressions"),
        pytest.param({"max_failures": 1000}, id="max_failures"),
        pytest.param({"min_cases": 1}, id="min_cases"),
        pytest.param({"metric": "latency_ms", "max": 1e9}, id="metric"),
    ],
)
@pytest.mark.parametrize("arm", ["previous", "candidate"])
def test_no_rule_passes_a_subset_whose_replies_are_missing(
    rule: dict[str, float], arm: str
) -> None:
    there, gone = some_cases(100, "a"), some_cases(100, "b")
    arms = {
        name: replies_to(there) if name == arm else [*replies_to(there), *replies_to(gone)]
        for name in ("previous", "candidate")
    }

    found = judged(
        a_golden_set({"there": there, "gone": gone}),
        arms["previous"],
        arms["candidate"],
        a_manifest([{"subset": "gone", "authority": "block"} | rule]),
    )

    assert found.verdict == "hold"
    assert found.codes[0] == "block_unmeasured"


def test_a_required_subset_without_a_gate_class_blocks() -> None:
    found = judged(
        golden := a_golden_set({"main": some_cases(60, "a"), "other": some_cases(60, "b")}),
        [*replies_to(golden.subsets[0].cases), *replies_to(golden.subsets[1].cases)],
        [*replies_to(golden.subsets[0].cases), *replies_to(golden.subsets[1].cases, n_failed=30)],
        a_manifest([{"subset": "main", "authority": "signal"}], required=["other"]),
    )

    assert found.verdict == "hold"
    assert found.codes == ("block_fail",)
    assert "implied_block" in {note.code for note in found.judgement.notes}


def test_nothing_judged_is_no_ship() -> None:
    assert decide((), (), Stage.PRE_CUTOVER).verdict.value == "hold"


@pytest.mark.parametrize("stage", LIVE)
def test_the_gravest_call_wins_whatever_else_passes(stage: Stage) -> None:
    good, bad = some_cases(60, "a"), some_cases(60, "b")

    found = judged(
        a_golden_set({"good": good, "bad": bad}),
        [*replies_to(good), *replies_to(bad)],
        [*replies_to(good), *replies_to(bad, n_failed=20)],
        a_manifest(
            [{"subset": name, "authority": "block"} for name in ("good", "bad")], stage=stage.value
        ),
    )

    assert found.verdict == "revert"
    assert [reason.subset for reason in found.judgement.decision.reasons] == ["bad"]
    assert found.judgement.decision.exit_code == 11


def test_conditions_are_listed_only_where_something_did_not_pass() -> None:
    lifted = a_release(100, regressed=30, gate={"authority": "conditional", "on_failure": TERMS})
    passed = a_release(100, gate={"authority": "conditional", "on_failure": TERMS})

    assert [c.condition for c in lifted.judgement.decision.conditions] == TERMS
    assert lifted.codes == ("conditional_fail",)
    assert passed.judgement.decision.conditions == ()
    assert passed.codes == ()


def test_a_condition_does_not_stand_in_for_cases_that_are_too_few() -> None:
    gate = {"authority": "conditional", "margin": 0.1, "on_failure": TERMS}

    too_few_to_pass = a_release(20, gate=gate)
    too_few_and_failing = a_release(20, regressed=20, gate=gate)

    assert too_few_to_pass.judgement.gates[0].state is State.UNMEASURED
    assert too_few_and_failing.judgement.gates[0].state is State.FAIL
    assert (too_few_to_pass.verdict, too_few_and_failing.verdict) == ("hold", "hold")


def test_conditions_of_one_gate_class_do_not_lift_another_of_the_same_subset() -> None:
    cases = some_cases(100)
    manifest = a_manifest(
        [
            {"subset": "main", "authority": "conditional", "max_regressions": 0},
            {"subset": "main", "authority": "conditional", "floor": 0.5, "on_failure": TERMS},
        ]
    )

    found = judged(
        a_golden_set({"main": cases}), replies_to(cases), replies_to(cases, n_failed=1), manifest
    )

    assert found.verdict == "hold"


@pytest.mark.parametrize(
    ("authority", "before", "after"),
    [
        pytest.param("block", "hold", "revert", id="block"),
        pytest.param("rollback_trigger", "hold", "revert", id="rollback trigger"),
        pytest.param("conditional", "hold", "hold", id="no condition lifts a broken floor"),
        pytest.param("signal", "ship", "ship", id="signal"),
    ],
)
def test_one_failure_of_a_zero_tolerance_case_breaks_the_floor(
    authority: str, before: str, after: str
) -> None:
    cases = [a_case("grave", zero_tolerance=True), *some_cases(200)]
    terms = {"on_failure": TERMS} if authority == "conditional" else {}

    for stage in Stage:
        found = judged(
            a_golden_set({"main": cases}),
            replies_to(cases),
            replies_to(cases, n_failed=1),
            a_manifest([{"subset": "main", "authority": authority} | terms], stage=stage.value),
        )

        assert found.rule("margin").state is State.PASS
        assert found.rule("zero_tolerance").state is State.FAIL
        assert "grave" in found.rule("zero_tolerance").message
        assert found.verdict == (before if stage is Stage.PRE_CUTOVER else after)


def test_a_required_signal_holds_when_replies_are_missing_even_if_a_floor_is_broken() -> None:
    cases = [a_case("grave", zero_tolerance=True), *some_cases(100)]

    found = judged(
        a_golden_set({"main": cases}),
        replies_to(cases),
        replies_to(cases, n_failed=1)[:-10],
        a_manifest([{"subset": "main", "authority": "signal"}]),
    )

    assert found.judgement.gates[0].state is State.FAIL
    assert found.verdict == "hold"


@pytest.mark.parametrize("lost", ["missing", "error", "ungraded"])
def test_a_zero_tolerance_case_without_a_usable_reply_has_not_passed(lost: str) -> None:
    cases = [a_case("grave", zero_tolerance=True), *some_cases(200)]
    instead = {"missing": [], "error": [an_error("grave")], "ungraded": [a_reply("grave", None)]}

    found = judged(
        a_golden_set({"main": cases}),
        replies_to(cases),
        [*instead[lost], *replies_to(cases[1:])],
        a_manifest([{"subset": "main", "authority": "block"}], limits={"max_missing": 0.1}),
    )

    assert found.rule("margin").state is State.PASS
    assert found.rule("zero_tolerance").state is State.UNMEASURED
    assert found.verdict == "hold"


def test_a_broken_floor_in_one_of_three_repeats_is_enough() -> None:
    cases = [a_case("grave", zero_tolerance=True), *some_cases(200)]
    candidate = replies_to(cases, repeats=3)
    candidate[1] = a_reply("grave", False, 1)

    found = judged(
        a_golden_set({"main": cases}),
        replies_to(cases, repeats=3),
        candidate,
        a_manifest([{"subset": "main", "authority": "block"}]),
    )

    assert found.rule("zero_tolerance").state is State.FAIL
    assert found.verdict == "hold"


def test_every_call_is_one_of_the_three_verdicts() -> None:
    (gate,) = a_release().judgement.gates

    assert {call(gate, stage).value for stage in Stage} == {"ship"}
