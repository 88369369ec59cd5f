"""What must hold of every verdict, whatever the release."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from hitl.errors import EvidenceError
from hitl.manifest.release import ReleaseManifest, Stage
from hitl.run.reply import Reply
from hitl.stats.interval import Interval
from tests.builders import a_manifest
from tests.properties.worlds import COMPLETE, LIVE, World, worlds

LIGHT = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
T = TypeVar("T")
SEEDS = st.integers(0, 2**32 - 1)


def assert_no_better(before: dict[Stage, str], after: dict[Stage, str]) -> None:
    for stage in Stage:
        assert before[stage] == "ship" or after[stage] != "ship", stage


def failed(reply: Reply) -> Reply:
    return reply.model_copy(update={"labels": {"passed": False}})


@given(worlds(), SEEDS)
@LIGHT
def test_turning_candidate_replies_from_pass_to_fail_never_improves_a_verdict(
    world: World, seed: int
) -> None:
    passing = [row for row, reply in enumerate(world.candidate) if reply.labels == {"passed": True}]
    order = np.random.default_rng(seed).permutation(passing)
    before = world.verdicts()
    event(f"starts at {before[Stage.PRE_CUTOVER]}")

    for batch in np.array_split(order, min(6, len(order)) or 1):
        replies = list(world.candidate)
        for row in batch:
            replies[row] = failed(replies[row])
        world = replace(world, candidate=tuple(replies))
        after = world.verdicts()

        assert_no_better(before, after)
        for stage in LIVE:
            assert (before[stage], after[stage]) != ("revert", "hold"), stage
        before = after


@given(worlds(), SEEDS)
@LIGHT
def test_turning_one_candidate_reply_from_pass_to_fail_never_improves_a_verdict(
    world: World, seed: int
) -> None:
    passing = [row for row, reply in enumerate(world.candidate) if reply.labels == {"passed": True}]
    before = world.verdicts()

    for row in np.random.default_rng(seed).permutation(passing)[:5]:
        replies = list(world.candidate)
        replies[row] = failed(replies[row])
        after = replace(world, candidate=tuple(replies)).verdicts()

        assert_no_better(before, after)
        for stage in LIVE:
            assert (before[stage], after[stage]) != ("revert", "hold"), stage


@given(worlds(with_shift=True), st.data())
@LIGHT
def test_dropping_a_subset_of_an_arm_never_ships_what_did_not_ship(
    world: World, data: st.DataObject
) -> None:
    subset = data.draw(st.sampled_from(sorted(world.subsets)))
    arm = data.draw(st.sampled_from(("previous", "candidate")))
    before = world.verdicts()

    after = world.without({case.id for case in world.subsets[subset]}, arm).verdicts()

    assert_no_better(before, after)


@given(worlds(with_shift=True), SEEDS, st.sampled_from((0.05, 0.3, 0.9)))
@LIGHT
def test_dropping_a_slice_of_replies_never_ships_what_did_not_ship(
    world: World, seed: int, share: float
) -> None:
    chance = np.random.default_rng(seed)
    before = world.verdicts()
    event(f"starts at {before[Stage.PRE_CUTOVER]}")
    kind, size = (
        {case.id for case in world.cases if case.slices[name] == value}
        for name, value in (("kind", "odd"), ("size", "1"))
    )
    some = {case.id for case in world.cases if chance.random() < share}

    for lost in (kind, size, some):
        for arm in ("previous", "candidate"):
            assert_no_better(before, world.without(lost, arm).verdicts())


@given(worlds(), SEEDS, st.sampled_from(("mean", "median", "p95")), st.sampled_from((0.05, 0.4)))
@settings(LIGHT, max_examples=15)
def test_dropping_replies_never_ships_what_a_metric_held(
    world: World, seed: int, statistic: str, share: float
) -> None:
    chance = np.random.default_rng(seed)
    subset = next(iter(world.subsets))
    gate = {"subset": subset, "authority": "block", "metric": "latency_ms", "statistic": statistic}
    timed = tuple(
        reply.model_copy(update={"latency_ms": float(chance.choice((100, 101, 900)))})
        for reply in world.candidate
    )
    manifest = a_manifest([gate | {"max": 500, "max_ratio": 2}], limits={"max_missing": 0.5})
    world = replace(world, candidate=timed, previous=timed, manifest=manifest)
    slow = [case for case in world.cases if chance.random() < share]

    before = world.verdicts()

    assert_no_better(before, world.without({case.id for case in slow}, "candidate").verdicts())
    assert_no_better(before, world.without({case.id for case in slow}, "previous").verdicts())


@given(worlds(), st.sampled_from(("previous", "candidate")))
@LIGHT
def test_without_an_arm_nothing_is_judged(world: World, arm: str) -> None:
    with pytest.raises(EvidenceError):
        replace(world, **{arm: ()}).judged()


@given(worlds(with_shift=True), SEEDS)
@LIGHT
def test_the_order_of_replies_cases_subsets_and_gates_changes_nothing(
    world: World, seed: int
) -> None:
    chance = np.random.default_rng(seed)

    def shuffled(items: Sequence[T]) -> list[T]:
        return [items[row] for row in chance.permutation(len(items))]

    other = World(
        {name: shuffled(world.subsets[name]) for name in shuffled(list(world.subsets))},
        tuple(shuffled(world.previous)),
        tuple(shuffled(world.candidate)),
        world.manifest.model_copy(
            update={"gate_classes": tuple(shuffled(world.manifest.gate_classes))}
        ),
    )

    assert other.verdicts() == world.verdicts()
    assert other.golden.digest == world.golden.digest
    assert _facts(other) == _facts(world)


def _facts(world: World) -> object:
    try:
        found = world.judged()
    except EvidenceError as error:
        return str(error)
    gates = {
        (gate.subset, gate.authority): (
            gate.state,
            {(r.rule, r.limit, r.state, r.low, r.high, r.message) for r in gate.rules},
        )
        for gate in found.judgement.gates
    }
    scores = {
        name: (
            score.comparison,
            score.regressed_cases,
            score.flaky_cases,
            score.missing_cases,
            [(part.name, part.value, part.comparison, part.regressed) for part in score.slices],
        )
        for name, score in found.scored.subsets.items()
    }
    return (
        gates,
        scores,
        sorted(map(str, found.judgement.shifts)),
        sorted((note.code, str(note.subset)) for note in found.judgement.notes),
    )


def mirrored(interval: Interval | None) -> Interval | None:
    return interval.mirrored() if interval else None


@given(worlds(COMPLETE))
@LIGHT
def test_swapping_the_arms_mirrors_every_difference(world: World) -> None:
    there = world.judged().scored.subsets
    back = (
        replace(world, previous=world.candidate, candidate=world.previous).judged().scored.subsets
    )

    for name, score in there.items():
        parts = [(score.comparison, back[name].comparison)]
        parts += [
            (a.comparison, b.comparison)
            for a, b in zip(score.slices, back[name].slices, strict=True)
        ]
        for one, other in parts:
            assert other.difference == mirrored(one.difference)
            assert other.decision == mirrored(one.decision)
            assert other.p_value == one.p_value
        if score.pairs.is_plain:
            assert (back[name].improved_cases, back[name].regressed_cases) == (
                score.regressed_cases,
                score.improved_cases,
            )


STRICTER = {
    "margin": lambda limit: limit * 0.5,
    "max_shift": lambda limit: limit * 0.5,
    "floor": lambda limit: 1 - (1 - limit) * 0.5,
    "max_regressions": lambda limit: limit // 2,
    "max_failures": lambda limit: limit // 2,
    "min_cases": lambda limit: limit * 2,
}


@pytest.mark.parametrize("rule", STRICTER)
@given(world=worlds(with_shift=True))
@settings(LIGHT, max_examples=20)
def test_a_tighter_limit_never_ships_what_a_looser_one_held(rule: str, world: World) -> None:
    tighter = world.manifest.model_copy(
        update={
            "gate_classes": tuple(
                gate.model_copy(update={rule: STRICTER[rule](limit)})
                if (limit := getattr(gate, rule)) is not None
                else gate
                for gate in world.manifest.gate_classes
            )
        }
    )

    assert_no_better(world.verdicts(), replace(world, manifest=tighter).verdicts())


@given(worlds(with_shift=True))
@LIGHT
def test_one_more_rule_or_requirement_never_ships_what_was_held(world: World) -> None:
    before = world.verdicts()

    for update in (
        {"required_eval_subsets": tuple(world.subsets)},
        {"limits": world.manifest.limits.model_copy(update={"max_missing": 0.0})},
    ):
        manifest: ReleaseManifest = world.manifest.model_copy(update=update)

        assert_no_better(before, replace(world, manifest=manifest).verdicts())
