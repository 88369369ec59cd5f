"""Everything that the outlooks of one forecast share, and how each of them is made of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from hitl.policy.replay.fields import RuleFields
from hitl.policy.schema import Policy
from hitl.recalibrate.forecast.draws import PeopleDraws, TrafficDraws, case_draws
from hitl.recalibrate.forecast.lines import Crew, DrawnPace, crews_of, drawn_paces
from hitl.recalibrate.forecast.outlook import Chance, Costs, outlook_of
from hitl.recalibrate.forecast.parts import Outlook, Setting
from hitl.recalibrate.forecast.projection import (
    Projected,
    World,
    escape_draws,
    hourly_rates,
    project,
    replayed,
)
from hitl.recalibrate.forecast.rates import (
    Anchor,
    Rates,
    calibrated_rates,
    plain_rates,
    rates_known,
)
from hitl.recalibrate.forecast.routing import (
    SETTLED,
    Names,
    Places,
    Routed,
    mean_by,
    route,
    unasked_rules,
    without_unasked,
)
from hitl.recalibrate.forecast.strata import Paired, cell_sizes, strata_of
from hitl.recalibrate.forecast.traffic import Pool, Traffic
from hitl.stats.control import weight_draws
from hitl.stats.counts import Numbers

_NO_COST = "no decision of the log says what the model cost (`cost_usd`)"
_NO_REPLY_COST = "not every reply says what it cost, so nobody knows what the candidate would cost"


@dataclass(frozen=True)
class Drawing:
    """How chance is drawn."""

    n: int
    """Rows of everything, the estimate included."""
    confidence: float
    rng: np.random.Generator


@dataclass(frozen=True)
class Scene:
    """What every outlook of a forecast is made of."""

    cases: Paired
    at: datetime
    world: World
    weights: Numbers
    """B x clusters."""
    chance: Chance
    paces: Mapping[Pool, DrawnPace]
    unasked: tuple[RuleFields, ...]
    """Rules that are left out because no reply has what they ask for."""
    anchor: Anchor
    costs: Mapping[bool, Costs]
    """Of the candidate (true) and of the previous model."""

    @classmethod
    def of(
        cls,
        traffic: Traffic,
        cases: Paired,
        policies: Sequence[Policy],
        at: datetime,
        drawing: Drawing,
    ) -> "Scene":
        """Set the scene; the first policy is the one that is in force."""
        n, rng = drawing.n, drawing.rng
        replies = (*cases.previous, *cases.candidate)
        names = _names(traffic, cases, policies)
        unasked = unasked_rules(policies[0], replies)
        before = route(cases.previous, without_unasked(policies[0], unasked), at, SETTLED, names)
        strata = strata_of(cases, before, names, traffic)
        world = World(
            traffic,
            names,
            strata,
            TrafficDraws.of(traffic, n, rng),
            PeopleDraws.of(traffic, names, n, rng),
            escape_draws(traffic, n, rng),
            hourly_rates(traffic),
        )
        weights = weight_draws(cell_sizes(strata, cases.n_clusters), n, rng)
        more, normal = rng.exponential(size=n), rng.standard_normal(n)
        more[0] = normal[0] = 0.0
        matrix = before.matrix(names, cases.of_previous, len(cases.names))
        (means,) = case_draws(world.strata, [matrix], weights, world.drawn)
        anchor = Anchor(
            project(world, means, matrix), replayed(world), rates_known(traffic, n, rng)
        )
        costs = _costs(traffic, cases, weights)
        paces = drawn_paces(traffic, names.pools, n, rng)
        chance = Chance(more, normal, drawing.confidence)
        return cls(cases, at, world, weights, chance, paces, unasked, anchor, costs)

    def candidate(self, policy: Policy) -> "Candidate":
        """Return the candidate under a policy."""
        asked = without_unasked(policy, self.unasked)
        routed = route(self.cases.candidate, asked, self.at, self.at, self.world.names)
        matrix = routed.matrix(self.world.names, self.cases.of_candidate, len(self.cases.names))
        (means,) = case_draws(self.world.strata, [matrix], self.weights, self.world.drawn)
        projected = project(self.world, means, matrix)
        rates = calibrated_rates(projected, self.anchor, self.chance.more)
        return Candidate(policy, routed, projected, rates, self.crews(policy))

    def crews(self, policy: Policy) -> dict[Pool, Crew]:
        """Return who looks under a policy."""
        return crews_of(policy.lane_rules, self.world.names.pools, self.paces)

    def outlook(self, found: "Candidate", setting: Setting) -> Outlook:
        """Return the candidate's outlook."""
        parts = (found.projected, found.rates)
        return outlook_of(self.world, parts, (setting, found.policy), found.crews, self.costs[True], self.chance)  # fmt: skip

    def previous(self, policy: Policy, projected: Projected) -> Outlook:
        """Return the outlook of the previous model by its golden replies, or by the log."""
        parts = (projected, plain_rates(projected, self.chance.more))
        return outlook_of(self.world, parts, (None, policy), self.crews(policy), self.costs[False], self.chance)  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    """The candidate under one policy."""

    policy: Policy
    routed: Routed
    projected: Projected
    rates: Rates
    crews: dict[Pool, Crew]


def _names(traffic: Traffic, cases: Paired, policies: Sequence[Policy]) -> Names:
    kinds = dict.fromkeys(one.action_type for one in (*cases.previous, *cases.candidate))
    pools: dict[Pool, None] = dict.fromkeys(traffic.pools)
    for policy in policies:
        pools |= dict.fromkeys(_pools(policy))
    return Names(tuple(kinds), (*pools,))


def _pools(policy: Policy) -> list[Pool]:
    """Return every pool to which a policy can send a decision."""
    found: list[Pool] = [None, *policy.pools]
    for action in policy.action_types.values():
        found += [action.pool, action.escalate_to]
    fallbacks = policy.fallbacks
    for one in (fallbacks.model_error, fallbacks.model_timeout, fallbacks.invalid_output, fallbacks.unknown_action_type):  # fmt: skip
        found.append(one.pool)
    return found


def _costs(traffic: Traffic, cases: Paired, weights: Numbers) -> dict[bool, Costs]:
    """Return what a decision costs: the log's mean, for the candidate times what its replies cost over the others."""
    hourly = traffic.hourly_cost_usd
    if traffic.cost_usd is None:
        return dict.fromkeys((True, False), Costs(_NO_COST, hourly))
    before = np.full(len(weights), traffic.cost_usd)
    old = _mean_cost(cases, weights, is_candidate=False)
    new = _mean_cost(cases, weights, is_candidate=True)
    if old is None or new is None or not np.all(old > 0):
        return {False: Costs(before, hourly), True: Costs(_NO_REPLY_COST, hourly)}
    return {False: Costs(before, hourly), True: Costs(before * new / old, hourly)}


def _mean_cost(cases: Paired, weights: Numbers, *, is_candidate: bool) -> Numbers | None:
    replies = cases.candidate if is_candidate else cases.previous
    places: Places = cases.of_candidate if is_candidate else cases.of_previous
    known = [one.cost for one in replies if one.cost is not None]
    if len(known) < len(replies):
        return None
    by_case = mean_by(np.array(known, dtype=np.float64), places, len(cases.names))
    sums = np.bincount(cases.clusters, weights=by_case)
    found: Numbers = (weights @ sums) / (weights @ np.bincount(cases.clusters))
    return found
