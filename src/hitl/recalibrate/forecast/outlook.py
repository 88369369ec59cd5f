"""What one model under one policy would mean, as a part of the record."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hitl.policy.lanes import LANES
from hitl.policy.schema import Policy
from hitl.recalibrate.forecast.bounds import Bounded, unsaid
from hitl.recalibrate.forecast.lines import Crew, per_week, pool_forecasts
from hitl.recalibrate.forecast.parts import Outlook, Range, Setting
from hitl.recalibrate.forecast.projection import Projected, World
from hitl.recalibrate.forecast.rates import Rates
from hitl.recalibrate.forecast.traffic import Known, Pool, Traffic
from hitl.stats.counts import Numbers

_NOTHING_SEEN = "people would look at nothing"
_NOTHING_ALONE = "nothing would run alone, or nothing is known of how often that is wrong"
_NO_LABELS = "no decision of the log has both a label (`correct`) and a person's action, so nobody knows what people override"
_OTHER_LANES = (
    "the logged lanes are not those of this policy, so the log's rate is one of other decisions"
)
_NO_LANES = "the log has no lanes, so nobody knows of which decisions its rate is"
_NO_TIMES = "the log does not say when its decisions were made"
_HOUR = 3600.0


@dataclass(frozen=True)
class Chance:
    """Draws that everything shares; the first of each is no chance at all."""

    more: Numbers
    """Exponential: one more independent case."""
    normal: Numbers
    confidence: float


@dataclass(frozen=True)
class Costs:
    """What models and people cost."""

    model_usd: Numbers | str
    """B: for a decision; or why it cannot be said."""
    hourly_usd: float | None


def outlook_of(
    world: World,
    found: tuple[Projected, Rates],
    policy: tuple[Setting | None, Policy],
    crews: Mapping[Pool, Crew],
    costs: Costs,
    chance: Chance,
) -> Outlook:
    """Return the outlook of one model under one policy."""
    projected, rates = found
    setting, rules = policy
    traffic, sure = world.traffic, chance.confidence
    pools = pool_forecasts(world, projected, rates, crews, chance.normal, sure)
    reviews = per_week(traffic, world, _total(rates.pools))
    hours = _hours(world, rates, crews)
    return Outlook(
        setting=setting,
        policy_version=rules.version,
        thresholds=thresholds_of(rules),
        lanes={lane: _column(rates.lanes, place).range(sure) for place, lane in enumerate(LANES)},
        override_rate=_override(traffic, rates.override, sure),
        escalation_rate=rates.escalation.range(sure),
        auto_resolve_rate=rates.auto_resolve.range(sure) if _has_labels(traffic) else unsaid(_NO_LABELS),
        error_escape_rate=unsaid(_NOTHING_ALONE) if rates.escape is None else rates.escape.range(sure),
        reviews_per_week=unsaid(_NO_TIMES) if reviews is None else reviews.range(sure),
        reviewer_hours_per_week=hours if isinstance(hours, Range) else hours.range(sure),
        cost_usd_per_week=_cost(world, hours, costs, sure),
        pools=pools,
    )  # fmt: skip


def observed_outlook(traffic: Traffic, policy: Policy, replayed: Outlook) -> Outlook:
    """Return the previous model as the log has it; work and pools are those of its decisions under the policy.

    Rates of people belong to what they saw. Where the logged lanes are not those of the policy they are rates of other
    decisions, with which those of a candidate under the policy must not be compared; lanes are then the policy's.
    """
    if not traffic.speaks:
        nothing = unsaid(_OTHER_LANES if traffic.same_lane is not None else _NO_LANES)
        return replayed.model_copy(
            update=dict.fromkeys(
                ("override_rate", "auto_resolve_rate", "error_escape_rate"), nothing
            )
        )
    return replayed.model_copy(
        update={
            "setting": None,
            "policy_version": policy.version,
            "lanes": {lane: _known(traffic, f"lane.{lane}") for lane in LANES},
            "override_rate": _known(traffic, "override_rate"),
            "escalation_rate": _known(traffic, "escalation_rate"),
            "auto_resolve_rate": _known(traffic, "auto_resolve_rate"),
            "error_escape_rate": _known(traffic, "error_escape_rate"),
        }
    )


def unsaid_outlook(setting: Setting, policy: Policy, reason: str) -> Outlook:
    """Return an outlook of which nothing can be said."""
    nothing = unsaid(reason)
    return Outlook(
        setting=setting,
        policy_version=policy.version,
        thresholds={},
        lanes=dict.fromkeys(map(str, LANES), nothing),
        override_rate=nothing,
        escalation_rate=nothing,
        auto_resolve_rate=nothing,
        error_escape_rate=nothing,
        reviews_per_week=nothing,
        reviewer_hours_per_week=nothing,
        cost_usd_per_week=nothing,
        pools=(),
        reason=reason,
    )


def thresholds_of(policy: Policy) -> dict[str, float | str]:
    """Return `auto` by action type."""
    return {name: one.thresholds.auto for name, one in policy.action_types.items() if one.thresholds}  # fmt: skip


def _override(traffic: Traffic, found: Bounded | None, sure: float) -> Range:
    if not _has_labels(traffic):
        return unsaid(_NO_LABELS)
    return unsaid(_NOTHING_SEEN) if found is None else found.range(sure)


def _has_labels(traffic: Traffic) -> bool:
    return bool(traffic.behaviour.labelled.sum() > 0)


def _total(found: Bounded) -> Bounded:
    return found.mapped(lambda values: values.sum(axis=1))


def _column(found: Bounded, place: int) -> Bounded:
    return found.mapped(lambda values: values[:, place])


def _hours(world: World, rates: Rates, crews: Mapping[Pool, Crew]) -> Bounded | Range:
    """Return the hours of review work a week, or why they cannot be said."""
    seconds = []
    for place, name in enumerate(world.names.pools):
        own = crews[name].seconds
        if rates.pools.estimate[place] > 0 and own is None:
            return unsaid(
                f"nobody measured how long {name or 'a pool without a name'} takes; log review_seconds"
            )
        seconds.append(np.zeros(len(world.drawn.volume)) if own is None else own)
    times = np.stack(seconds, axis=1) / _HOUR
    found = per_week(world.traffic, world, rates.pools.mapped(lambda values: (values * times).sum(axis=1)))  # fmt: skip
    return unsaid(_NO_TIMES) if found is None else found


def _cost(world: World, hours: Bounded | Range, costs: Costs, sure: float) -> Range:
    if isinstance(costs.model_usd, str):
        return unsaid(costs.model_usd)
    model = per_week(world.traffic, world, Bounded.plain(costs.model_usd))
    if model is None:
        return unsaid(_NO_TIMES)
    if costs.hourly_usd is None:
        return model.range(sure)
    if isinstance(hours, Range):
        return hours
    hourly = costs.hourly_usd
    return Bounded(model.low + hours.low * hourly, model.high + hours.high * hourly).range(sure)


def _known(traffic: Traffic, name: str) -> Range:
    known = traffic.observed.get(name, Known(None, reason="the log does not say"))
    if known.estimate is None or known.low is None or known.high is None:
        return unsaid(known.reason or "the log does not say")
    return Range(estimate=known.estimate, low=known.low, high=known.high)
