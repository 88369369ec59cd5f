"""A subset that neither arm passes cannot show a regression, however well the arms agree on it."""

import pytest

from hitl.gate.verdict_words import State
from tests.builders import a_release

MARGIN = {"authority": "block", "margin": 0.05}
COUNT = {"authority": "block", "max_regressions": 0}


@pytest.mark.parametrize(
    "gate", [pytest.param(MARGIN, id="margin"), pytest.param(COUNT, id="count")]
)
def test_two_arms_that_fail_everything_do_not_ship(gate: dict[str, object]) -> None:
    found = a_release(200, still_failing=200, gate=gate)

    assert found.verdict == "hold"
    assert found.judgement.gates[0].state is State.UNMEASURED
    assert "neither passes" in found.judgement.gates[0].reason


def test_a_posture_that_moves_from_two_to_eight_of_a_hundred_is_held() -> None:
    # 8 of 100 is at least 4.1 % at 95 % (Clopper-Pearson): below the 5 % that count as something.
    found = a_release(100, improved=6, still_failing=92, gate=MARGIN)

    assert found.verdict == "hold"


def test_a_candidate_that_mends_a_broken_workflow_ships() -> None:
    found = a_release(200, improved=190, still_failing=10, gate=MARGIN)

    assert found.verdict == "ship"


def test_a_regression_from_little_to_nothing_is_still_a_failure() -> None:
    # 40 of 1000 pass before and none after: at least 4.9 points are lost, with a margin of 1.
    found = a_release(
        1000,
        regressed=40,
        still_failing=960,
        gate={"authority": "block", "margin": 0.01},
        stage="canary",
    )

    assert found.verdict == "revert"
