"""Lines simulated customer by customer, beside what the formulas say of them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest

from hitl.stats.queueing import Waiting, line

pytestmark = pytest.mark.validity
LINES, CUSTOMERS, WARMING = 600, 4_000, 1_500
TOLERANCE = 5.0
"""Standard errors; a true formula fails once in a million."""


@dataclass(frozen=True)
class Seen:
    """One number a simulated line."""

    values: npt.NDArray[np.float64]

    def agrees(self, value: float, slack: float = 0.0) -> bool:
        error = float(self.values.std(ddof=1)) / np.sqrt(len(self.values))
        return bool(abs(float(self.values.mean()) - value) <= TOLERANCE * error + slack * value)


def simulated(servers: int, busy: float, shape: float, seed: int) -> npt.NDArray[np.float64]:
    """Return the waits of many separate lines after they warmed up; service is gamma with mean 1."""
    rng = np.random.default_rng(seed)
    free = np.zeros((LINES, servers))
    now = np.zeros(LINES)
    rows = np.arange(LINES)
    waits = np.empty((CUSTOMERS, LINES))
    for customer in range(CUSTOMERS):
        now += rng.exponential(1.0 / (servers * busy), LINES)
        first = free.argmin(axis=1)
        begins = np.maximum(now, free[rows, first])
        free[rows, first] = begins + rng.gamma(shape, 1.0 / shape, LINES)
        waits[customer] = begins - now
    return waits[WARMING:]


def told(servers: int, busy: float, cv2: float = 1.0) -> Waiting:
    found = line(servers, servers * busy, 1.0, cv2)
    assert isinstance(found, Waiting)
    return found


@pytest.mark.parametrize(("servers", "busy"), [(1, 0.6), (2, 0.5), (3, 0.8), (8, 0.85)])
def test_erlang_c_agrees_with_simulated_lines(servers: int, busy: float) -> None:
    waits, found = simulated(servers, busy, 1.0, seed=servers), told(servers, busy)
    late = found.quantile(0.95)

    assert Seen((waits > 0).mean(axis=0)).agrees(found.chance_of_waiting)
    assert Seen(waits.mean(axis=0)).agrees(found.mean_wait)
    assert Seen((waits > late).mean(axis=0)).agrees(0.05)


@pytest.mark.parametrize("shape", [0.5, 4.0])
def test_one_server_with_any_work_is_exact_on_average(shape: float) -> None:
    waits = simulated(1, 0.7, shape, seed=5)

    assert Seen(waits.mean(axis=0)).agrees(told(1, 0.7, 1.0 / shape).mean_wait)


@pytest.mark.parametrize("shape", [0.5, 2.0])
def test_several_busy_servers_with_any_work_are_within_a_tenth(shape: float) -> None:
    waits = simulated(4, 0.85, shape, seed=6)
    found = told(4, 0.85, 1.0 / shape)

    assert Seen(waits.mean(axis=0)).agrees(found.mean_wait, slack=0.10)
    assert 0.035 < (waits > found.quantile(0.95)).mean() < 0.065
