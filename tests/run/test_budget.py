"""Money is set aside before it is spent, so that a cap holds."""

import asyncio
from collections.abc import Coroutine

import numpy as np
import pytest

from hitl.run.money.budget import Budget, BudgetSpent


def run(work: Coroutine[object, object, None]) -> None:
    async def bounded() -> None:
        await asyncio.wait_for(work, timeout=60)

    asyncio.run(bounded())


async def let_others_run() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_without_a_cap_nothing_waits_and_everything_is_summed() -> None:
    async def work() -> None:
        budget = Budget(None)
        for _ in range(3):
            await budget.reserve(1e6)
        budget.settle(1e6, 0.25)

        assert (budget.spent, budget.reserved, budget.ceiling) == (0.25, 2e6, 2e6 + 0.25)

    run(work())


def test_ten_dimes_fit_into_a_dollar_and_an_eleventh_does_not() -> None:
    async def work() -> None:
        budget = Budget(1.0)
        for _ in range(10):  # 0.1 added ten times is 0.9999999999999999 in floats
            await budget.reserve(0.1)
        for _ in range(10):
            budget.settle(0.1, 0.1)

        assert (budget.spent, budget.reserved) == (1.0, 0.0)
        with pytest.raises(BudgetSpent):
            await budget.reserve(1e-9)

    run(work())


def test_three_thirds_of_three_dimes_fit_though_floats_say_they_overshoot() -> None:
    async def work() -> None:
        budget = Budget(0.3)
        for _ in range(3):  # 0.1 + 0.1 + 0.1 > 0.3 in floats
            await budget.reserve(0.1)

        assert budget.ceiling == 0.3

    run(work())


def test_a_call_waits_for_room_that_an_open_call_frees() -> None:
    async def work() -> None:
        budget = Budget(1.0)
        await budget.reserve(0.7)
        waiting = asyncio.create_task(budget.reserve(0.5))
        await let_others_run()
        assert not waiting.done()

        budget.settle(0.7, 0.1)
        await waiting

        assert budget.ceiling == 0.6

    run(work())


def test_room_that_is_freed_lets_all_go_on_that_fit() -> None:
    async def work() -> None:
        budget = Budget(1.0)
        await budget.reserve(1.0)
        waiting = [asyncio.create_task(budget.reserve(0.3)) for _ in range(4)]
        await let_others_run()

        budget.settle(1.0, 0.0)
        await let_others_run()

        assert [task.done() for task in waiting] == [True, True, True, False]
        budget.settle(0.3, 0.0)
        await asyncio.gather(*waiting)
        assert budget.reserved == 0.9

    run(work())


def test_once_the_budget_is_spent_everybody_who_waits_is_told() -> None:
    async def work() -> None:
        budget = Budget(1.0)
        await budget.reserve(0.9)
        waiting = [asyncio.create_task(budget.reserve(0.5)) for _ in range(3)]
        waiting.append(asyncio.create_task(budget.reserve(0.15)))
        await let_others_run()

        budget.settle(0.9, 0.8)
        told = await asyncio.gather(*waiting, return_exceptions=True)

        assert all(isinstance(error, BudgetSpent) for error in told)
        assert {(error.spent, error.cap) for error in told if isinstance(error, BudgetSpent)} == {
            (0.8, 1.0)
        }

    run(work())


def test_a_call_that_can_never_fit_is_refused_while_others_are_open() -> None:
    async def work() -> None:
        budget = Budget(1.0)
        await budget.reserve(0.5)
        with pytest.raises(BudgetSpent):
            await budget.reserve(1.5)
        with pytest.raises(BudgetSpent):  # the run is not whole any more
            await budget.reserve(0.1)
        budget.settle(0.5, 0.5)

        assert (budget.spent, budget.reserved) == (0.5, 0.0)

    run(work())


def test_what_an_earlier_run_spent_counts() -> None:
    async def work() -> None:
        budget = Budget(1.0, spent=0.95)
        await budget.reserve(0.05)
        with pytest.raises(BudgetSpent, match=r"0\.950000 of 1 USD"):
            await Budget(1.0, spent=0.95).reserve(0.06)

    run(work())


@pytest.mark.parametrize("spent", [1.0, 1.5])
def test_a_cap_that_is_used_up_lets_no_call_that_costs_anything_begin(spent: float) -> None:
    async def work() -> None:
        with pytest.raises(BudgetSpent):
            await Budget(1.0, spent=spent).reserve(0.000001)

    run(work())


def test_a_call_dearer_than_its_worst_case_is_written_down_as_it_was() -> None:
    async def work() -> None:
        budget = Budget(1.0)
        await budget.reserve(0.5)
        budget.settle(0.5, 1.25)

        assert budget.spent == 1.25
        with pytest.raises(BudgetSpent):
            await budget.reserve(0.0)

    run(work())


def test_a_call_that_is_cancelled_while_it_waits_holds_nothing() -> None:
    async def work() -> None:
        budget = Budget(1.0)
        await budget.reserve(0.9)
        waiting = asyncio.create_task(budget.reserve(0.5))
        await let_others_run()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        budget.settle(0.9, 0.0)

        assert budget.ceiling == 0.0
        await budget.reserve(1.0)

    run(work())


@pytest.mark.parametrize("amount", [-0.01, float("nan"), float("inf")])
def test_what_is_no_amount_of_money_is_refused(amount: float) -> None:
    async def work() -> None:
        with pytest.raises(ValueError, match="no amount of money"):
            await Budget(1.0).reserve(amount)

    run(work())


def test_settling_what_was_never_set_aside_is_refused() -> None:
    with pytest.raises(ValueError, match="never set aside"):
        Budget(1.0).settle(0.1, 0.1)


@pytest.mark.parametrize("seed", range(5))
def test_a_thousand_calls_in_any_order_never_exceed_the_cap_and_always_end(seed: int) -> None:
    chance = np.random.default_rng(seed)
    worst = chance.uniform(0.0001, 0.05, 1000)
    actual = worst * chance.uniform(0, 1, 1000)
    yields = chance.integers(0, 40, 1000)
    budget = Budget(5.0)
    made: list[int] = []
    seen: list[float] = []

    async def call(number: int) -> None:
        await budget.reserve(worst[number])
        seen.append(budget.ceiling)
        try:
            for _ in range(yields[number]):
                await asyncio.sleep(0)
        finally:
            budget.settle(worst[number], actual[number])
            made.append(number)

    async def work() -> None:
        calls = [call(number) for number in range(1000)]
        told = await asyncio.gather(*calls, return_exceptions=True)
        refused = [error for error in told if error is not None]
        assert all(isinstance(error, BudgetSpent) for error in refused)
        assert len(made) + len(refused) == 1000

    run(work())

    assert 50 < len(made) < 1000  # all of them would cost about 12.5
    assert max(seen) <= 5.0
    assert budget.reserved == 0.0
    assert budget.spent == pytest.approx(sum(actual[number] for number in made))
    assert budget.spent > 4.9  # the cap stops a run near its end, not early
