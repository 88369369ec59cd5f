"""What the reader of a recalibration should know before trusting it."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from hitl.decisions.measures.measured import percent
from hitl.policy.schema import Policy
from hitl.recalibrate.course import course_notes
from hitl.recalibrate.reasons import limit_text
from hitl.recalibrate.scores import Days, Scores
from hitl.recalibrate.terms import Ask, Terms
from hitl.recalibrate.words import ErrorsBy

_DAY_S = 86_400
_FEW = 20
_NEARLY_ALL = 0.95


def notes_on(
    scores: Scores, model: str | None, policy: Policy, terms: Terms, ask: Ask
) -> Iterator[str]:  # fmt: skip
    """Yield what limits a recalibration, the most serious first.

    Args:
        scores: the counts of the log.
        model: whose decisions.
        policy: the policy that they were read under.
        terms: what each test had to hold.
        ask: what was to be promised.
    """
    mine = scores.table.where(model=model)
    yield from _detection(scores, terms)
    if scores.n_copies:
        yield f"{scores.n_copies:,} rows have the time, model, type and confidence of another one under another id, so they count as the same decision: once, and as wrong if any of its rows says so; if they are different decisions, write their times more finely"
    yield from course_notes(scores.courses, model, list(policy.action_types))
    yield from _age(scores.days.get(model), ask)
    yield from _one_reviewer(scores, model)
    yield from _statements(scores, ask)
    if scores.lacking:
        yield f"the log has no field for {', '.join(scores.lacking)}: such rules count as holding unless they were set aside, so fewer decisions could run alone here than in production, or other ones"
    untyped = mine.where(action_type=None).n
    if untyped:
        yield f"{untyped:,} of {mine.n:,} decisions name no action type (`action_type`); a person decides those first"
    unknown = mine.n - untyped - mine.where(action_type=list(policy.action_types)).n
    if unknown:
        yield f"{unknown:,} of {mine.n:,} decisions are of a type that the policy does not name; a person decides those first"
    if policy.calibrator is not None:
        yield f"confidence went through the calibrator of {policy.calibrator.model}, and thresholds are for what that gives; the confidence of any other model is not usable; if these are the decisions that it was fitted on, what is said here of its calibration is too good"
    if mine.n and not scores.days:
        yield "no decision has a time, so nothing is said by the week, and nobody can see whether the decisions are recent"
    yield from _chances(ask)
    yield f"a threshold holds for decisions like these, each taken as independent of the others{_part(terms, ask)}; it ends after {ask.valid_days} days, or earlier if the traffic changes"


def _statements(scores: Scores, ask: Ask) -> Iterator[str]:
    """Say what stands on the word of somebody."""
    if ask.random_labels:
        yield "that labels are a random sample of the decisions was stated, and cannot be seen from the log; the promise stands on it"
    if scores.errors_by is ErrorsBy.OVERRIDE:
        yield "an error is here what a person modified or rejected, whether or not the person was right; what was escalated or timed out counts as wrong where it should have a label"


def _age(days: Days | None, ask: Ask) -> Iterator[str]:
    """Say that even the newest decision is old."""
    if days is None:
        return
    if int(ask.at.timestamp()) // _DAY_S - days.last > ask.valid_days:
        newest = datetime.fromtimestamp(days.last * _DAY_S, UTC)
        yield f"THE LOG IS OLD: its newest decision is of {newest:%Y-%m-%d}, longer ago than certificates stand; whether the traffic is still like that nobody can see here"


def _one_reviewer(scores: Scores, model: str | None) -> Iterator[str]:
    """Say that nearly all that people looked at was looked at by one."""
    people: Counter[str] = Counter()
    for (whose, _, person), n in scores.raters.items():
        if whose == model:
            people[person] += n
    total = people.total()
    if total >= _FEW and (top := people.most_common(1)[0][1]) >= _NEARLY_ALL * total:
        yield f"one person made {top:,} of the {total:,} reviews of this model's decisions: what that person takes for right counts as right"


def _chances(ask: Ask) -> Iterator[str]:
    """Say what becomes of the chance where thresholds were fitted before."""
    if ask.round > 1 and not ask.spends:
        own, added = limit_text(ask.delta), limit_text(min(1.0, ask.round * ask.delta))
        yield f"each recalibration has its own chance of {own} that its promise does not hold; this is number {ask.round:,} of these thresholds, so over all of them it may add up to {added}; --spend keeps one chance for all"


def _part(terms: Terms, ask: Ask) -> str:
    if not ask.spends:
        return ""
    return f": tested at {terms.delta_spent:.2g} of {ask.delta:g} because later recalibrations need the rest"


def _detection(scores: Scores, terms: Terms) -> Iterator[str]:
    planted = scores.planted
    if not planted.n:
        return
    seen = f"people noticed {planted.caught:,} of {planted.n:,} planted errors"
    if terms.detection < 1.0:
        yield f"LABELS MISS ERRORS: {seen}, so they may find no more than {percent(terms.detection)} of all; rates and limits are divided by that, and a threshold needs errors found in at most {limit_text(terms.tested)} to prove {limit_text(terms.target)}"
    else:
        yield f"{seen}: labels are taken as they are"
