"""What the reader of a recalibration should know before trusting it."""

from collections.abc import Iterator

from hitl.decisions.counts import Table
from hitl.decisions.measures.measured import percent
from hitl.policy.schema import Policy
from hitl.recalibrate.reasons import limit_text
from hitl.recalibrate.scores import Scores
from hitl.recalibrate.terms import Ask, Terms
from hitl.recalibrate.words import ErrorsBy


def notes_on(
    scores: Scores, mine: Table, policy: Policy, terms: Terms, ask: Ask
) -> Iterator[str]:  # fmt: skip
    """Yield what limits a recalibration, the most serious first.

    Args:
        scores: the counts of the log.
        mine: the decisions of the model.
        policy: the policy that they were read under.
        terms: what each test had to hold.
        ask: what was to be promised.
    """
    yield from _detection(scores, terms)
    if ask.random_labels:
        yield "that labels are a random sample of the decisions was stated, and cannot be seen from the log; the promise stands on it"
    if scores.errors_by is ErrorsBy.OVERRIDE:
        yield "an error is here what a person modified or rejected, whether or not the person was right; what was escalated or timed out counts as wrong where it should have a label"
    if scores.lacking:
        yield f"the log has no field for {', '.join(scores.lacking)}: such rules count as holding unless they were set aside, so fewer decisions could run alone here than in production, or other ones"
    untyped = mine.where(action_type=None).n
    if untyped:
        yield f"{untyped:,} of {mine.n:,} decisions name no action type (`action_type`); a person decides those first"
    unknown = mine.n - untyped - mine.where(action_type=list(policy.action_types)).n
    if unknown:
        yield f"{unknown:,} of {mine.n:,} decisions are of a type that the policy does not name; a person decides those first"
    if policy.calibrator is not None:
        yield f"confidence went through the calibrator of {policy.calibrator.model}, and thresholds are for what that gives; the confidence of any other model is not usable"
    if mine.n and not scores.days:
        yield "no decision has a time, so nothing is said by the week, and nobody can see whether the decisions are recent"
    yield f"a threshold holds for decisions like these, each taken as independent of the others: tested at {terms.delta_spent:.2g} of {ask.delta:g} because later recalibrations need the rest; it ends after {ask.valid_days} days, or earlier if the traffic changes"


def _detection(scores: Scores, terms: Terms) -> Iterator[str]:
    planted = scores.planted
    if not planted.n:
        return
    seen = f"people noticed {planted.caught:,} of {planted.n:,} planted errors"
    if terms.detection < 1.0:
        yield f"LABELS MISS ERRORS: {seen}, so they may find no more than {percent(terms.detection)} of all; rates and limits are divided by that, and a threshold needs errors found in at most {limit_text(terms.tested)} to prove {limit_text(terms.target)}"
    else:
        yield f"{seen}: labels are taken as they are"
