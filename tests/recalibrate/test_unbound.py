"""Types that the risk matrix runs alone, or runs and audits, below `auto` too: what a threshold cannot promise there."""

import pytest

from hitl.policy import Policy
from hitl.recalibrate.certificate import Standing
from hitl.recalibrate.certified import Code, certificate_findings
from hitl.recalibrate.closed import unbound_types
from hitl.recalibrate.parts import Recalibration
from hitl.recalibrate.recalibration import Subject, recalibrate, was_answered
from hitl.recalibrate.threshold import Ask
from hitl.recalibrate.words import Direction, State
from hitl.render.recalibration.words import alone
from tests.policy.policies import one_type
from tests.recalibrate.counts import AT, MODEL, Line, some_scores

GOOD = (Line(0.9, right=992, wrong=8), Line(0.3, right=500, wrong=500))


def a_policy(medium: str | None, auto: float | str = 0.95, **action: object) -> Policy:
    row = {"high_confidence": "auto", "medium_confidence": medium, "low_confidence": medium or "auto"}  # fmt: skip
    matrix = {"low": row, "medium": row, "high": row}
    return one_type({"thresholds": {"auto": auto, "review": 0.2}, **action}, risk_matrix=matrix)


def recalibrated(policy: Policy) -> Recalibration:
    return recalibrate(some_scores(*GOOD), policy, Ask(AT), Subject(MODEL))


@pytest.mark.parametrize("auto", [0.95, "never"])
@pytest.mark.parametrize("medium", ["auto", None], ids=["auto", "that of low confidence"])
def test_where_the_matrix_runs_it_below_auto_too_nothing_is_certified_or_said_to_stop(
    medium: str | None, auto: float | str
) -> None:
    document = recalibrated(a_policy(medium, auto))
    (found,) = document.types

    assert (found.state, found.certificate, found.proposed) == (State.UNBOUND, None, None)
    assert found.direction is Direction.KEEPS
    assert "risk_matrix.low gives auto at medium_confidence" in found.reason
    assert (found.n, found.n_eligible) == (2000, 2000)
    assert alone(found) == (None, None)
    assert not was_answered(document)


@pytest.mark.parametrize("auto", [0.95, "never"])
def test_no_certificate_stands_where_more_runs_alone_than_it_says(auto: float | str) -> None:
    (certified,) = recalibrated(a_policy("queue")).types
    assert certified.certificate is not None

    found = certificate_findings(None, Standing(a_policy("auto", auto), AT, MODEL))

    assert [one.code for one in found] == [Code.UNCERTIFIED]
    assert "below `auto` too" in found[0].message


@pytest.mark.parametrize("policy", [
    pytest.param(a_policy("queue"), id="a person decides first"),
    pytest.param(a_policy("audit"), id="everything is looked at"),
    pytest.param(a_policy("auto", reversible=False), id="it cannot be undone"),
])  # fmt: skip
def test_other_types_are_bound_by_their_threshold(policy: Policy) -> None:
    assert unbound_types(policy) == {}


@pytest.mark.parametrize(("medium", "is_said"), [("audit", True), ("queue", False)])
def test_what_runs_and_is_audited_between_the_thresholds_is_said_not_to_be_promised(
    medium: str, is_said: bool
) -> None:
    notes = recalibrated(a_policy(medium)).notes

    assert any("runs before anybody looks" in note for note in notes) is is_said
