"""What people look at: what must be looked at for sure, the rest by chance, each with a chance that is known.

Nothing here reads an output: the choice is the same whichever arm is which, and in whatever order candidates come.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor

import numpy as np

from hitl.errors import UsageError
from hitl.review.candidate import Candidate
from hitl.review.parts import SampleDesign
from hitl.review.words import Scope
from hitl.review.worth import spread_order, worths
from hitl.stats.draw import inclusion_probabilities, systematic_draw

LEAST_SAMPLE = 20
"""Items without a scope that are drawn where nobody limits the work, if there are so many."""
SAMPLE_SHARE = 0.2
"""Share of them that is drawn, if that is more."""
REST_SHARE = 0.1
"""Share of a budget that what has no scope must be left, so that it can be drawn at all."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How much people can look at; without either limit, what needs it and a sample of the rest."""

    items: int | None
    """Most items."""
    minutes: float | None
    """Most minutes of all raters together."""
    seconds_per_item: float
    """What one look of one rater is taken to last."""
    raters: int
    """Raters of each item."""

    def n(self) -> int | None:
        """Return the most items that fit both limits; None without a limit.

        Raises:
            UsageError: not one fits.
        """
        most: list[int] = [] if self.items is None else [self.items]
        if self.minutes is not None:
            work = self.seconds_per_item * self.raters
            most.append(floor(self.minutes * 60.0 / work + 1e-9) if work > 0.0 else 0)
        if not most:
            return None
        if min(most) < 1:
            raise UsageError(
                f"the budget allows no item: one takes {self.seconds_per_item * self.raters / 60.0:g} minutes "
                f"({self.raters} raters of {self.seconds_per_item:g} s); allow more minutes or items, or fewer raters"
            )
        return min(most)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen, in the order of case ids, each with the chance with which it was."""

    items: tuple[tuple[Candidate, float], ...]
    design: SampleDesign
    population: Mapping[str, int]
    """Candidates that could have been chosen, by subset: what the sample speaks for."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """Who can be chosen, who is for sure, how many in all, and that in words."""

    pool: Sequence[Candidate]
    is_certain: Sequence[bool]
    n: int
    words: str


def choose(
    candidates: Sequence[Candidate], budget: Budget, rng: np.random.Generator, seed: int
) -> Chosen:
    """Choose what people look at.

    Without a limit: everything with a scope, and of the rest 20 or a fifth, whatever is more. With one, by the first
    of these that fits: everything with a scope for sure and the rest by chance, where a tenth of the budget is left
    for the rest; what an expectation wants judged for sure and all others by chance; all by chance, and the method
    says how many that should be judged are not. Chance is in proportion to `worths`, and never below a tenth of what
    it would be if all had the same: no weight is more than ten times the usual one.

    Args:
        candidates: as they are shown or before; only what is the same for both arms is read.
        budget: limits, if any.
        rng: seeded with `seed`.
        seed: what the design says.

    Raises:
        UsageError: the budget allows no item.
    """
    found = sorted(
        (one for one in candidates if one.outputs), key=lambda one: (one.case_id, one.repeat)
    )
    plan = _planned(found, budget.n())
    certain = np.array(plan.is_certain, dtype=bool)
    sizes = worths(plan.pool, certain)
    chances = inclusion_probabilities(sizes, plan.n, certain)
    drawn = systematic_draw(chances, spread_order(plan.pool, rng), rng)
    items = tuple((_named(plan.pool[at]), min(1.0, float(chances[at]))) for at in drawn)
    n_certain = int(np.count_nonzero(chances >= 1.0))
    design = SampleDesign(
        n_population=len(plan.pool),
        n_certain=n_certain,
        n_drawn=len(items) - n_certain,
        n_qualification=0,
        budget_items=budget.items,
        budget_minutes=budget.minutes,
        seconds_per_item=budget.seconds_per_item,
        seed=seed,
        method=_missed(plan.pool, items)
        + plan.words
        + _without_outputs(len(candidates) - len(found)),
    )
    return Chosen(items, design, dict(sorted(Counter(one.subset for one in plan.pool).items())))


def _planned(found: Sequence[Candidate], limit: int | None) -> _Plan:
    scoped = [bool(one.scopes) for one in found]
    judged = [Scope.JUDGED in one.scopes for one in found]
    n, n_scoped, n_judged = len(found), sum(scoped), sum(judged)
    rest = n - n_scoped
    if limit is None:
        sample = min(rest, max(LEAST_SAMPLE, ceil(SAMPLE_SHARE * rest)))
        return _Plan(found, scoped, n_scoped + sample, _words(n_scoped, "with a scope", sample, rest))  # fmt: skip
    if limit >= n:
        return _Plan(found, [True] * n, n, f"all {n} items")
    if n_scoped + min(rest, ceil(REST_SHARE * limit)) <= limit:
        return _Plan(found, scoped, limit, _words(n_scoped, "with a scope", limit - n_scoped, rest))
    if n_judged < limit:
        return _Plan(found, judged, limit, _words(n_judged, "that are to be judged", limit - n_judged, n - n_judged))  # fmt: skip
    if n_judged == limit:
        pool = [one for one, is_judged in zip(found, judged, strict=True) if is_judged]
        words = f"all {n_judged} items that are to be judged for sure; the other {n - n_judged} could not be chosen, and nothing here speaks for them"
        return _Plan(pool, [True] * n_judged, n_judged, words)
    return _Plan(found, [False] * n, limit, _words(0, "", limit, n))


def _words(n_certain: int, which: str, n_drawn: int, n_others: int) -> str:
    sure = f"all {n_certain} items {which} for sure; " if n_certain else ""
    return (
        f"{sure}{n_drawn} of {n_others} by chance in proportion to uncertainty, impact and scope, spread over subsets "
        "and clusters (systematic draw)"
    )


def _missed(pool: Sequence[Candidate], items: Sequence[tuple[Candidate, float]]) -> str:
    n = sum(Scope.JUDGED in one.scopes for one in pool)
    missed = n - sum(Scope.JUDGED in one.scopes for one, _ in items)
    return (
        f"THE BUDGET IS TOO SMALL: {missed} of {n} items that are to be judged are not reviewed; "
        if missed
        else ""
    )


def _without_outputs(n: int) -> str:
    return f"; {n} items without an output of either arm cannot be reviewed" if n else ""


def _named(candidate: Candidate) -> Candidate:
    """Return a candidate that says why it is in the review, if chance alone is why."""
    return candidate if candidate.scopes else replace(candidate, scopes=frozenset({Scope.SAMPLE}))
