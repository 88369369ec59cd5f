"""Thresholds that the reviewers can carry: more runs alone, where that does the least harm, until the queues hold."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import floor, inf

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression

from hitl.policy.action import Thresholds
from hitl.policy.schema import Policy
from hitl.recalibrate.scores import GRAIN
from hitl.stats.counts import Numbers

MOST_STEPS = 25
"""Steps by which a threshold is lowered, for each action type."""
_NOTHING = 1e-12


@dataclass(frozen=True)
class Routes:
    """Where replies go under one policy, one entry a reply."""

    pool: npt.NDArray[np.int64]
    seen: Numbers
    """Chance that a person of the pool sees it."""
    alone: Numbers
    """1 where it runs before anybody sees it."""


@dataclass(frozen=True)
class Candidates:
    """Replies of the candidate, and what would become of them if their confidence were enough."""

    action_type: Sequence[str | None]
    confidence: Numbers
    """NaN where there is none; such replies never run alone."""
    hourly: Numbers
    """Decisions an hour that each reply stands for, by hour of the week: replies by 168."""
    wrong: Numbers
    now: Routes
    enough: Routes
    """The same if every confidence reached `auto`."""


@dataclass(frozen=True)
class Load:
    """What pools have to look at, and what they can."""

    hourly: Numbers
    """Decisions an hour, pools by 168."""
    limits: Numbers
    """Most decisions an hour that each pool carries within its SLA; infinite where nobody can say."""

    @property
    def over(self) -> list[int]:
        """Pools that have more to look at, in some hour, than they carry."""
        return np.flatnonzero(self.hourly.max(axis=1) > self.limits * (1.0 + 1e-9)).tolist()


@dataclass(frozen=True)
class Held:
    """Thresholds under which the pools keep their SLA, as far as they can."""

    thresholds: Mapping[str, float]
    """`auto` of the action types that would run alone more often."""
    over: tuple[int, ...]
    """Pools that do not keep it all the same."""
    was_over: tuple[int, ...]
    """Pools that do not keep it without any change."""


@dataclass(frozen=True)
class _Step:
    """Replies of one action type that would run alone if its threshold were lowered once more."""

    threshold: float
    harm: float
    """Expected misses an hour, in USD."""
    change: Numbers
    """Decisions an hour that each pool would see more; pools by 168."""


def hold(policy: Policy, found: Candidates, load: Load) -> Held:
    """Lower thresholds until no pool has more to look at, in any hour of the week, than it carries.

    Step by step, the type comes next whose expected harm is the least for each review that an overloaded pool is
    spared. Harm is the expected number of wrong decisions more that would run, times what one costs; where no type has
    a cost all cost the same. How often the candidate is wrong is made to fall as its confidence rises (isotonic
    regression), so that the luck of single replies does not choose the threshold.

    What cannot be undone and what is critical goes to a person whatever its confidence, so no step touches it. Nor does
    any touch a type that never runs alone: the policy, or a recalibration that proved nothing of it, says so.

    Args:
        policy: the policy whose thresholds are lowered.
        found: the candidate's replies.
        load: of the pools under that policy, at the estimates.
    """
    steps = {name: _steps(policy, name, found, len(load.limits)) for name in _open_types(policy, found)}  # fmt: skip
    taken = dict.fromkeys(steps, 0)
    hourly = load.hourly.copy()
    while over := Load(hourly, load.limits).over:
        places = [(place, int(np.argmax(hourly[place]))) for place in over]
        name = _next(steps, taken, places)
        if name is None:
            break
        hourly += steps[name][taken[name]].change
        taken[name] += 1
    return Held(
        {name: steps[name][n - 1].threshold for name, n in taken.items() if n},
        tuple(Load(hourly, load.limits).over),
        tuple(load.over),
    )


def with_thresholds(policy: Policy, thresholds: Mapping[str, float]) -> Policy:
    """Return a policy with other values of `auto`; `review` is lowered where it would lie above."""
    types = {}
    for name, action in policy.action_types.items():
        if name in thresholds and action.thresholds is not None:
            auto = thresholds[name]
            limits = Thresholds(auto=auto, review=min(auto, action.thresholds.review))
            types[name] = action.model_copy(update={"thresholds": limits})
        else:
            types[name] = action
    return policy.model_copy(update={"action_types": types})


def _open_types(policy: Policy, found: Candidates) -> Iterator[str]:
    spoken = set(found.action_type)
    return (
        name
        for name, action in policy.action_types.items()
        if action.thresholds and action.thresholds.auto != "never" and name in spoken
    )


def _steps(policy: Policy, name: str, found: Candidates, n_pools: int) -> list[_Step]:
    """Return the steps by which the threshold of a type could fall, from high to low confidence."""
    thresholds = policy.action_types[name].thresholds
    auto = inf if thresholds is None else thresholds.auto_limit
    own = np.array([kind == name for kind in found.action_type]) & ~np.isnan(found.confidence)
    wrong = _smoothed(found, np.flatnonzero(own))
    below = np.flatnonzero(own & (found.confidence < auto))
    below = below[np.argsort(-found.confidence[below], kind="stable")]
    cost = _cost(policy, name)
    return [_step(found, rows, wrong, cost, n_pools) for rows in _blocks(found, below)]


def _smoothed(found: Candidates, own: npt.NDArray[np.int64]) -> Numbers:
    """Return how often each reply of a type is wrong, never rarer where the confidence is lower."""
    rates = found.wrong.copy()
    if len(own):
        order = own[np.argsort(-found.confidence[own], kind="stable")]
        weights = np.maximum(found.hourly[order].sum(axis=1), _NOTHING)
        rates[order] = isotonic_regression(found.wrong[order], weights=weights).x
    return rates


def _blocks(found: Candidates, ordered: npt.NDArray[np.int64]) -> Iterator[npt.NDArray[np.int64]]:
    """Cut replies, from high to low confidence, into about as many each; equal confidences stay together."""
    if not len(ordered):
        return
    values = found.confidence[ordered]
    ends = np.append(np.flatnonzero(np.diff(values) < 0) + 1, len(ordered))
    least = -(-len(ordered) // MOST_STEPS)
    start = 0
    for end in ends.tolist():
        if end - start >= least or end == len(ordered):
            yield ordered[start:end]
            start = end


def _step(
    found: Candidates, rows: npt.NDArray[np.int64], wrong: Numbers, cost: float, n_pools: int
) -> _Step:
    change = np.zeros((n_pools, found.hourly.shape[1]))
    np.subtract.at(change, found.now.pool[rows], found.hourly[rows] * found.now.seen[rows, None])
    np.add.at(change, found.enough.pool[rows], found.hourly[rows] * found.enough.seen[rows, None])
    more = np.maximum(0.0, found.enough.alone[rows] - found.now.alone[rows])
    missed = float((found.hourly[rows].sum(axis=1) * more * wrong[rows]).sum())
    return _Step(_below(float(found.confidence[rows].min())), missed * cost, change)


def _below(confidence: float) -> float:
    """Return the largest whole ten-thousandth that a confidence reaches."""
    score = floor(confidence * GRAIN) + 1
    while score / GRAIN > confidence:
        score -= 1
    return score / GRAIN


def _cost(policy: Policy, name: str) -> float:
    known = [one.error_cost_usd for one in policy.action_types.values() if one.error_cost_usd]
    own = policy.action_types[name].error_cost_usd
    # A type without a cost is taken as dear as the dearest: nobody said that it is cheap.
    return own if own is not None else max(known, default=1.0)


def _next(
    steps: Mapping[str, Sequence[_Step]], taken: Mapping[str, int], places: Sequence[tuple[int, int]]
) -> str | None:  # fmt: skip
    """Return the type whose next steps spare the overloaded pools a review at the least harm; None if none spares any."""
    best, least = None, inf
    for name, of_type in steps.items():
        harm = spared = 0.0
        for step in of_type[taken[name] :]:
            harm += step.harm
            spared -= sum(float(step.change[place]) for place in places)
            if spared > _NOTHING and harm / spared < least:
                best, least = name, harm / spared
    return best
