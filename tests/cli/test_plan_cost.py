"""What `hitl plan` says about money."""

import json
import subprocess
import sys

import pytest

from hitl.cli.door import main
from tests.cli.workspace import Workspace, a_case

OPENAI = {"id": "gpt-4o", "provider": "openai", "base_url": "https://api.openai.com/v1"}
LOCAL = {"id": "own-model", "provider": "openai", "base_url": "http://127.0.0.1:1/v1"}
BOUND = {"params": {"max_tokens": 100}}


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795219200")  # 2026-11-21


def told(release: Workspace, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["plan", str(release.write())]) == 0
    assert release.wrote_nothing()
    return capsys.readouterr().out


@pytest.mark.usefixtures("wide")
def test_a_listed_price_is_told_with_its_source_and_day(
    release: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    release.manifest["candidate_model"] = OPENAI | BOUND

    said = told(release, capsys)

    assert "80 live calls, cost 0.0" in said
    assert "2.5 / 10" in said
    assert "openai/gpt-4o on 2026-11-21" in said
    assert "high end: 3 bytes a token" in said


@pytest.mark.usefixtures("wide")
def test_an_unknown_price_is_told_as_unknown_with_what_to_add(
    release: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    release.manifest["previous_model"] = OPENAI | BOUND
    release.manifest["candidate_model"] = LOCAL

    said = told(release, capsys)

    assert "160 live calls, cost at least 0.0" in said
    assert "and unknown for candidate" in said
    assert "add `price: {usd_per_1m_input: ..., usd_per_1m_output: ...}`" in said
    assert "nothing bounds the replies of candidate: 1024 tokens" in said


@pytest.mark.usefixtures("wide")
def test_only_unknown_prices_leave_no_number(
    release: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    release.manifest["candidate_model"] = LOCAL | BOUND

    assert "80 live calls, cost unknown for candidate" in told(release, capsys)


@pytest.mark.usefixtures("wide")
@pytest.mark.parametrize(
    ("cap", "words"),
    [
        pytest.param(0.01, "the run would stop at the cap after about 11 % of the calls", id="low"),
        pytest.param(50, "limits.max_cost_usd is 50.00: the high end stays within it", id="high"),
    ],
)
def test_the_cap_is_told_with_how_far_it_goes(
    release: Workspace, capsys: pytest.CaptureFixture[str], cap: float, words: str
) -> None:
    # Each of 80 calls: [[{"role":"user","content":"question 0"}],[]] has 45 or 46 bytes, so 15 or 16 and 8
    # tokens at 2.5 USD and 100 at 10 USD a million: about 0.00106, or 0.085 in all.
    release.manifest["candidate_model"] = OPENAI | BOUND
    release.manifest["limits"] = {"max_cost_usd": cap}

    assert words in told(release, capsys)


@pytest.mark.usefixtures("wide")
def test_a_cap_that_could_not_be_kept_is_told_before_the_run(
    release: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    release.manifest["candidate_model"] = LOCAL
    release.manifest["limits"] = {"max_cost_usd": 5}

    said = " ".join(told(release, capsys).split())

    assert "the run would not start: candidate_model.price: the price of 'own-model'" in said
    assert "the run would not start: candidate_model.params: nothing bounds the answers" in said


def test_machines_read_the_same_numbers(
    release: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    release.manifest["candidate_model"] = OPENAI | BOUND
    release.manifest["repeats"] = 2

    assert main(["plan", str(release.write()), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)

    (line,) = found["cost"]["lines"]
    assert (found["n_calls"], line["n_calls"], line["output_bound"]) == (160, 160, 100)
    assert 0 < found["cost_usd"]["low"] < found["cost_usd"]["high"]
    assert found["cost_usd"] == line["cost_usd"] == found["cost"]["known_usd"]


def test_a_case_that_cannot_be_asked_is_told_by_the_plan(
    release: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    release.manifest["candidate_model"] = OPENAI | BOUND
    release.cases["core"][3] = a_case(3, input=[{"role": "robot", "content": "x"}])

    assert main(["plan", str(release.write())]) == 2
    assert "case 'c003': input[0].role: 'robot'" in capsys.readouterr().err


def test_a_plan_of_recorded_arms_loads_no_price_list(release: Workspace) -> None:
    program = (
        "import sys; from hitl.cli.door import main; code = main(sys.argv[1:]); "
        "sys.exit(code or 'genai_prices' in sys.modules)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, "plan", str(release.write())],
        capture_output=True,
        check=False,
        timeout=120,
    )

    assert (done.returncode, done.stderr) == (0, b"")
