"""The policy that the reviewers can carry, from what the candidate would send them."""

import numpy as np

from hitl.policy.action import Thresholds
from hitl.policy.capacity.queues import WITHIN
from hitl.policy.decision import read_confidence
from hitl.policy.schema import Policy
from hitl.recalibrate.forecast.bounds import Bounded
from hitl.recalibrate.forecast.lines import Crew, arrivals, ratio_to
from hitl.recalibrate.forecast.projection import World, point_weights
from hitl.recalibrate.forecast.replies import RoutedReply
from hitl.recalibrate.forecast.routing import Routed, route, without_unasked
from hitl.recalibrate.forecast.scene import Candidate, Scene
from hitl.recalibrate.held import Candidates, Held, Load, Routes, hold
from hitl.stats.counts import Numbers
from hitl.stats.queueing import most_arrivals

_HOUR = 3600.0


def held_thresholds(scene: Scene, found: Candidate) -> Held | str:
    """Return thresholds that the reviewers can carry, beginning with a policy; or why there are none."""
    world = scene.world
    if not world.traffic.has_times:
        return "the log does not say when its decisions were made, so nobody knows what comes in the busiest hour"
    crews = [found.crews[name] for name in world.names.pools]
    hourly = np.stack([_hourly(world, found, place) for place in range(len(crews))])
    limits = np.array([_limit(one) for one in crews])
    used = hourly.max(axis=1) > 0
    if not np.any(np.isfinite(limits) & used):
        said = "; ".join(dict.fromkeys(one.problem for one, is_used in zip(crews, used, strict=True) if is_used))  # fmt: skip
        return f"nobody knows what the pools can carry: {said or 'nothing is sent to them'}"
    opened = without_unasked(_opened(found.policy), scene.unasked)
    enough = route(scene.cases.candidate, opened, scene.at, scene.at, world.names)
    return hold(found.policy, _candidates(scene, found, enough), Load(hourly, limits))


def _hourly(world: World, found: Candidate, place: int) -> Numbers:
    share = Bounded(found.rates.pools.low[:1, place], found.rates.pools.high[:1, place])
    ratio = ratio_to(share, found.projected.pools[:1, place])
    hours: Numbers = arrivals(world, found.projected.of_kind, place)[0] * ratio.low[0]
    return hours


def _limit(crew: Crew) -> float:
    if crew.problem or crew.service is None or crew.sla_minutes is None:
        return float("inf")
    seconds = float(crew.service[0])
    return _HOUR * most_arrivals(crew.members, seconds, crew.sla_minutes * 60, WITHIN, crew.cv2)


def _opened(policy: Policy) -> Policy:
    """Return a policy under which every confidence reaches `auto`."""
    types = {
        name: action.model_copy(update={"thresholds": Thresholds(auto=0.0, review=0.0)})
        if action.thresholds
        else action
        for name, action in policy.action_types.items()
    }
    return policy.model_copy(update={"action_types": types})


def _candidates(scene: Scene, found: Candidate, enough: Routed) -> Candidates:
    """Return the candidate's replies with what each stands for in an hour."""
    world, cases = scene.world, scene.cases
    weights = point_weights(world, len(cases.names))
    of_kind = np.zeros(len(cases.names), dtype=np.int64)
    for one in world.strata:
        of_kind[one.cases] = one.kind
    shares = world.drawn.shares[0]
    within = np.divide(weights, shares[of_kind], out=np.zeros_like(weights), where=weights > 0)
    repeats = np.bincount(cases.of_candidate, minlength=len(cases.names))
    by_case = within[:, None] / np.maximum(1, repeats)[:, None] * world.hourly[of_kind]
    replies = cases.candidate
    return Candidates(
        action_type=[one.action_type for one in replies],
        confidence=np.array([_worth(found.policy, one) for one in replies], dtype=np.float64),
        hourly=by_case[cases.of_candidate],
        wrong=found.routed.wrong,
        now=_routes(found.routed),
        enough=_routes(enough),
    )


def _routes(found: Routed) -> Routes:
    return Routes(found.pool, found.seen, found.alone)


def _worth(policy: Policy, reply: RoutedReply) -> float:
    """Return what thresholds are compared with: the confidence, through the calibrator if there is one; NaN if not usable."""
    known = read_confidence(reply.confidence)
    calibrator = policy.calibrator
    if known is not None and calibrator is not None:
        is_for = reply.fields.get("resolved_model") == calibrator.model
        known = calibrator.one(known, reply.action_type) if is_for else None
    return float("nan") if known is None else known
