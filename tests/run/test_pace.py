import asyncio

from hitl.run.model import Fault
from hitl.run.pace import Pace


def test_no_more_calls_at_once_than_the_limit() -> None:
    async def go() -> int:
        pace, most, inside = Pace(3), 0, 0

        async def call() -> None:
            nonlocal most, inside
            await pace.enter()
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1
            pace.leave()

        await asyncio.gather(*(call() for _ in range(50)))
        assert pace.in_flight == 0
        return most

    assert asyncio.run(go()) == 3


def test_a_429_halves_the_calls_at_once_and_answers_bring_them_back() -> None:
    async def go() -> tuple[float, float]:
        pace = Pace(16)
        for _ in range(5):  # one burst counts once
            pace.failed(Fault.RATE_LIMITED, None)
        low = pace.limit
        for _ in range(200):
            pace.answered(10.0)
        return low, pace.limit

    assert asyncio.run(go()) == (8.0, 16.0)


def test_the_calls_at_once_never_fall_below_one() -> None:
    async def go() -> float:
        pace = Pace(4)
        for _ in range(10):
            pace._calmed_at = 0.0
            pace.failed(Fault.RATE_LIMITED, None)
        return pace.limit

    assert asyncio.run(go()) == 1.0


def test_a_server_that_answers_much_slower_is_asked_less_at_once() -> None:
    async def go() -> float:
        pace = Pace(20)
        for _ in range(80):
            pace.answered(10.0)
        for _ in range(40):
            pace.answered(100.0)
        return pace.limit

    assert asyncio.run(go()) == 16.0


def test_what_a_server_asks_to_wait_holds_every_call_of_the_arm() -> None:
    async def go() -> float:
        pace, loop = Pace(4), asyncio.get_running_loop()
        pace.failed(Fault.RATE_LIMITED, 0.2)
        start = loop.time()
        await asyncio.gather(pace.enter(), pace.enter())
        return loop.time() - start

    assert asyncio.run(go()) >= 0.2


def test_a_shorter_wait_does_not_end_a_longer_one() -> None:
    async def go() -> bool:
        pace = Pace(4)
        pace.failed(Fault.RATE_LIMITED, 10.0)
        pace.failed(Fault.RATE_LIMITED, 0.001)
        await asyncio.sleep(0.01)
        return pace.enters_at_once()

    assert asyncio.run(go()) is False


def test_after_a_pause_calls_enter_at_once_again() -> None:
    async def go() -> bool:
        pace = Pace(4)
        pace.failed(Fault.RATE_LIMITED, 0.01)
        await asyncio.sleep(0.02)
        return pace.enters_at_once()

    assert asyncio.run(go()) is True


def test_requests_a_minute_are_kept() -> None:
    async def go() -> int:
        pace, made = Pace(50, requests_per_minute=5), 0

        async def call() -> None:
            nonlocal made
            await pace.enter()
            made += 1
            pace.leave()

        tasks = [asyncio.create_task(call()) for _ in range(20)]
        await asyncio.sleep(0.1)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return made

    assert asyncio.run(go()) == 5


def test_a_call_larger_than_a_minute_of_tokens_still_goes_through() -> None:
    async def go() -> None:
        pace = Pace(2, tokens_per_minute=100)
        await asyncio.wait_for(pace.enter(tokens=5000), 5)

    asyncio.run(go())


def test_a_cancelled_wait_passes_its_turn_on() -> None:
    async def go() -> None:
        pace = Pace(1)
        await pace.enter()
        first, second = asyncio.create_task(pace.enter()), asyncio.create_task(pace.enter())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        pace.leave()
        first.cancel()
        await asyncio.wait_for(second, 5)

    asyncio.run(go())
