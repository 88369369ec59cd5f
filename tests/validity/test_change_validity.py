"""What a comparison promises, on logs whose truth is known: seeded, many logs, people who differ."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom

from hitl.decisions.change.crude import crude_change
from hitl.decisions.change.parts import Change, MixSplit
from hitl.decisions.change.rows import rows_of
from hitl.decisions.change.rules import ComparisonRules
from hitl.decisions.change.shares import SHARES
from hitl.decisions.change.side import Side
from hitl.decisions.change.split import split_change
from hitl.decisions.change.yardstick import share_yardstick
from hitl.decisions.counts import Counts, Table
from hitl.decisions.measures.words import Metric

pytestmark = pytest.mark.validity

RUNS = 400
RULES = ComparisonRules()
OVERRIDE = next(rule for rule in SHARES if rule.metric is Metric.OVERRIDE_RATE)
TYPES, BANDS, PEOPLE, ROWS = 3, 4, 20, 4000
RATES = np.array([0.03, 0.08, 0.2])
"""Override rate of each action type."""


@dataclass(frozen=True)
class World:
    """Two periods: shares of the action types, how often people override, how much people differ."""

    before: tuple[float, ...]
    after: tuple[float, ...]
    spike: float = 0.0
    """Added to every rate after."""
    spread: float = 0.4
    """Standard deviation of the logarithm of each person's factor, the same in both periods."""
    moods: float = 0.0
    """The same of a factor that each person draws anew in each period."""


def counts(world: World, rng: np.random.Generator) -> Counts:
    """Return a log of the world: busy people and idle ones, types and confidences by chance."""
    busy = rng.dirichlet(np.full(PEOPLE, 2.0))
    habit = np.exp(rng.normal(-(world.spread**2) / 2, world.spread, PEOPLE))
    sides = []
    for period, (shares, added) in enumerate(((world.before, 0.0), (world.after, world.spike))):
        mood = np.exp(rng.normal(-(world.moods**2) / 2, world.moods, PEOPLE))
        cells = np.einsum("p,t,b->ptb", busy, np.array(shares), np.full(BANDS, 1 / BANDS))
        n = rng.multinomial(ROWS, cells.ravel()).reshape(cells.shape)
        chance = np.minimum(1.0, (RATES[None, :] + added) * (habit * mood)[:, None])
        k = rng.binomial(n, np.broadcast_to(chance[:, :, None], n.shape))
        sides.append((period, n, k))
    return table_of(sides)


def table_of(sides: list[tuple[int, NDArray[np.int64], NDArray[np.int64]]]) -> Counts:
    """Return counts of (period, rows, overridden), by person, action type and band."""
    parts = []
    for period, n, k in sides:
        person, action, band = (one.ravel() for one in np.indices(n.shape))
        for did, rows in ((0, n - k), (1, k)):
            shape = (np.full(person.size, one) for one in (period, did))
            parts.append((person, action, band, *shape, rows.ravel()))
    person, action, band, period, did, rows = (
        np.concatenate([part[index] for part in parts]) for index in range(6)
    )
    zero, nothing = np.zeros_like(person), np.full_like(person, -1)
    keys = {
        "resolved_model": period, "day": period, "action_type": action, "human_action": did, "lane": zero,
        "outcome": nothing, "correct": nothing, "seeded": zero, "reviewer_id": person, "confidence_band": band,
        "confidence_bin": band * 10,
    }  # fmt: skip
    words = {
        "resolved_model": ("old", "new"), "action_type": ("a", "b", "c"), "human_action": ("approve", "reject"),
        "lane": ("queue",), "outcome": (), "reviewer_id": tuple(f"r{i:02}" for i in range(PEOPLE)),
    }  # fmt: skip
    sums = {"n": rows.astype(np.int64)}
    empty = np.zeros(rows.size, np.int64)
    sums |= {f"{kind}_{name}": empty for name in ("review_bin", "satisfaction_milli") for kind in ("n", "sum")}  # fmt: skip
    table = Table({name: codes.astype(np.int32) for name, codes in keys.items()}, words, sums)
    return Counts(table, table, table, table)


def overrides(world: World, rng: np.random.Generator) -> tuple[Change, MixSplit]:
    """Return the change of the override rate, and its parts."""
    log = counts(world, rng)
    before, after = (OVERRIDE.sample(rows_of(log, Side(model))) for model in ("old", "new"))
    yardstick = share_yardstick(OVERRIDE.metric, OVERRIDE.cluster)
    crude = crude_change(yardstick, before, after, RULES).change
    return crude, split_change(yardstick, crude, before, after, RULES)


def holds(change: Change | None, truth: float) -> bool:
    assert change is not None
    assert change.low is not None
    assert change.high is not None
    return change.low <= truth <= change.high


def least(runs: int, coverage: float) -> int:
    """Successes that a promise of this coverage undercuts once in a million."""
    return int(binom.ppf(1e-6, runs, coverage))


EVEN, MOVED = (0.5, 0.3, 0.2), (0.2, 0.3, 0.5)


@pytest.mark.parametrize(
    "world",
    [
        pytest.param(World(EVEN, MOVED), id="people who differ"),
        pytest.param(World(EVEN, MOVED, spread=0.0), id="people who are alike"),
        pytest.param(World(EVEN, MOVED, spread=0.3, moods=0.2), id="people who change"),
    ],
)
def test_a_pure_shift_of_mix_leaves_nothing_within_at_the_promised_rate(world: World) -> None:
    rng = np.random.default_rng(20260501)
    found = [overrides(world, rng) for _ in range(RUNS)]

    n_held = sum(holds(split.within, 0.0) for _, split in found)
    assert n_held >= least(RUNS, 0.95)
    # The same log without adjustment cries change nearly always.
    assert sum(holds(crude, 0.0) for crude, _ in found) < 0.05 * RUNS


def test_a_spike_beside_a_shift_of_mix_is_found_within() -> None:
    rng = np.random.default_rng(20260502)
    world = World(EVEN, MOVED, spike=0.06)
    found = [overrides(world, rng) for _ in range(RUNS)]

    # The mean factor of people is 1 and the spike the same in every type, so it is the within part.
    shares = [split.within.value for _, split in found if split.within and split.within.value]
    assert len(shares) == RUNS
    assert np.mean(shares) == pytest.approx(0.06, abs=0.004)
    assert sum(not holds(split.within, 0.0) for _, split in found) > 0.95 * RUNS


def test_a_crude_change_of_nothing_is_called_none_at_the_promised_rate() -> None:
    rng = np.random.default_rng(20260503)
    found = [overrides(World(EVEN, EVEN, spread=0.8), rng) for _ in range(RUNS)]

    assert sum(holds(crude, 0.0) for crude, _ in found) >= least(RUNS, 0.95)
