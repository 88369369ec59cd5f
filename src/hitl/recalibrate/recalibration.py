"""Thresholds for a model's own scores: what is proved, what it would mean, and what is proposed for each type."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from hitl.decisions.counts import Table
from hitl.policy.action import Thresholds
from hitl.policy.schema import Policy
from hitl.recalibrate.certificate import Circumstances, issue
from hitl.recalibrate.closed import closed_types, seen_later, unbound_types
from hitl.recalibrate.curve import Pace, curve_points
from hitl.recalibrate.direction import NEVER, Mode, direction_of, suggestions, unplaced_modes
from hitl.recalibrate.labelling import Reviews
from hitl.recalibrate.ladder import build_ladder
from hitl.recalibrate.notes import notes_on
from hitl.recalibrate.parts import CurvePoint, Recalibration, Threshold, TypeResult
from hitl.recalibrate.scores import GRAIN, Scores
from hitl.recalibrate.terms import Ask, Terms
from hitl.recalibrate.threshold import Finding, certify
from hitl.recalibrate.words import Direction, ErrorsBy, State


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose scores are looked at, and for what."""

    model: str | None
    """Identity of the model; None takes the decisions of which the log names none."""
    previous: str | None = None
    """Identity that it is compared with."""
    release_id: str | None = None
    policy_digest: str = ""
    """SHA-256 of the policy file."""
    modes: tuple[Mode, ...] = ()
    """New failure modes of the model."""


@dataclass(frozen=True, slots=True)
class _Work:
    """What all action types of one recalibration share."""

    scores: Scores
    policy: Policy
    subject: Subject
    of: Circumstances
    terms: Terms


def recalibrate(scores: Scores, policy: Policy, ask: Ask, subject: Subject) -> Recalibration:
    """Return what is proved of each action type of a policy, and the threshold that follows from it.

    A type that has autonomy and gets no certificate is proposed `never`. What would change in the policy file, the
    calibration of the scores, and simulations are left for others to fill in.

    Args:
        scores: the counts of a log, read under this policy.
        policy: the thresholds in force.
        ask: what is to be promised.
        subject: the model.
    """
    closed = closed_types(policy)
    mine = scores.table.where(model=subject.model)
    family = family_of(scores, policy, subject.model)
    terms = Terms.of(ask, family, scores.planted)
    work = _Work(scores, policy, subject, Circumstances(ask, policy, subject.model, family), terms)
    found = {
        name: finding_of(scores, policy, name, subject.model, terms, closed.get(name, ""))
        for name in policy.action_types
    }
    types = tuple(_result(work, name, finding) for name, finding in found.items())
    rules = policy.lane_rules
    return Recalibration(
        format="hitl/recalibration/v1",
        policy_id=rules.name,
        policy_version=rules.version,
        policy_digest=subject.policy_digest,
        new_version=None,
        release_id=subject.release_id,
        model=subject.model,
        previous_model=subject.previous,
        target=ask.target,
        delta=ask.delta,
        round=ask.round,
        spends=ask.spends,
        is_family=ask.is_family,
        errors_by=scores.errors_by,
        created_at=ask.at.isoformat(),
        sources=scores.sources,
        n=mine.n,
        types=types,
        notes=(
            *notes_on(scores, subject.model, policy, terms, ask),
            *seen_later(policy),
            *_type_notes(found),
            *unplaced_modes(subject.modes, list(policy.action_types)),
        ),
    )


def was_answered(document: Recalibration) -> bool:
    """Say whether any action type could be tested, or was seen to have a confidence that tells nothing apart."""
    answers = (State.CERTIFIED, State.UNCERTIFIED, State.CONSTANT)
    return any(one.state in answers for one in document.types)


def family_of(scores: Scores, policy: Policy, model: str | None) -> int:
    """Return how many action types share the chance: those of which a decision by the model could run alone."""
    eligible = scores.table.where(model=model, eligible=1)
    return sum(bool(eligible.where(action_type=name).n) for name in policy.action_types)


def finding_of(
    scores: Scores, policy: Policy, name: str, model: str | None, terms: Terms, closed: str
) -> Finding:
    """Return what can be said of one action type of one model."""
    thresholds = policy.action_types[name].thresholds
    auto = _whole(thresholds.auto_limit) if thresholds is not None else None
    typed = scores.table.where(model=model, action_type=name)
    if reason := unbound_types(policy).get(name):
        return Finding(State.UNBOUND, reason, typed.n, typed.where(eligible=1).n)
    owing = replace(terms, owes_seen=scores.errors_by is ErrorsBy.OVERRIDE)
    return certify(typed, owing, _reviews(scores, name, model), auto, closed)


def _result(work: _Work, name: str, finding: Finding) -> TypeResult:
    thresholds = work.policy.action_types[name].thresholds
    auto = thresholds.auto if thresholds is not None else None
    typed = work.scores.table.where(model=work.subject.model, action_type=name)
    proposed = _proposed(finding, auto)
    is_closed = finding.state is State.CLOSED
    direction = direction_of(None if is_closed else auto, proposed)
    if finding.state is State.UNBOUND:
        direction = Direction.KEEPS
    curve, previous = _curves(work, name, typed, finding, auto)
    now = _in_force(curve, auto)
    is_certified = finding.state is State.CERTIFIED
    return TypeResult(
        action_type=name,
        state=finding.state,
        reason=finding.reason,
        n=finding.n,
        n_eligible=finding.n_eligible,
        n_labelled=finding.n_labelled,
        n_wrong=finding.n_wrong,
        auto=auto,
        review=thresholds.review if thresholds is not None else None,
        proposed=proposed,
        proposed_review=_proposed_review(proposed, thresholds),
        direction=direction,
        current_error=now.error if now else None,
        current_error_high=now.error_high if now else None,
        certificate=issue(finding, typed, work.scores, work.of, name) if is_certified else None,
        labels_needed=finding.labels_needed,
        curve=curve,
        previous_curve=previous,
        suggestions=suggestions(name, direction, work.subject.modes, work.scores, (work.policy, work.subject.model)),
    )  # fmt: skip


def _proposed(finding: Finding, auto: Threshold | None) -> Threshold | None:
    """Return the threshold that follows; absence never passes, so what is not certified does not run.

    Where the matrix runs a type below any threshold, no threshold would stop it, and none is proposed.
    """
    if auto is None or finding.state in {State.CLOSED, State.UNBOUND}:
        return None
    return NEVER if finding.threshold is None else finding.threshold / GRAIN


def _proposed_review(proposed: Threshold | None, now: Thresholds | None) -> float | None:
    """Return the lower threshold; it follows where `auto` falls below it."""
    if now is None or proposed is None:
        return None
    return now.review if proposed == NEVER else min(now.review, float(proposed))


def _curves(
    work: _Work, name: str, typed: Table, finding: Finding, auto: Threshold | None
) -> tuple[tuple[CurvePoint, ...], tuple[CurvePoint, ...]]:
    """Return the curves of the model and of the previous one, at the same thresholds."""
    previous, whose = None, work.subject.previous
    if whose is not None:
        previous = finding_of(work.scores, work.policy, name, whose, work.terms, "")
    limit = math.inf if auto is None else Thresholds(auto=auto, review=0.0).auto_limit
    shown = [_ceiling(limit)] if limit <= 1.0 else []
    shown += [finding.threshold] if finding.threshold is not None else []
    for one in filter(None, (finding, previous)):
        if one.ladder is not None:
            shown += one.ladder.thresholds.tolist()
            break
    own = _curve(work, typed, finding, shown, work.subject.model)
    if previous is None:
        return own, ()
    before = work.scores.table.where(model=whose, action_type=name)
    return own, _curve(work, before, previous, shown, whose)


def _curve(
    work: _Work, typed: Table, finding: Finding, shown: Sequence[int], model: str | None
) -> tuple[CurvePoint, ...]:
    if finding.ladder is None or finding.scored is None:
        return ()
    days = work.scores.days.get(model)
    pace = Pace.of(typed, days.weeks if days is not None else None)
    ladder = build_ladder(finding.scored, shown, finding.ladder.labelling)
    return curve_points(ladder, finding, pace, work.terms)


def _in_force(curve: Sequence[CurvePoint], auto: Threshold | None) -> CurvePoint | None:
    if auto is None or auto == NEVER:
        return None
    wanted = _ceiling(float(auto)) / GRAIN
    return next((point for point in curve if point.threshold == wanted), None)


def _reviews(scores: Scores, name: str, model: str | None) -> Reviews:
    return Counter({
        (is_overridden, has_label): n
        for (whose, kind, is_overridden, has_label), n in scores.reviews.items()
        if (whose, kind) == (model, name)
    })  # fmt: skip


def _type_notes(found: dict[str, Finding]) -> Iterator[str]:
    for name, finding in found.items():
        for note in finding.notes:
            yield f"{name}: {note}"


def _whole(limit: float) -> int | None:
    """Return a threshold in ten-thousandths, if it is a whole number of them."""
    number = round(limit * GRAIN) if limit <= 1.0 else None
    return number if number is not None and number / GRAIN == limit else None


def _ceiling(limit: float) -> int:
    """Return the least whole number of ten-thousandths that is not below a threshold."""
    number = math.ceil(limit * GRAIN)
    return number - 1 if (number - 1) / GRAIN >= limit else number
