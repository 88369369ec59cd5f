"""Ctrl-C, SIGTERM, and two runs that want the same journal."""

import signal
import subprocess
from collections.abc import Callable

import pytest

from tests.live.arms import YES, Live, asked_of, wait_until
from tests.loopback.process import LoopbackProcess
from tests.loopback.server import Loopback


def has_replies(live: Live) -> Callable[[], bool]:
    return lambda: live.journal.exists() and len(live.replies()) >= 5


def ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_keeps_the_calls_under_way_and_the_next_run_makes_the_rest(
    live: Live, number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    with LoopbackProcess(rules=[YES], latency_ms=50) as server:
        process = live.serve(server).limits(concurrency=4).started("--json")
        wait_until(has_replies(live))
        process.send_signal(number)
        code, out, err = ended(process)
        kept = live.replies()
        n_asked = len(asked_of(server))

        assert code == 130
        assert f"interrupted after {len(kept)} of 160 calls" in err
        assert str(live.journal) in err
        assert "run the same command again to go on" in err
        assert '"exit_code": 130' in out
        assert n_asked == len(kept)  # what was under way was waited for
        assert len(kept) < 160

        assert live.limits(concurrency=16).run() == 0
        assert f"{160 - len(kept)} made now, {len(kept)} answered before" in capsys.readouterr().err
        assert len(asked_of(server)) == 160
    assert len(live.answered()) == 160


def test_a_second_ctrl_c_drops_the_calls_under_way(live: Live) -> None:
    rules = [{"when": {"contains": "question", "after": 8}, "do": "hang"}, YES]
    with LoopbackProcess(rules=rules) as server:
        process = live.serve(server).limits(concurrency=4).started()
        wait_until(has_replies(live))
        wait_until(lambda: len(asked_of(server)) >= 12)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert "waiting for the calls under way" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        code, out, err = ended(process)

    assert code == 130
    assert "interrupted after 8 of 160 calls" in err
    assert "Traceback" not in err
    assert out == ""
    assert len(live.replies()) == 8


def test_a_stop_does_not_wait_for_a_server_that_asks_to_be_left_alone(live: Live) -> None:
    rules = [{"when": {"contains": "question", "after": 20}, "do": "429", "retry_after": 100}, YES]
    with LoopbackProcess(rules=rules) as server:
        process = live.serve(server).limits(concurrency=4).started()
        wait_until(lambda: len(asked_of(server)) >= 22)
        process.send_signal(signal.SIGTERM)
        code, _, err = ended(process)
        n_asked = len(asked_of(server))

    assert code == 130
    assert f"interrupted after {len(live.replies())} of 160 calls" in err
    assert n_asked <= 28


@pytest.mark.parametrize("options", [(), ("--fresh",)])
def test_a_second_run_of_the_same_journal_is_refused_and_the_first_is_unharmed(
    live: Live, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with Loopback(rules=[YES], latency_ms=30) as server:
        first = live.serve(server).limits(concurrency=8).started()
        wait_until(has_replies(live))

        assert live.run(*options) == 2
        assert "another run is writing this journal" in capsys.readouterr().err
        code, _, err = ended(first)
        n_asked = len(asked_of(server))

    assert (code, n_asked) == (0, 160), err
    assert len(live.replies()) == 160
    assert [path.name for path in live.journal.parent.iterdir()] == ["journal.jsonl"]
