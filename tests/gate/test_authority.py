"""Families of tests, and what several rules say together."""

import itertools

import pytest

from hitl.gate.authority import corrected_p_values, worst
from hitl.gate.verdict_words import State
from hitl.manifest.gate_class import Authority, GateClass
from hitl.record.subsets import subset_part
from tests.builders import Judged, a_golden_set, a_manifest, a_reply, judged, replies_to, some_cases


def a_release_of(regressed: dict[str, int], authority: str, n: int = 60) -> Judged:
    """Judge one subset for each name, with so many of its cases regressed."""
    subsets = {name: some_cases(n, name) for name in regressed}
    before = [reply for cases in subsets.values() for reply in replies_to(cases)]
    after = [
        reply for name, cases in subsets.items() for reply in replies_to(cases, regressed[name])
    ]
    return judged(
        a_golden_set(subsets),
        before,
        after,
        a_manifest([{"subset": name, "authority": authority} for name in subsets]),
    )


def p_values(found: Judged, *authorities: str) -> list[float]:
    gates = [
        GateClass(subset=name, authority=Authority(authority))
        for name, authority in zip(found.scored.subsets, authorities, strict=True)
    ]
    return list(corrected_p_values(gates, found.scored.subsets).values())


# Mid-p of 4, 5 and 6 regressions, none improved: 0.5^4 / 2, 0.5^5 / 2, 0.5^6 / 2.
FOUR, FIVE, SIX = 0.03125, 0.015625, 0.0078125


@pytest.mark.parametrize(
    ("authorities", "expected"),
    [
        pytest.param(("block", "block", "block"), [FOUR, 2 * FIVE, 3 * SIX], id="holm over blocks"),
        pytest.param(
            ("block", "rollback_trigger", "block"),
            [FOUR, 2 * FIVE, 3 * SIX],
            id="triggers stand with the blocks",
        ),
        pytest.param(
            ("conditional", "conditional", "block"),
            [SIX, FOUR, 2 * FIVE],
            id="conditionals are a family of their own",
        ),
        pytest.param(
            ("signal", "signal", "signal"),
            [FOUR, 1.5 * FIVE, 3 * SIX],
            id="signals by Benjamini and Hochberg",
        ),
        pytest.param(
            ("signal", "conditional", "block"), [SIX, FIVE, FOUR], id="alone in each family"
        ),
    ],
)
def test_families(authorities: tuple[str, ...], expected: list[float]) -> None:
    found = a_release_of({"a": 4, "b": 5, "c": 6}, "block")

    assert sorted(p_values(found, *authorities)) == pytest.approx(sorted(expected))


def test_what_is_a_regression_alone_may_be_chance_among_six() -> None:
    alone = a_release_of({"a": 5}, "block")
    among_six = a_release_of({"a": 5} | dict.fromkeys("bcdef", 0), "block")

    assert alone.rule("margin", "a").state is State.FAIL
    assert among_six.rule("margin", "a").state is State.UNDECIDED
    assert among_six.verdict == "hold"


@pytest.mark.parametrize("states", list(itertools.permutations(State)))
def test_the_gravest_state_wins_in_any_order(states: tuple[State, ...]) -> None:
    assert worst(states) is State.FAIL
    assert worst([s for s in states if s is not State.FAIL]) is State.UNMEASURED
    assert worst([s for s in states if s in (State.PASS, State.UNDECIDED)]) is State.UNDECIDED
    assert worst([State.PASS]) is State.PASS


def test_no_rule_at_all_is_unmeasured() -> None:
    assert worst([]) is State.UNMEASURED


def test_a_subset_may_stand_in_several_gate_classes() -> None:
    cases = some_cases(100)
    found = judged(
        a_golden_set({"main": cases}),
        replies_to(cases),
        replies_to(cases, 1),
        a_manifest(
            [
                {"subset": "main", "authority": "block", "margin": 0.1},
                {"subset": "main", "authority": "block", "max_regressions": 0},
                {"subset": "main", "authority": "signal", "floor": 0.5},
            ]
        ),
    )

    states = [(gate.authority.value, gate.state.value) for gate in found.judgement.gates]
    assert states == [("block", "fail"), ("signal", "pass")]
    assert [rule.rule for rule in found.judgement.gates[0].rules] == ["margin", "max_regressions"]


def test_a_subset_that_nobody_names_is_shown_as_a_signal() -> None:
    cases, other = some_cases(60), some_cases(60, "x")
    found = judged(
        a_golden_set({"main": cases, "other": other}),
        replies_to([*cases, *other]),
        [*replies_to(cases), *replies_to(other, 60)],
        a_manifest([{"subset": "main", "authority": "block"}]),
    )

    assert found.verdict == "ship"
    assert found.codes == ("signal_fail",)


def test_a_required_subset_without_a_gate_class_says_how_many_cases_it_lacks() -> None:
    cases = {"named": some_cases(60, prefix="n"), "unnamed": some_cases(20, prefix="u")}
    replies = [a_reply(case.id) for part in cases.values() for case in part]
    manifest = a_manifest(
        [{"subset": "named", "authority": "block"}], required=["named", "unnamed"]
    )

    found = judged(a_golden_set(cases), replies, replies, manifest)

    unnamed = [gate for gate in found.judgement.gates if gate.subset == "unnamed"]
    part = subset_part(found.scored.subsets["unnamed"], unnamed, manifest.confidence)
    assert found.verdict == "hold"
    assert part.cases_needed == 59
    assert "unprovable_margin" in {note.code for note in found.judgement.notes}
