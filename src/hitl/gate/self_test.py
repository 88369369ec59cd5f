"""A gate against itself: how often would it stop a release in which nothing changed?"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from hitl.gate.authority import GateContext, GateResult, judge
from hitl.gate.verdict import decide
from hitl.gate.verdict_words import State, Verdict
from hitl.manifest.gate_class import Authority, GateClass
from hitl.manifest.release import ReleaseManifest
from hitl.score.arm import ArmScores
from hitl.score.measures import Chance
from hitl.score.release import columns_of
from hitl.score.subset import pair_subset
from hitl.score.suite import Suite
from hitl.stats.interval import Interval
from hitl.stats.proportion import exact_interval


@dataclass(frozen=True, slots=True)
class SelfTestLine:
    """One subset and authority over all runs of the current arm against itself."""

    subset: str
    authority: Authority
    n_cases: int
    not_passed: Interval
    """Share of runs in which it did not pass."""
    failed: Interval
    """Share of runs in which it failed, though nothing changed."""


@dataclass(frozen=True, slots=True)
class SelfTest:
    """How often the gate cries wolf on this suite."""

    method: str
    """`repeats`: halves of the repeats of each case; `splitting`: other cases of the same subset stand in."""
    runs: int
    stopped: Interval
    """Share of runs whose verdict is not ship, though nothing changed."""
    lines: tuple[SelfTestLine, ...]


def self_test(
    suite: Suite, arm: ArmScores, manifest: ReleaseManifest, runs: Sequence[int], chance: Chance
) -> SelfTest:
    """Run the gate many times with one arm on both sides.

    With two and more repeats of each case, each run deals them out at random to two halves of the
    same size. With one, the second side takes the replies of cases drawn at random from the same
    subset: the rates agree on average, and the noise is an upper bound of what two equal models show.
    """
    given = np.bincount(arm.case, minlength=len(suite.cases))
    fewest = int(given.min()) if given.size else 0
    is_repeated = fewest > 1
    generator = chance("self-test")
    counts: Counter[tuple[str, Authority, State]] = Counter()
    stopped = n_runs = 0
    for number in runs:
        sides = (
            _halves(arm, fewest // 2, generator)
            if is_repeated
            else (arm, _stand_ins(suite, arm, generator))
        )
        gates = _judge_once(suite, sides, manifest, partial(_numbered, chance, number))
        counts.update((gate.subset, gate.authority, gate.state) for gate in gates)
        stopped += decide(gates, (), manifest.stage).verdict is not Verdict.SHIP
        n_runs += 1
    sizes = {part.id: part.stop - part.start for part in suite.subsets}
    return SelfTest(
        method="repeats" if is_repeated else "splitting",
        runs=n_runs,
        stopped=exact_interval(stopped, n_runs, manifest.confidence),
        lines=tuple(_lines(counts, sizes, n_runs, manifest.confidence)),
    )


def _judge_once(
    suite: Suite, sides: tuple[ArmScores, ArmScores], manifest: ReleaseManifest, chance: Chance
) -> tuple[GateResult, ...]:
    scores = {
        part.id: pair_subset(suite, part, *sides, manifest.confidence) for part in suite.subsets
    }
    classes = _on_cases(manifest)
    named = {(gate.subset, gate.metric) for gate in classes if gate.metric is not None}
    columns = {
        (subset, metric): columns_of(suite, sides, metric, subset) for subset, metric in named
    }
    required = frozenset(manifest.required_eval_subsets)
    context = GateContext(
        manifest.confidence, manifest.limits.max_missing, required, columns, chance
    )
    return judge(classes, scores, context)


def _on_cases(manifest: ReleaseManifest) -> tuple[GateClass, ...]:
    """Return the gate classes without their rules on the forecast: an arm against itself has no traffic of its own."""
    bare = {"metric": None, "max": None, "max_ratio": None, "max_increase": None}
    return tuple(
        gate.model_copy(update=bare) if gate.is_forecast else gate
        for gate in manifest.gate_classes
        if gate.reads_cases or not gate.is_forecast
    )


def _numbered(chance: Chance, number: int, name: str) -> np.random.Generator:
    return chance(f"{number}.{name}")


def _lines(
    counts: Counter[tuple[str, Authority, State]],
    sizes: dict[str, int],
    runs: int,
    confidence: float,
) -> Iterator[SelfTestLine]:
    for subset, authority in dict.fromkeys((subset, authority) for subset, authority, _ in counts):
        passed, failed = (
            counts[subset, authority, State.PASS],
            counts[subset, authority, State.FAIL],
        )
        yield SelfTestLine(
            subset,
            authority,
            sizes[subset],
            exact_interval(runs - passed, runs, confidence),
            exact_interval(failed, runs, confidence),
        )


def _halves(
    arm: ArmScores, size: int, generator: np.random.Generator
) -> tuple[ArmScores, ArmScores]:
    """Deal the repeats of each case out at random to two arms of so many repeats each."""
    order = np.lexsort((generator.random(arm.n_replies), arm.case))
    case = arm.case[order]
    rank = np.arange(len(case)) - np.searchsorted(case, case)
    first, second = order[rank < size], order[(rank >= size) & (rank < 2 * size)]
    one, other = (_rows(arm, rows, arm.case[rows]) for rows in (first, second))
    return replace(one, most_repeats=size), replace(other, most_repeats=size)


def _stand_ins(suite: Suite, arm: ArmScores, generator: np.random.Generator) -> ArmScores:
    """Give each case the reply of a case drawn at random from its subset, with replacement."""
    rows = np.arange(arm.n_replies)
    for part in suite.subsets:
        start, stop = np.searchsorted(arm.case, [part.start, part.stop])
        if stop > start:
            rows[start:stop] = generator.integers(start, stop, stop - start)
    return _rows(arm, rows, arm.case)


def _rows(arm: ArmScores, rows: NDArray[np.int64], case: NDArray[np.int64]) -> ArmScores:
    return replace(
        arm,
        case=case,
        mark=arm.mark[rows],
        measures={name: values[rows] for name, values in arm.measures.items()},
        tiers=tuple(arm.tiers[row] for row in rows),
        outcomes=tuple(arm.outcomes[row] for row in rows),
    )
