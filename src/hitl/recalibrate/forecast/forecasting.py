"""The forecast: what reviewers would face if the candidate answered the baseline's traffic."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from hitl.policy.schema import Policy
from hitl.recalibrate.forecast.breaks import breaks_of, headline_of
from hitl.recalibrate.forecast.capacity import held_thresholds
from hitl.recalibrate.forecast.notes import far_notes, held_note, scene_notes
from hitl.recalibrate.forecast.outlook import observed_outlook, unsaid_outlook
from hitl.recalibrate.forecast.parts import Forecast, Outlook, Setting
from hitl.recalibrate.forecast.replies import RoutedArms
from hitl.recalibrate.forecast.scene import Drawing, Scene
from hitl.recalibrate.forecast.strata import Paired, paired
from hitl.recalibrate.forecast.traffic import Traffic
from hitl.recalibrate.held import with_thresholds
from hitl.stats.interval import check_share

DRAWS = 1000
"""Draws behind every range."""
METHOD = (
    "golden cases weighted to the traffic's action types and zones of confidence; people's ways from labelled reviews; "
    "the gap between the previous model's golden replies and the log taken off as far as that makes a number surer; "
    "ranges by {draws:,} draws of clusters of cases, days, people and rates, with one more case on either side"
)
_NO_COVER = "no action type of the log has five independent golden cases or more; add cases of what the traffic consists of"
_NO_PROPOSAL = "no recalibration is given; `hitl recalibrate` writes one"


def forecast_release(
    traffic: Traffic,
    replies: RoutedArms,
    policies: Mapping[Setting, Policy | str],
    at: datetime,
    rng: np.random.Generator,
    confidence: float,
) -> Forecast:
    """Forecast the lanes, overrides, reviews, queues and errors of a candidate on the traffic of a baseline.

    Args:
        traffic: of the previous model.
        replies: of both arms to the golden set.
        policies: the policy as it is, which must be there; the recalibrated one, or why there is none.
        at: when the candidate begins its work; it is a young model then.
        rng: a seeded generator.
        confidence: two-sided, of every range.

    Raises:
        ValueError: no policy as it is, or a confidence outside (0, 1).
    """
    policy = policies.get(Setting.AS_IT_IS, "")
    if isinstance(policy, str):
        raise ValueError(f"a forecast needs the policy as it is {policy}".rstrip())  # noqa: TRY004  # a missing value
    check_share(confidence, "confidence")
    cases = paired(replies)
    problem = _problem(traffic, cases)
    if problem:
        return _unmeasured(traffic, cases, confidence, problem)
    asked = [policy, *(one for one in policies.values() if isinstance(one, Policy))]
    scene = Scene.of(traffic, cases, asked, at, Drawing(DRAWS + 1, confidence, rng))
    if not scene.world.strata:
        return _unmeasured(traffic, cases, confidence, _NO_COVER)
    return _forecast(scene, policy, policies.get(Setting.RECALIBRATED, _NO_PROPOSAL))


def _forecast(scene: Scene, policy: Policy, proposed: Policy | str) -> Forecast:
    traffic, cases = scene.world.traffic, scene.cases
    previous = scene.previous(policy, scene.anchor.previous)
    log = scene.previous(policy, scene.anchor.replayed)
    observed = observed_outlook(traffic, policy, log)
    found = _outlooks(scene, policy, proposed)
    breaks = breaks_of(found.outlooks, (observed, previous), policy.targets)
    shares = scene.world.drawn.shares[0, scene.world.covered]
    return Forecast(
        headline=headline_of(breaks, found.outlooks),
        confidence=scene.chance.confidence,
        method=METHOD.format(draws=DRAWS),
        sources=traffic.sources,
        sources_digest=traffic.digest,
        n_traffic=traffic.n,
        weeks=traffic.weeks,
        n_cases=len(cases.names),
        n_clusters=cases.n_clusters,
        n_unanswered=cases.n_unanswered,
        covered_share=min(1.0, float(shares.sum())),
        observed=observed,
        previous=previous,
        outlooks=found.outlooks,
        breaks=breaks,
        notes=tuple(dict.fromkeys((*traffic.notes, *scene_notes(scene), *found.notes))),
    )


@dataclass(frozen=True)
class _Found:
    """The candidate's outlooks."""

    outlooks: tuple[Outlook, ...]
    notes: tuple[str, ...]


def _outlooks(scene: Scene, policy: Policy, proposed: Policy | str) -> _Found:
    current = scene.candidate(policy)
    base, outlooks = current, [scene.outlook(current, Setting.AS_IT_IS)]
    notes = [*far_notes(current)]
    if isinstance(proposed, str):
        outlooks.append(unsaid_outlook(Setting.RECALIBRATED, policy, proposed))
    else:
        base = scene.candidate(proposed)
        outlooks.append(scene.outlook(base, Setting.RECALIBRATED))
        notes += far_notes(base)
    held = held_thresholds(scene, base)
    if isinstance(held, str):
        outlooks.append(unsaid_outlook(Setting.HELD, base.policy, held))
        return _Found(tuple(outlooks), tuple(notes))
    lowered = with_thresholds(base.policy, held.thresholds)
    under = scene.candidate(lowered) if held.thresholds else base
    outlooks.append(scene.outlook(under, Setting.HELD))
    notes.append(held_note(held, scene.world.names.pools))
    return _Found(tuple(outlooks), tuple(notes))


def _problem(traffic: Traffic, cases: Paired) -> str:
    """Return why there is no forecast; empty if there may be one."""
    if traffic.problem:
        return traffic.problem
    if not traffic.n:
        return "the log holds no decision of the previous model"
    if not cases.names:
        return "no golden case has a reply in both arms"
    for arm, replies in (("previous", cases.previous), ("candidate", cases.candidate)):
        if all(one.action_type is None for one in replies):
            return f"no reply of the {arm} arm says its action type; name its place under `decision_fields`"
    # Both arms would go to people then, and calibration on the log would take that for the golden set's way.
    is_sure = bool(np.any(traffic.daily[:, :, :-1] > 0))
    if is_sure and all(one.confidence is None for one in cases.previous):
        return "no reply of the previous arm says its confidence, though its decisions in the log do; name its place under `decision_fields`"
    return ""


def _unmeasured(traffic: Traffic, cases: Paired, confidence: float, problem: str) -> Forecast:
    return unforetold(problem, confidence).model_copy(
        update={
            "sources": traffic.sources,
            "sources_digest": traffic.digest,
            "n_traffic": traffic.n,
            "weeks": traffic.weeks,
            "n_cases": len(cases.names),
            "n_clusters": cases.n_clusters,
            "n_unanswered": cases.n_unanswered,
            "notes": traffic.notes,
        }
    )


def unforetold(reason: str, confidence: float) -> Forecast:
    """Return that there is no forecast, and why."""
    return Forecast(
        headline=f"no forecast: {reason}",
        confidence=confidence,
        method="",
        sources=(),
        sources_digest="",
        n_traffic=0,
        weeks=None,
        n_cases=0,
        n_clusters=0,
        covered_share=0.0,
        observed=None,
        previous=None,
        outlooks=(),
        breaks=(),
        notes=(),
        unmeasured=reason,
    )
