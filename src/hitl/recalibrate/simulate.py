"""How often would a rule break its promise on curves like this one, and what would more labels buy?"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression

from hitl.decisions.counts import Integers
from hitl.policy.schema import Policy
from hitl.recalibrate.closed import closed_types
from hitl.recalibrate.ladder import Ladder
from hitl.recalibrate.parts import Simulated, Simulation
from hitl.recalibrate.recalibration import family_of, finding_of
from hitl.recalibrate.scores import Scores
from hitl.recalibrate.terms import Ask, Terms
from hitl.stats.fixed_sequence import Steps
from hitl.stats.proportion import exact_interval
from hitl.stats.selective import Rule, choose

RUNS = 400
MULTIPLES = (0.5, 1.0, 2.0, 4.0)
"""Of the labels that there are."""
_CONFIDENCE = 0.95
_CURVE = "error by confidence from the labels, weighted by their chance and made to fall as confidence rises; taken as the truth, with labels drawn at random from all decisions (weighted labels count for as many as would say the same)"

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """A risk curve that is taken as the truth."""

    shares: Numbers
    """Share of the decisions in each cell of confidence, from high to low; they add up to 1."""
    errors: Numbers
    """Error rate in each cell."""

    @property
    def coverage(self) -> Numbers:
        """Share of the decisions at or above each cell."""
        return np.minimum(1.0, np.cumsum(self.shares))

    @property
    def risk(self) -> Numbers:
        """Error rate at or above each cell."""
        found: Numbers = np.cumsum(self.shares * self.errors) / np.cumsum(self.shares)
        return found

    def best(self, target: float) -> float:
        """Return the largest share that could run alone within a target."""
        return float(self.coverage[self.risk <= target].max(initial=0.0))


def simulations(
    scores: Scores, policy: Policy, ask: Ask, model: str | None, rng: np.random.Generator
) -> tuple[Simulation, ...]:
    """Return what each rule would do on the curve of each action type that has labels.

    Args:
        scores: the counts of a log.
        policy: the policy that they were read under.
        ask: what is to be promised.
        model: whose decisions.
        rng: where chance comes from.
    """
    closed = closed_types(policy)
    terms = Terms.of(ask, family_of(scores, policy, model), scores.planted)
    found = []
    for name in policy.action_types:
        finding = finding_of(scores, policy, name, model, terms, closed.get(name, ""))
        curve = curve_of(finding.ladder) if finding.ladder is not None else None
        if finding.ladder is not None and curve is not None and terms.tested > 0.0:
            labels = int(finding.ladder.effective()[-1]) or finding.n_labelled
            lines = simulate(curve, labels, terms, rng)
            found.append(Simulation(action_type=name, curve=_CURVE, lines=lines))
    return tuple(found)


def curve_of(ladder: Ladder) -> Curve | None:
    """Return the risk curve that labels suggest; None where they speak for nothing.

    Cells without a label take the rate between those of their neighbours.
    """
    if ladder.labelling.refusal:
        return None
    sizes, labels, errors = (
        np.diff(of, axis=1, prepend=0) for of in (ladder.sizes, ladder.labelled, ladder.errors)
    )
    weight = np.divide(sizes, labels, out=np.zeros(sizes.shape), where=labels > 0)
    known, wrong = (weight * labels).sum(axis=0), (weight * errors).sum(axis=0)
    spoken = known > 0
    if not spoken.any():
        return None
    fitted = isotonic_regression(wrong[spoken] / known[spoken], weights=known[spoken]).x
    cells = np.arange(len(known))
    rates = np.interp(cells, cells[spoken], fitted)
    rows = sizes.sum(axis=0)
    return Curve(rows[rows > 0] / rows.sum(), rates[rows > 0])


def simulate(
    curve: Curve, n_labelled: int, terms: Terms, rng: np.random.Generator, runs: int = RUNS
) -> tuple[Simulated, ...]:
    """Return what becomes of each rule with half as many labels, as many, twice and four times.

    Every rule sees the same draws.
    """
    found = []
    for multiple in MULTIPLES:
        n = max(1, round(multiple * n_labelled))
        sizes, errors = _drawn(curve, n, runs, rng)
        for rule in Rule:
            chosen = np.array(
                [_chosen(rule, *one, terms) for one in zip(sizes, errors, strict=True)]
            )
            found.append(_line(rule, n, curve, chosen, terms))
    return tuple(found)


def _drawn(curve: Curve, n: int, runs: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
    """Draw labelled decisions by cell; a run a row."""
    sizes = rng.multinomial(n, curve.shares / curve.shares.sum(), size=runs)
    return sizes, rng.binomial(sizes, curve.errors)


def _chosen(rule: Rule, sizes: Integers, errors: Integers, terms: Terms) -> int:
    """Return the cell that a rule chooses; -1 for none."""
    grid = np.arange(len(sizes))
    steps = Steps.cumulated(sizes, sizes, errors, grid)
    found = choose(rule, steps, terms.tested, terms.delta)
    return -1 if found is None else found


def _line(rule: Rule, n: int, curve: Curve, chosen: Integers, terms: Terms) -> Simulated:
    some, runs = chosen >= 0, len(chosen)
    broken = int((some & (curve.risk[chosen] > terms.tested)).sum())
    limits = exact_interval(broken, runs, _CONFIDENCE)
    return Simulated(
        rule=str(rule),
        n=n,
        runs=runs,
        broken=broken / runs,
        broken_low=limits.low,
        broken_high=limits.high,
        certified=float(some.mean()),
        autonomy=float(np.where(some, curve.coverage[chosen], 0.0).mean()),
        best=curve.best(terms.tested),
    )
