"""Rates of one model under one policy, each bounded on both sides."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hitl.recalibrate.forecast.bounds import Bounded, Calibration, known_draws, share_bounds
from hitl.recalibrate.forecast.projection import Projected
from hitl.recalibrate.forecast.traffic import Traffic
from hitl.stats.counts import Numbers

_NOTHING = 1e-12
OVERRIDE, ESCAPE = "override_rate", "error_escape_rate"


@dataclass(frozen=True)
class Rates:
    """What is forecast for a decision."""

    lanes: Bounded
    """B x 4."""
    pools: Bounded
    """B x P: seen by each pool."""
    escalation: Bounded
    auto_resolve: Bounded
    override: Bounded | None
    """None where nothing is seen."""
    escape: Bounded | None
    """None where nothing runs alone, or nothing is known of it."""
    far: tuple[str, ...] = ()
    """What the golden replies of the previous model say otherwise than the log, beyond chance."""


@dataclass(frozen=True)
class Anchor:
    """What is known of the previous model: by its golden replies, and by the log."""

    previous: Projected
    replayed: Projected
    known: Mapping[str, Numbers]
    """Draws of rates of the log, as far as they speak of the policy."""


def rates_known(traffic: Traffic, n_draws: int, rng: np.random.Generator) -> dict[str, Numbers]:
    """Draw the rates of the log that can be compared with golden replies under the policy."""
    found = {}
    for name in (OVERRIDE, ESCAPE):
        if name in traffic.observed and traffic.speaks:
            drawn = known_draws(traffic.observed[name], traffic.confidence, n_draws, rng)
            if drawn is not None:
                found[name] = drawn
    return found


def plain_rates(found: Projected, chance: Numbers) -> Rates:
    """Return the rates as the cases show them."""
    ones = np.ones_like(found.lanes)
    lanes = share_bounds(found.lanes, ones, found.mass.whole, chance)
    return Rates(
        lanes=lanes,
        pools=_pools(found, chance),
        escalation=share_bounds(found.lanes[:, 2:].sum(axis=1), ones[:, 0], found.mass.whole, chance),
        auto_resolve=share_bounds(np.maximum(0.0, found.alone - found.undone), ones[:, 0], found.mass.whole, chance),
        override=_ratio(found.overridden, found.seen, found.mass.seen, chance),
        escape=_ratio(found.wrong_alone, found.known_alone, found.mass.alone, chance),
    )  # fmt: skip


def calibrated_rates(found: Projected, anchor: Anchor, chance: Numbers) -> Rates:
    """Return the rates with what the previous model's golden replies differ from the log taken off.

    What is taken off each rate is a share of that gap: as much as makes the rate surest, or all of it where the gap is
    more than chance. Lanes and pools share one factor, so that lanes still add up to 1.
    """
    plain = plain_rates(found, chance)
    lanes = Calibration.of(found.lanes, anchor.previous.lanes, anchor.replayed.lanes)
    gap = lanes.gap
    pools = anchor.previous.pools - anchor.replayed.pools
    override = _against(
        plain.override, plain_rates(anchor.previous, chance).override, anchor.known.get(OVERRIDE)
    )
    escape = _against(
        plain.escape, plain_rates(anchor.previous, chance).escape, anchor.known.get(ESCAPE)
    )
    said = {"lanes": lanes, OVERRIDE: override, ESCAPE: escape}
    return Rates(
        lanes=_capped(lanes.applied(plain.lanes)),
        pools=lanes.applied(plain.pools, pools),
        escalation=_capped(lanes.applied(plain.escalation, gap[:, 2:].sum(axis=1))),
        auto_resolve=_capped(lanes.applied(plain.auto_resolve, gap[:, :2].sum(axis=1))),
        override=_applied(override, plain.override),
        escape=_applied(escape, plain.escape),
        far=tuple(name for name, one in said.items() if one is not None and one.is_far),
    )  # fmt: skip


def _pools(found: Projected, chance: Numbers) -> Bounded:
    """A pool that nothing goes to has no upper end: nobody could be named for it."""
    used = found.pools[0] > _NOTHING
    more = np.outer(chance * found.mass.whole, used)
    return Bounded(found.pools / (1.0 + more), found.pools + more)


def _ratio(events: Numbers, trials: Numbers, unit: float, chance: Numbers) -> Bounded | None:
    return share_bounds(events, trials, unit, chance) if trials[0] > _NOTHING else None


def _against(
    candidate: Bounded | None, previous: Bounded | None, known: Numbers | None
) -> Calibration | None:
    if candidate is None or previous is None or known is None:
        return None
    middle = (candidate.low + candidate.high) / 2.0
    return Calibration.of(middle, (previous.low + previous.high) / 2.0, known)


def _applied(calibration: Calibration | None, found: Bounded | None) -> Bounded | None:
    if calibration is None or found is None:
        return found
    return _capped(calibration.applied(found))


def _capped(found: Bounded) -> Bounded:
    return found.mapped(lambda values: np.minimum(1.0, values))
