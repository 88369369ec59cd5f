"""The rules of a gate class, each applied to what a subset shows."""

from dataclasses import dataclass, replace

import numpy as np

from hitl.gate.verdict_words import State
from hitl.manifest.gate_class import Authority, GateClass
from hitl.score.pairs import FEWEST_CLUSTERS, rate_interval
from hitl.score.subset import SubsetScore
from hitl.stats.interval import Interval
from hitl.stats.power import cases_to_prove
from hitl.stats.proportion import cases_for_claim, upper_limit

ZERO_TOLERANCE = "zero_tolerance"
BARREN = 0.05
"""An arm that passes no larger share than this has nothing to lose."""


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule, applied: what was found, what was allowed, and what that means."""

    rule: str
    authority: Authority
    value: float | None
    limit: float | None
    state: State
    n: int
    low: float | None
    high: float | None
    message: str
    is_short: bool = False
    """Whether no reply could make the subset pass: too few cases, or nothing to lose."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the rules of one gate class are decided with."""

    authority: Authority
    confidence: float
    max_missing: float
    p_worse: float | None
    """One-sided p-value of "the candidate is worse", corrected over the subsets of this authority."""

    @property
    def level(self) -> float:
        """One-sided error of each decision."""
        return 1 - self.confidence


def rate_rules(gate: GateClass, score: SubsetScore, terms: Terms) -> list[RuleResult]:
    """Apply every rule of a gate class that reads the pass rate."""
    results = []
    if score.n_zero_tolerance:
        results.append(_zero_tolerance(score, terms))
    if gate.margin is not None:
        results.append(_margin(gate.margin, score, terms))
    if gate.max_shift is not None:
        results.append(_max_shift(gate.max_shift, score, terms))
    if gate.floor is not None:
        results.append(_floor(gate.floor, score, terms))
    if gate.max_regressions is not None:
        results.append(_count("max_regressions", score.n_worse, gate.max_regressions, score, terms))
    if gate.max_failures is not None:
        failures = score.n_failed
        results.append(_count("max_failures", failures, gate.max_failures, score, terms))
    if gate.min_cases is not None:
        results.append(_min_cases(gate.min_cases, score, terms))
    return results


def absence(score: SubsetScore, max_missing: float) -> str | None:
    """Say why a subset's pass rate cannot be judged at all, or None if it can."""
    if score.n_cases == 0:
        return "no case"
    if score.previous.n_replies == 0 or score.candidate.n_replies == 0:
        arm = "previous" if score.previous.n_replies == 0 else "candidate"
        return f"the {arm} arm has no reply that could be graded (n = {score.n_cases} cases)"
    if score.missing_share > max_missing:
        n, of = len(score.missing_cases), score.n_cases
        return f"{n} of {of} cases lack a usable reply ({n / of:.1%}; allowed {max_missing:.1%})"
    return None


def barren(score: SubsetScore, confidence: float) -> str | None:
    """Say so when neither arm passes enough cases for a regression to show; None otherwise.

    A previous arm that passes next to nothing has nothing to lose: any candidate, even one that
    passes nothing at all, would clear a margin. It is more often the checks that are broken.
    Only passes that were seen count, so that a lost reply gives the previous arm nothing to lose.
    """
    after = rate_interval(score.candidate.shares, score.pairs.lineage, 2 * confidence - 1)
    if after is None:
        return None
    before = float(np.mean(score.previous.passes)) / max(score.previous.repeats, 1)
    if before > BARREN or after.low > BARREN:
        return None
    return (
        f"the previous arm passes {before:.1%} of n = {score.n_cases} cases and the candidate at least "
        f"{after.low:.1%}: where neither passes, no regression can show; mend the checks, or state a floor"
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """One rule about to be applied."""

    rule: str
    limit: float
    score: SubsetScore
    terms: Terms
    needed: int = 0
    """Independent cases below which it cannot pass."""

    def result(
        self,
        state: State,
        message: str,
        value: float | None = None,
        interval: Interval | None = None,
    ) -> RuleResult:
        low, high = (interval.low, interval.high) if interval else (None, None)
        n = self.score.n_zero_tolerance if self.rule == ZERO_TOLERANCE else self.score.n_cases
        is_short = state is not State.PASS and self.n_clusters < self.needed
        return RuleResult(
            self.rule,
            self.terms.authority,
            value,
            self.limit,
            state,
            n,
            low,
            high,
            message,
            is_short,
        )

    def unmeasured(self, problem: str) -> RuleResult:
        return self.result(State.UNMEASURED, f"not measured: {problem}")

    @property
    def absence(self) -> str | None:
        return absence(self.score, self.terms.max_missing)

    @property
    def n_clusters(self) -> int:
        return self.score.comparison.n_clusters


def _margin(margin: float, score: SubsetScore, terms: Terms) -> RuleResult:
    needed = cases_to_prove(margin, terms.confidence).exact
    asked = _Asked("margin", -margin, score, terms, needed)
    decision = score.comparison.decision
    if asked.absence:
        return asked.unmeasured(asked.absence)
    if decision is None:
        return asked.unmeasured(_few_clusters(score))
    nothing = barren(score, terms.confidence)
    seen = f"difference {_points(decision.estimate)}, at least {_points(decision.low)} at {terms.confidence * 100:g}% (n = {score.n_cases})"
    if terms.p_worse is not None and terms.p_worse <= terms.level and decision.low < -margin:
        message = f"regressed: {seen}, limit {_points(-margin)}, p = {terms.p_worse:.2g}"
        failed = asked.result(State.FAIL, message, decision.low, decision)
        return replace(failed, is_short=failed.is_short or nothing is not None)
    if nothing:
        return asked.unmeasured(nothing)
    return _cleared(asked, decision, seen)


def _cleared(asked: _Asked, decision: Interval, seen: str) -> RuleResult:
    """Say whether a subset that did not regress is shown not to be worse than the margin."""
    p_better = asked.score.comparison.p_better
    is_better = p_better is not None and p_better <= asked.terms.level
    if decision.low > asked.limit and (is_better or asked.n_clusters >= asked.needed):
        worse = "; worse beyond chance, within the margin" if decision.high < 0 else ""
        message = f"not worse than the margin: {seen}, limit {_points(asked.limit)}{worse}"
        return asked.result(State.PASS, message, decision.low, decision)
    if asked.n_clusters < asked.needed:
        problem = f"{asked.n_clusters} independent cases cannot prove a margin of {-asked.limit:.1%}; {asked.needed} could"
        return asked.unmeasured(f"{problem} ({seen})")
    message = f"straddles the margin: {seen}, limit {_points(asked.limit)}; add cases or repeats"
    return asked.result(State.UNDECIDED, message, decision.low, decision)


def _max_shift(limit: float, score: SubsetScore, terms: Terms) -> RuleResult:
    needed = cases_to_prove(limit, terms.confidence).exact
    asked = _Asked("max_shift", limit, score, terms, needed)
    decision, p_value = score.comparison.decision, score.comparison.p_value
    if asked.absence:
        return asked.unmeasured(asked.absence)
    if score.missing_cases:
        lost = f"{len(score.missing_cases)} of {score.n_cases} cases lack a usable reply"
        return asked.unmeasured(f"{lost}, which could hide a shift either way")
    if decision is None:
        return asked.unmeasured(_few_clusters(score))
    seen = f"difference {_points(decision.estimate)} [{_points(decision.low)}, {_points(decision.high)}] (n = {score.n_cases})"
    largest = max(-decision.low, decision.high)
    if p_value is not None and p_value <= terms.level and largest > limit:
        message = f"moved: {seen}, allowed {limit:.1%} either way, p = {p_value:.2g}"
        return asked.result(State.FAIL, message, largest, decision)
    return _unmoved(asked, decision, largest, seen)


def _unmoved(asked: _Asked, decision: Interval, largest: float, seen: str) -> RuleResult:
    """Say whether a subset without a certain shift is shown to have moved by less than the limit."""
    if asked.n_clusters < asked.needed:
        problem = f"{asked.n_clusters} independent cases cannot prove a shift below {asked.limit:.1%}; {asked.needed} could"
        return asked.unmeasured(f"{problem} ({seen})")
    if largest < asked.limit:
        message = f"did not move: {seen}, allowed {asked.limit:.1%} either way"
        return asked.result(State.PASS, message, largest, decision)
    message = f"may have moved: {seen}, allowed {asked.limit:.1%} either way; add cases or repeats"
    return asked.result(State.UNDECIDED, message, largest, decision)


def _floor(floor: float, score: SubsetScore, terms: Terms) -> RuleResult:
    needed = cases_for_claim(0, 1 - floor, terms.confidence)
    asked = _Asked("floor", floor, score, terms, needed)
    limits = rate_interval(score.candidate.shares, score.pairs.lineage, 2 * terms.confidence - 1)
    if asked.absence or limits is None:
        return asked.unmeasured(asked.absence or "no case")
    seen = f"candidate {limits.estimate:.1%}, at least {limits.low:.1%} at {terms.confidence * 100:g}% (n = {score.n_cases})"
    if limits.low >= floor:
        return asked.result(
            State.PASS, f"above the floor: {seen}, floor {floor:.1%}", limits.low, limits
        )
    if limits.high < floor:
        message = f"below the floor: {seen}, floor {floor:.1%}"
        return asked.result(State.FAIL, message, limits.low, limits)
    if asked.n_clusters < needed:
        return asked.unmeasured(
            f"{limits.n} independent cases cannot prove {floor:.1%}; {needed} could ({seen})"
        )
    return asked.result(
        State.UNDECIDED, f"straddles the floor: {seen}, floor {floor:.1%}", limits.low, limits
    )


def _zero_tolerance(score: SubsetScore, terms: Terms) -> RuleResult:
    asked = _Asked(ZERO_TOLERANCE, 0, score, terms)
    n, broken = score.n_zero_tolerance, score.zero_tolerance_broken
    if broken:
        message = f"floor broken: the candidate failed {len(broken)} of {n} zero-tolerance cases: {', '.join(broken[:5])}"
        return asked.result(State.FAIL, message, len(broken))
    if asked.absence:
        return asked.unmeasured(asked.absence)
    if lost := score.zero_tolerance_missing:
        return asked.unmeasured(
            f"{len(lost)} of {n} zero-tolerance cases lack a usable reply: {', '.join(lost[:5])}"
        )
    proved = upper_limit(0, score.n_zero_clusters, terms.confidence)
    message = f"no failure in n = {n} zero-tolerance cases, which proves a failure rate below {proved:.1%}"
    return asked.result(State.PASS, message, 0)


def _count(rule: str, value: int, limit: int, score: SubsetScore, terms: Terms) -> RuleResult:
    asked = _Asked(rule, limit, score, terms)
    noun = "regressions" if rule == "max_regressions" else "failures"
    seen = f"{value} {noun} in n = {score.n_cases} cases, allowed {limit}"
    if asked.absence:
        return asked.unmeasured(f"{asked.absence} ({seen})")
    nothing = barren(score, terms.confidence) if rule == "max_regressions" else None
    if value > limit:
        failed = asked.result(State.FAIL, f"too many: {seen}", value)
        return replace(failed, is_short=nothing is not None)
    if nothing:
        return asked.unmeasured(f"{nothing} ({seen})")
    return asked.result(State.PASS, f"within the limit: {seen}", value)


def _min_cases(limit: int, score: SubsetScore, terms: Terms) -> RuleResult:
    asked = _Asked("min_cases", limit, score, terms)
    message = f"{asked.n_clusters} independent cases (n = {score.n_cases}), at least {limit} asked"
    if asked.absence:
        return asked.unmeasured(f"{asked.absence} ({message})")
    state = State.PASS if asked.n_clusters >= limit else State.UNMEASURED
    return asked.result(state, message, asked.n_clusters)


def _few_clusters(score: SubsetScore) -> str:
    return f"{score.comparison.n_clusters} independent clusters (n = {score.n_cases} cases); at least {FEWEST_CLUSTERS} are needed"


def _points(difference: float) -> str:
    return f"{difference * 100:+.1f} points"
