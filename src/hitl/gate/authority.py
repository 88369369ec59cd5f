"""What each subset's rules say together, authority by authority."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from hitl.document.schema import Json
from hitl.gate.corrected import corrected_rules
from hitl.gate.forecast_rules import forecast_rules
from hitl.gate.metric_rules import metric_rules
from hitl.gate.rules import ZERO_TOLERANCE, RuleResult, Terms, absence, rate_rules
from hitl.gate.verdict_words import State
from hitl.manifest.forecast import FORECAST
from hitl.manifest.gate_class import Authority, GateClass
from hitl.recalibrate.forecast.parts import Forecast
from hitl.score.judge.corrected import CorrectedDifference
from hitl.score.measures import Chance, MeasureColumns
from hitl.score.subset import SubsetScore
from hitl.stats.multiple import benjamini_hochberg, holm

STRENGTH = (Authority.BLOCK, Authority.ROLLBACK_TRIGGER, Authority.CONDITIONAL, Authority.SIGNAL)
"""From the strongest authority to the weakest."""

_FAMILIES = {Authority.CONDITIONAL: "conditional", Authority.SIGNAL: "signal"}
"""Claims that are corrected together; every other authority can stop a release."""

_GRAVITY = (State.FAIL, State.UNMEASURED, State.UNDECIDED, State.PASS)


@dataclass(frozen=True, slots=True)
class GateResult:
    """What one authority says about one subset, or about the forecast."""

    subset: str
    authority: Authority
    state: State
    reason: str
    """Every rule that led to the state."""
    summary: str
    """The first of them."""
    rules: tuple[RuleResult, ...]
    on_failure: tuple[dict[str, Json], ...]
    is_required: bool
    is_absent: bool
    """Whether the subset has nothing that could be judged."""
    is_lifted: bool
    """Whether stated conditions cover everything that did not pass."""
    classes: tuple[GateClass, ...] = ()
    """The gate classes that were applied, default rules and unwritten classes included."""
    p_worse: float | None = None
    """One-sided p-value of "worse", corrected over the subsets of its family."""


@dataclass(frozen=True, slots=True)
class GateContext:
    """What all gate classes of a release are judged with."""

    confidence: float
    max_missing: float
    required: frozenset[str]
    columns: Mapping[tuple[str, str], MeasureColumns]
    """Case means of each metric that a gate class names, by (subset, metric)."""
    chance: Chance
    corrected: Mapping[str, CorrectedDifference] = field(default_factory=dict)
    """Differences of judged subsets by what people said, by subset, where the release names labels."""
    forecast: Forecast | None = None
    """What reviewers would face; None where the release names no baseline."""


def judge(
    gates: Sequence[GateClass], scores: Mapping[str, SubsetScore], context: GateContext
) -> tuple[GateResult, ...]:
    """Apply every gate class; a subset gets one result for each authority that it has, and so does the forecast.

    A required subset without a gate class blocks by the default rule; a subset that is neither
    required nor named is measured as a signal.
    """
    graded = frozenset(name for name, score in scores.items() if score.candidate.n_replies)
    classes = [*gates, *implied_classes(gates, scores, context.required, graded)]
    worse = corrected_p_values(classes, scores)
    # A class without a subset is about the traffic, and comes after those on cases.
    place = {name: number for number, name in enumerate((*scores, FORECAST))}
    ordered = sorted(classes, key=lambda gate: (STRENGTH.index(gate.authority), place[gate.subset]))
    return tuple(
        _judge(
            subset,
            authority,
            [gate.effective() for gate in members],
            scores.get(subset),
            worse,
            context,
        )
        for (subset, authority), members in groupby(
            ordered, key=lambda gate: (gate.subset, gate.authority)
        )
    )


def corrected_p_values(
    gates: Sequence[GateClass], scores: Mapping[str, SubsetScore]
) -> dict[tuple[str, Authority], float]:
    """Return the one-sided p-value of "worse" for each subset and authority, corrected within its family.

    Clearing a release needs every subset to pass, which needs no correction. Declaring a
    regression in any of them is a union: Holm over the subsets that can stop or revert the
    release, then Holm over the conditional ones; signals are ranked by Benjamini-Hochberg.
    """
    members: dict[str, dict[str, list[Authority]]] = {"stop": {}, "conditional": {}, "signal": {}}
    for gate in gates:
        if _reads_worse(gate) and scores[gate.subset].comparison.p_worse is not None:
            family = members[_FAMILIES.get(gate.authority, "stop")]
            family.setdefault(gate.subset, []).append(gate.authority)
    corrected: dict[tuple[str, Authority], float] = {}
    for name, family in members.items():
        raw = [p for subset in family if (p := scores[subset].comparison.p_worse) is not None]
        adjusted = benjamini_hochberg(raw) if name == "signal" else holm(raw)
        for (subset, authorities), p_worse in zip(family.items(), adjusted, strict=True):
            corrected.update({(subset, authority): p_worse for authority in authorities})
    return corrected


def _reads_worse(gate: GateClass) -> bool:
    return gate.effective().margin is not None


def implied_classes(
    gates: Sequence[GateClass],
    subsets: Iterable[str],
    required: frozenset[str],
    graded: frozenset[str],
) -> list[GateClass]:
    """Return the gate classes that a release does not write down.

    A subset without any is a signal, or a block if it is required. A required subset whose
    replies are graded while all its classes read a metric only keeps the default margin, under
    the strongest authority that it has: else every reply could fail and nothing would be read.
    """
    implied = []
    for name in subsets:
        own = [gate for gate in gates if gate.subset == name]
        if not own:
            authority = Authority.BLOCK if name in required else Authority.SIGNAL
            implied.append(GateClass(subset=name, authority=authority))
        elif name in required & graded and not any(map(reads_rate, own)):
            authority = min((gate.authority for gate in own), key=STRENGTH.index)
            implied.append(GateClass(subset=name, authority=authority))
    return implied


def reads_rate(gate: GateClass) -> bool:
    """Say whether a gate class reads the pass rate of its subset, by a rule of its own or by default."""
    rules = (gate.margin, gate.max_shift, gate.floor, gate.max_regressions, gate.max_failures)
    return gate.metric is None or any(rule is not None for rule in rules)


def _judge(
    subset: str,
    authority: Authority,
    gates: Sequence[GateClass],
    score: SubsetScore | None,
    worse: Mapping[tuple[str, Authority], float],
    context: GateContext,
) -> GateResult:
    terms = Terms(
        authority, context.confidence, context.max_missing, worse.get((subset, authority))
    )
    rules: dict[tuple[str, float | None], RuleResult] = {}
    is_rated, is_lifted = False, True
    conditions: list[dict[str, Json]] = []
    for gate in gates:
        found = rate_rules(gate, score, terms) if score is not None else []
        is_rated |= bool(found)
        found += _other_rules(gate, terms, context)
        rules.update({(rule.rule, rule.limit): rule for rule in found})
        is_lifted &= all(_may_be_lifted(rule, gate) for rule in found)
        if any(rule.state is not State.PASS for rule in found):
            conditions += gate.on_failure
    results = tuple(rules.values())
    state = worst(rule.state for rule in results)
    leading = [f"{rule.rule}: {rule.message}" for rule in results if rule.state is state]
    return GateResult(
        subset=subset,
        authority=authority,
        state=state,
        reason="; ".join(leading),
        summary=leading[0] if leading else "nothing was asked",
        rules=results,
        on_failure=tuple(conditions),
        classes=tuple(gates),
        p_worse=terms.p_worse,
        is_required=subset in context.required,
        is_absent=_is_absent(score, context) and (is_rated or state is State.UNMEASURED),
        is_lifted=is_lifted,
    )


def _other_rules(gate: GateClass, terms: Terms, context: GateContext) -> list[RuleResult]:
    """Apply the rules that read anything but how cases passed."""
    found = list(corrected_rules(gate, context.corrected.get(gate.subset), terms))
    if gate.is_forecast:
        return found + forecast_rules(gate, context.forecast, terms)
    if gate.metric is not None:
        columns = context.columns[gate.subset, gate.metric]
        return found + metric_rules(gate, columns, terms, context.chance)
    return found


def _is_absent(score: SubsetScore | None, context: GateContext) -> bool:
    return score is not None and absence(score, context.max_missing) is not None


def _may_be_lifted(rule: RuleResult, gate: GateClass) -> bool:
    """Say whether a rule passes, or the conditions of its own class cover what it found.

    No condition stands in for a measurement: a rule that is unmeasured, or that could not have
    passed at this size, is not covered, nor is a broken zero-tolerance floor. Else a worse
    candidate could turn "too few cases" into a failure that ships.
    """
    if rule.state is State.PASS:
        return True
    is_broken_floor = rule.rule == ZERO_TOLERANCE and rule.state is State.FAIL
    is_measured = rule.state is not State.UNMEASURED and not rule.is_short
    return bool(gate.on_failure) and is_measured and not is_broken_floor


def worst(states: Iterable[State]) -> State:
    """Return the gravest state: a failure outweighs a lack of data, and that an open question.

    Nothing at all is unmeasured: absence never passes.
    """
    found = set(states)
    return next((state for state in _GRAVITY if state in found), State.UNMEASURED)
