"""Random releases: subsets, repeats, clusters, errors, missing replies, slices and every kind of gate."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from hitl.errors import EvidenceError
from hitl.gate.release import problems
from hitl.gate.verdict import decide
from hitl.golden.case import Case
from hitl.golden.load import GoldenSetFiles
from hitl.manifest.release import ReleaseManifest, Stage
from hitl.run.reply import Reply
from tests.builders import Judged, a_case, a_golden_set, a_manifest, a_reply, an_error, judged

NOT_JUDGED = "not judged"
LIVE = (Stage.SHADOW, Stage.CANARY, Stage.PRIMARY)


@dataclass(frozen=True, repr=False)
class World:
    """A release and the replies of both arms."""

    subsets: dict[str, list[Case]]
    previous: tuple[Reply, ...]
    candidate: tuple[Reply, ...]
    manifest: ReleaseManifest

    def __repr__(self) -> str:
        sizes = {name: len(cases) for name, cases in self.subsets.items()}
        gates = [gate.model_dump(exclude_unset=True) for gate in self.manifest.gate_classes]
        limits = self.manifest.limits.max_missing, self.manifest.confidence
        return f"World({sizes}, {gates}, {self.manifest.required_eval_subsets}, {limits})"

    @property
    def golden(self) -> GoldenSetFiles:
        return a_golden_set(self.subsets)

    @property
    def cases(self) -> list[Case]:
        return [case for cases in self.subsets.values() for case in cases]

    def judged(self) -> Judged:
        return judged(self.golden, self.previous, self.candidate, self.manifest)

    def verdicts(self) -> dict[Stage, str]:
        """Return the verdict at every stage; a release that cannot be judged has none."""
        try:
            found = self.judged()
        except EvidenceError:
            return dict.fromkeys(Stage, NOT_JUDGED)
        reasons = tuple(problems(found.scored, found.judgement.identities))
        return {
            stage: decide(found.judgement.gates, reasons, stage).verdict.value for stage in Stage
        }

    def without(self, case_ids: set[str], arm: str) -> "World":
        """Return the world in which an arm's replies to some cases were lost."""
        kept = tuple(reply for reply in getattr(self, arm) if reply.case_id not in case_ids)
        return replace(self, **{arm: kept})


@dataclass(frozen=True)
class Knobs:
    """What a world is made of, beside chance."""

    sizes: tuple[int, ...]
    repeats: tuple[int, int]
    rates: tuple[float, float]
    agreement: float
    cluster_size: int
    lost: float
    zero_tolerance: float
    twins: float


def subset_names(n: int) -> list[str]:
    return [f"s{number}" for number in range(n)]


SIZES = st.sampled_from((1, 4, 8, 12, 20, 31, 60, 90, 150))
KNOBS = st.builds(
    Knobs,
    sizes=st.lists(SIZES, min_size=1, max_size=3).map(tuple),
    repeats=st.sampled_from(((1, 1), (1, 1), (1, 2), (2, 1), (2, 2), (3, 3), (3, 1))),
    rates=st.sampled_from(
        (
            (1.0, 1.0),
            (0.95, 1.0),
            (1.0, 0.95),
            (0.9, 0.9),
            (0.5, 0.7),
            (0.8, 0.5),
            (0.04, 0.04),
            (0.04, 0.01),
        )
    ),
    agreement=st.sampled_from((0.0, 0.5, 0.9, 1.0)),
    cluster_size=st.sampled_from((1, 1, 1, 2, 3)),
    lost=st.sampled_from((0.0, 0.0, 0.03, 0.2)),
    zero_tolerance=st.sampled_from((0.0, 0.0, 0.05, 0.3)),
    twins=st.sampled_from((0.0, 0.0, 0.2)),
)
COMPLETE = KNOBS.map(lambda knobs: replace(knobs, lost=0.0))


def gates(subset: str, *, with_shift: bool = False) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for one gate class of a subset."""
    rules = {
        "margin": st.sampled_from((0.02, 0.05, 0.1, 0.2, 0.4)),
        "floor": st.sampled_from((0.3, 0.6, 0.9)),
        "max_regressions": st.integers(0, 4),
        "max_failures": st.integers(0, 20),
        "min_cases": st.sampled_from((1, 8, 25, 60)),
    }
    if with_shift:
        rules["max_shift"] = st.sampled_from((0.05, 0.2, 0.4))
    authority = st.sampled_from(("block", "rollback_trigger", "conditional", "signal"))
    on_failure = st.sampled_from(([], [{"rollout_percent": 5}]))

    def build(authority: str, rules: dict[str, Any], terms: list[Any]) -> dict[str, Any]:
        lifted = {"on_failure": terms} if authority == "conditional" else {}
        return {"subset": subset, "authority": authority} | rules | lifted

    return st.builds(build, authority, st.fixed_dictionaries({}, optional=rules), on_failure)


@st.composite
def worlds(
    draw: st.DrawFn, knobs: st.SearchStrategy[Knobs] = KNOBS, *, with_shift: bool = False
) -> World:
    """Draw a world; Hypothesis chooses its shape, a seed that it draws fills in the replies."""
    made = draw(knobs)
    names = subset_names(len(made.sizes))
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    subsets = {
        name: _cases(name, size, made, chance) for name, size in zip(names, made.sizes, strict=True)
    }
    asked = [
        gate
        for name in names
        for gate in draw(st.lists(gates(name, with_shift=with_shift), min_size=0, max_size=2))
    ]
    required = [name for name in names if draw(st.booleans())] or names[:1]
    manifest = a_manifest(
        asked or [draw(gates(names[0], with_shift=with_shift))],
        required,
        limits={"max_missing": draw(st.sampled_from((0.0, 0.0, 0.1, 0.5)))},
        confidence=draw(st.sampled_from((0.95, 0.95, 0.8, 0.99))),
    )
    previous, candidate = _replies(subsets, made, chance)
    return World(subsets, previous, candidate, manifest)


def _cases(name: str, size: int, knobs: Knobs, chance: np.random.Generator) -> list[Case]:
    return [
        a_case(
            f"{name}-{number}",
            input=f"{name} {number - (number > 0 and chance.random() < knobs.twins)}",
            cluster=f"{name}-{number // knobs.cluster_size}" if knobs.cluster_size > 1 else None,
            zero_tolerance=bool(chance.random() < knobs.zero_tolerance),
            slices={"kind": "odd" if number % 2 else "even", "size": str(number % 3)},
        )
        for number in range(size)
    ]


def _replies(
    subsets: dict[str, list[Case]], knobs: Knobs, chance: np.random.Generator
) -> tuple[tuple[Reply, ...], tuple[Reply, ...]]:
    arms: tuple[list[Reply], list[Reply]] = ([], [])
    for case in [case for cases in subsets.values() for case in cases]:
        shared = chance.random() < knobs.agreement
        luck = chance.random()
        for arm, rate, repeats in zip(arms, knobs.rates, knobs.repeats, strict=True):
            for repeat in range(repeats):
                passed = bool((luck if shared else chance.random()) < rate)
                fate = chance.random()
                if fate >= knobs.lost:
                    arm.append(a_reply(case.id, passed, repeat))
                elif fate >= knobs.lost / 2:
                    arm.append(an_error(case.id, repeat))
    return tuple(arms[0]), tuple(arms[1])
