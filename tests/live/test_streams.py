"""What a live run says where: JSON alone on stdout when asked, people on stderr, no bars off a terminal."""

import json
from collections.abc import Callable

import pytest

from tests.cli.workspace import Row
from tests.live.arms import YES, Live
from tests.loopback.process import LoopbackProcess
from tests.loopback.server import Loopback

Spoil = Callable[[Live], object]


def nothing(live: Live) -> None:
    pass


def no_key(live: Live) -> None:
    live.manifest["candidate_model"]["api_key_env"] = "A_KEY_THAT_IS_NOT_SET"


def no_server(live: Live) -> None:
    live.manifest["candidate_model"]["base_url"] = "http://127.0.0.1:9/v1"


def no_field(live: Live) -> None:
    del live.manifest["golden_set"]


def no_money(live: Live) -> None:
    dear = {
        "price": {"usd_per_1m_input": 1e4, "usd_per_1m_output": 1e4},
        "params": {"max_tokens": 2},
    }
    for arm in ("previous_model", "candidate_model"):
        live.manifest[arm] |= dear
    live.limits(max_cost_usd=6)


def refused(live: Live) -> None:
    for arm in ("previous_model", "candidate_model"):
        live.manifest[arm]["params"] = {"seed": 1}


def recorded(live: Live) -> None:
    for arm in ("previous_model", "candidate_model"):
        live.manifest[arm] = {"id": "m", "provider": "recorded", "replies": "none.jsonl"}


CODES: dict[Spoil, int] = {nothing: 0, no_key: 2, no_server: 12, no_field: 2, no_money: 12, refused: 2, recorded: 12}  # fmt: skip


@pytest.mark.parametrize(
    ("spoil", "command"),
    [(spoil, "gate") for spoil in CODES]
    + [(spoil, "run") for spoil in CODES if spoil is not no_server],
)
def test_stdout_is_one_json_document_whatever_happens(
    live: Live, spoil: Spoil, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Loopback(rules=[YES], refuses=["seed"]) as server:
        spoil(live.serve(server))
        code = getattr(live, command)("--json")

    said = capsys.readouterr()
    found: Row = json.loads(said.out)
    assert code == CODES[spoil]
    assert found.get("exit_code", 0) == code
    assert ("error" in found) == (code != 0)
    assert "Traceback" not in said.err
    assert "━" not in said.err
    assert "\x1b" not in said.out + said.err


def test_a_run_says_what_it_did_and_what_comes_next(
    live: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    with Loopback(rules=[YES]) as server:
        assert live.serve(server).run() == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == (
        "160 calls: 160 made now, 0 answered before, 0 failed for good; cost unknown\n"
        f"journal: {live.journal}\n"
        f"now run: hitl gate {live.root / 'release.yaml'} --out {live.out}\n"
    )


def test_a_run_as_json_tells_its_numbers(live: Live, capsys: pytest.CaptureFixture[str]) -> None:
    price = {"price": {"usd_per_1m_input": 1e4, "usd_per_1m_output": 1e4}}
    with Loopback(rules=[YES]) as server:
        assert live.serve(server, both=price).run("--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found == {
        "release_id": "upgrade",
        "journal": str(live.journal),
        "replies": {arm: str(live.folder / f"evidence/{arm}.jsonl.gz") for arm in ("previous", "candidate")},
        "n_calls": 160,
        "n_asked": 160,
        "n_reused": 0,
        "n_errors": 0,
        "spent_usd": pytest.approx(162 * 0.11),
    }  # fmt: skip


def test_the_installed_program_draws_no_bar_into_a_pipe(live: Live) -> None:
    with LoopbackProcess(rules=[YES]) as server:
        process = live.serve(server).started("--json", command="gate")
        out, err = process.communicate(timeout=30)

    assert process.returncode == 0, err
    assert json.loads(out)["verdict"] == "ship"
    assert err.splitlines() == [
        "upgrade: ship",
        f"record: {live.record_path}",
        f"page:   {live.folder / 'index.html'}",
    ]
