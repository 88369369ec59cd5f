"""A run that is killed, over and over: nothing that was answered is lost, asked twice or paid for beyond the cap."""

import multiprocessing
import os
from collections import Counter
from multiprocessing.process import BaseProcess
from time import monotonic, sleep

import numpy as np
import pytest

from hitl.cli.door import main
from tests.cli.workspace import Row
from tests.live.arms import NEW, OLD, YES, Live
from tests.loopback.process import LoopbackProcess

KILLS = 20
AT_ONCE = 4
USD = 0.11
"""Of one answer: 10 tokens in, 1 out, 0.01 USD each."""
DEAR = {
    "price": {"usd_per_1m_input": 1e4, "usd_per_1m_output": 1e4},
    "params": {"max_tokens": 2},
}
LANES = {OLD: "previous", NEW: "candidate"}


def _main(arguments: list[str]) -> None:
    os._exit(main(arguments))


def begun(live: Live) -> BaseProcess:
    arguments = ["run", str(live.write()), "--out", str(live.out)]
    process = multiprocessing.get_context("fork").Process(target=_main, args=(arguments,))
    process.start()
    return process


def killed(process: BaseProcess, live: Live, after_s: float) -> int | None:
    """Kill a run so long after its journal is there; return its exit code if it ended before."""
    until = monotonic() + 10
    while process.is_alive() and not live.journal.exists() and monotonic() < until:
        sleep(0.002)
    process.join(after_s)
    process.kill()
    process.join()
    code = process.exitcode
    process.close()
    return None if code == -9 else code


def asked(calls: list[Row]) -> Counter[tuple[str, str]]:
    """Count the calls for cases by arm and case."""
    return Counter(
        (LANES[call["model"]], f"c{int(call['user'].split()[1]):03}")
        for call in calls
        if call["user"].startswith("question")
    )


@pytest.mark.parametrize("cap", [None, 8.0])
def test_after_twenty_kills_every_call_has_one_answer_and_none_that_was_kept_was_repeated(
    live: Live, cap: float | None
) -> None:
    chance, n_kills, code, limit = np.random.default_rng(7), 0, None, cap
    with LoopbackProcess(rules=[YES], latency_ms=20) as server:
        live.size(200).serve(server, both=DEAR).limits(concurrency=AT_ONCE)
        while n_kills < KILLS or code != 0:
            live.limits(**({"max_cost_usd": limit} if limit else {}))
            kept = live.answered() if live.journal.exists() else set()
            before = len(server.calls()["order"])
            code = killed(begun(live), live, 60 if n_kills >= KILLS else chance.uniform(0, 0.25))
            n_kills += code is None
            calls = server.calls()["order"]

            assert code in (None, 0, 12)
            assert not kept & asked(calls[before:]).keys()
            assert kept <= live.answered()
            if limit is not None:
                assert USD * len(calls) <= limit
                limit += 8.0 * (code == 12)
        calls = server.calls()["order"]

    rows = live.replies()
    keys = Counter(row["key"] for row in rows)
    repeated = asked(calls).total() - 400
    assert len(keys) == len(rows) == 400
    assert len(live.answered()) == 400
    assert repeated <= n_kills * AT_ONCE
    if cap is not None:
        assert limit is not None
        assert limit > cap  # the cap was reached on the way, and raised
