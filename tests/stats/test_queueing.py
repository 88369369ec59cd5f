import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitl.stats.queueing import (
    Unstable,
    Waiting,
    erlang_c,
    line,
    most_arrivals,
    servers_enough,
    waits_in_turn,
)


def steady(servers: int, arrivals: float, service: float, cv2: float = 1.0) -> Waiting:
    found = line(servers, arrivals, service, cv2)
    assert isinstance(found, Waiting)
    return found


@pytest.mark.parametrize(
    ("servers", "load", "chance"),
    [
        pytest.param(1, 0.7, 0.7, id="one server: its utilisation"),
        pytest.param(2, 1.0, 1 / 3, id="two servers, half busy: one third"),
        pytest.param(3, 2.0, 4 / 9, id="three servers, load two: four ninths"),
        pytest.param(5, 4.0, 0.554113, id="five servers, load four"),
        pytest.param(10, 8.0, 0.409180, id="ten servers, load eight"),
        pytest.param(4, 0.0, 0.0, id="nothing comes"),
        pytest.param(4, 4.0, 1.0, id="as much comes as is done"),
    ],
)
def test_erlang_c_has_the_values_of_the_tables(servers: int, load: float, chance: float) -> None:
    assert erlang_c(servers, load) == pytest.approx(chance, abs=1e-6)


def test_erlang_c_agrees_with_its_sum() -> None:
    servers, load = 7, 5.5
    last = load**servers / math.factorial(servers) * servers / (servers - load)
    others = sum(load**k / math.factorial(k) for k in range(servers))

    assert erlang_c(servers, load) == pytest.approx(last / (others + last), rel=1e-12)


def test_many_servers_lose_no_digits() -> None:
    assert 0.0 < erlang_c(5000, 4950.0) < 1.0


def test_one_server_is_the_textbook_line() -> None:
    # M/M/1, 4 an hour, 10 minutes each: rho 2/3, Wq = rho / (mu - lambda) = 20 min, Lq = lambda Wq = 4/3.
    found = steady(1, 4.0, 1 / 6)

    assert found.utilisation == pytest.approx(2 / 3)
    assert found.mean_wait == pytest.approx(1 / 3)
    assert found.queue_length == pytest.approx(4 / 3)
    # P(W > t) = rho exp(-(mu - lambda) t), mu - lambda = 2 an hour.
    assert found.longer_than(0.5) == pytest.approx(2 / 3 * math.exp(-1))
    assert found.quantile(0.95) == pytest.approx(math.log(2 / 3 / 0.05) / 2)


def test_even_work_halves_the_wait_of_one_server() -> None:
    # Pollaczek and Khinchine: with no variation the wait of M/M/1 halves.
    assert steady(1, 0.5, 1.0, 0.0).mean_wait == pytest.approx(steady(1, 0.5, 1.0).mean_wait / 2)


def test_the_share_beyond_a_quantile_is_the_rest() -> None:
    found = steady(3, 2.4, 1.0, 2.5)

    assert found.longer_than(found.quantile(0.9)) == pytest.approx(0.1)
    assert found.quantile(0.05) == 0.0


@pytest.mark.parametrize("arrivals", [2.0, 2.5, 1e9])
def test_a_line_to_which_as_much_comes_as_is_done_has_no_wait_to_tell(arrivals: float) -> None:
    assert line(2, arrivals, 1.0) == Unstable(2, arrivals / 2)


def test_nothing_that_comes_waits_for_nothing() -> None:
    found = steady(2, 0.0, 1.0)

    assert (found.mean_wait, found.queue_length, found.quantile(0.99), found.longer_than(0.0)) == (
        0.0,
        0.0,
        0.0,
        0.0,
    )


def test_the_fewest_servers_are_enough_and_one_fewer_is_not() -> None:
    enough = servers_enough(arrivals=20.0, service=0.5, within=0.1)

    assert enough is not None
    assert steady(enough, 20.0, 0.5).quantile(0.95) <= 0.1
    fewer = line(enough - 1, 20.0, 0.5)
    assert isinstance(fewer, Unstable) or fewer.quantile(0.95) > 0.1


def test_nobody_is_enough_for_endless_work() -> None:
    assert servers_enough(arrivals=1e9, service=1.0, within=1.0) is None


def test_one_server_that_nobody_may_wait_for_carries_a_twentieth() -> None:
    # P(wait) = rho, and 95 % begin at once while it is at most 0.05.
    assert most_arrivals(1, 1.0, within=0.0) == pytest.approx(0.05, abs=2e-6)


@pytest.mark.parametrize(
    ("servers", "arrivals", "service", "cv2"),
    [(0, 1.0, 1.0, 1.0), (1, -1.0, 1.0, 1.0), (1, math.nan, 1.0, 1.0), (1, math.inf, 1.0, 1.0),
     (1, 1.0, 0.0, 1.0), (1, 1.0, math.nan, 1.0), (1, 0.5, 1.0, -1.0), (1, 0.5, 1.0, math.nan)],
)  # fmt: skip
def test_nonsense_is_refused(servers: int, arrivals: float, service: float, cv2: float) -> None:
    with pytest.raises(ValueError, match="expected"):
        line(servers, arrivals, service, cv2)


@pytest.mark.parametrize("within", [-1.0, math.nan])
def test_a_negative_time_is_refused(within: float) -> None:
    with pytest.raises(ValueError, match="time of 0 or more"):
        most_arrivals(1, 1.0, within)
    with pytest.raises(ValueError, match="time of 0 or more"):
        servers_enough(1.0, 1.0, within)


@given(
    servers=st.integers(1, 60),
    busy=st.floats(0.0, 0.99),
    more=st.floats(0.0, 0.009),
    cv2=st.floats(0.0, 5.0),
)
def test_more_work_never_waits_less_and_more_servers_never_more(
    servers: int, busy: float, more: float, cv2: float
) -> None:
    found = steady(servers, busy * servers, 1.0, cv2)
    busier = steady(servers, (busy + more) * servers, 1.0, cv2)
    helped = steady(servers + 1, busy * servers, 1.0, cv2)

    assert busier.mean_wait >= found.mean_wait - 1e-12
    assert helped.mean_wait <= found.mean_wait + 1e-12


@given(servers=st.integers(1, 20), within=st.floats(0.0, 20.0), cv2=st.floats(0.0, 4.0))
def test_what_can_be_carried_is_carried_in_time(servers: int, within: float, cv2: float) -> None:
    most = most_arrivals(servers, 1.0, within, 0.9, cv2)

    assert most < servers
    assert steady(servers, most, 1.0, cv2).quantile(0.9) <= within


class TestWaitsInTurn:
    """Work of one size, taken in the order in which it comes."""

    def test_a_burst_waits_one_after_the_other(self) -> None:
        # Two servers, ten minutes each: five at once begin at 0, 0, 10, 10, 20; one at 25 finds a server free at 20.
        assert list(waits_in_turn([0, 0, 0, 0, 0, 25], 2, 10.0)) == [0, 0, 10, 10, 20, 0]

    def test_what_comes_as_fast_as_it_is_done_never_waits(self) -> None:
        assert set(waits_in_turn(range(0, 1000, 10), 1, 10.0)) == {0.0}

    def test_poisson_arrivals_wait_as_long_as_the_formula_says(self) -> None:
        draw = np.random.default_rng(7)
        times = np.cumsum(draw.exponential(1.25, 200_000)).tolist()
        waits = list(waits_in_turn(times, 1, 1.0))
        found = line(1, 0.8, 1.0, cv2=0.0)

        # Exact for one server and work of one size (Pollaczek and Khinchine): 0.8 / (2 * 0.2) = 2.
        assert isinstance(found, Waiting)
        assert found.mean_wait == pytest.approx(2.0)
        assert np.mean(waits) == pytest.approx(2.0, rel=0.05)

    @pytest.mark.parametrize(("servers", "service"), [(0, 1.0), (1, 0.0), (1, float("nan"))])
    def test_no_server_or_no_work_is_refused(self, servers: int, service: float) -> None:
        with pytest.raises(ValueError, match="expected"):
            list(waits_in_turn([0.0], servers, service))
