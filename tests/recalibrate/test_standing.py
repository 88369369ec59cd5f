"""A recalibration is a file that anybody can edit: which of its thresholds a forecast may use."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from hitl.policy.schema import Policy
from hitl.recalibrate.parts import Recalibration
from hitl.recalibrate.recalibration import Subject, recalibrate
from hitl.recalibrate.standing import Wanted, recalibrated_policy
from hitl.recalibrate.threshold import Ask
from hitl.recalibrate.words import State
from tests.policy.policies import one_type
from tests.recalibrate.counts import AT, MODEL, Line, some_scores

DIGEST = "c" * 64
POLICY = one_type({"thresholds": {"auto": 0.95, "review": 0.5}})
WANTED = Wanted(POLICY, DIGEST, frozenset({MODEL}), AT + timedelta(days=1))


@pytest.fixture(scope="module")
def found() -> Recalibration:
    """A threshold of 0.9 or lower is certified, on 1,000 labels of which 8 are wrong; 0.95 is in force."""
    scores = some_scores(Line(0.9, right=992, wrong=8), Line(0.3, right=500, wrong=500))
    made = recalibrate(scores, POLICY, Ask(AT), Subject(MODEL))
    assert made.types[0].certificate is not None
    return made.model_copy(update={"policy_digest": DIGEST, "new_version": "2"})


def changed(found: Recalibration, **parts: object) -> Recalibration:
    """The same with parts of its first type changed."""
    first, *rest = found.types
    return found.model_copy(update={"types": (first.model_copy(update=parts), *rest)})


def certified(found: Recalibration, **parts: object) -> Recalibration:
    """The same with parts of its certificate changed."""
    certificate = found.types[0].certificate
    assert certificate is not None
    return changed(found, certificate=certificate.model_copy(update=parts))


def test_what_stands_becomes_a_policy_of_its_own_version(found: Recalibration) -> None:
    policy = recalibrated_policy(found, WANTED)
    assert isinstance(policy, Policy)
    name = found.types[0].action_type
    limits = policy.action_types[name].thresholds
    assert limits is not None
    assert limits.auto == found.types[0].proposed
    assert limits.auto < 0.95
    assert policy.version == "2"
    assert POLICY.version != "2"


def test_a_proposal_that_the_policy_already_follows_is_said_to_be_in_force(
    found: Recalibration,
) -> None:
    applied = recalibrated_policy(found, WANTED)
    assert isinstance(applied, Policy)
    again = recalibrated_policy(found, replace(WANTED, policy=applied, policy_digest="e" * 64))
    assert isinstance(again, str)
    assert "has its thresholds already" in again


def test_taking_autonomy_away_needs_no_certificate(found: Recalibration) -> None:
    policy = recalibrated_policy(changed(found, proposed="never", certificate=None), WANTED)
    assert isinstance(policy, Policy)
    limits = policy.action_types[found.types[0].action_type].thresholds
    assert limits is not None
    assert limits.auto == "never"


@pytest.mark.parametrize(
    ("forge", "why"),
    [
        (lambda f: f.model_copy(update={"policy_digest": "d" * 64}), "another policy file"),
        (lambda f: f.model_copy(update={"model": "someone-else"}), "not for the candidate"),
        (lambda f: f.model_copy(update={"model": None}), "whose scores"),
        (lambda f: f.model_copy(update={"types": (*f.types, *f.types)}), "twice"),
        (lambda f: f.model_copy(update={"types": ()}), "proposes no threshold"),
        (lambda f: changed(f, action_type="unknown"), "no thresholds for it"),
        (lambda f: changed(f, auto=0.5), "not the policy's"),
        (lambda f: changed(f, proposed=0.0, proposed_review=0.0), "the certificate is for"),
        (lambda f: changed(f, proposed=0.1), "lies above"),
        (lambda f: changed(f, certificate=None), "without a certificate"),
        (lambda f: changed(f, state=State.UNCERTIFIED), "without a certificate"),
        (
            lambda f: changed(f, proposed=0.95, proposed_review=0.0, certificate=None),
            "neither the policy's",
        ),
        (lambda f: changed(f, proposed="never", proposed_review=0.4), "neither the policy's"),
        (lambda f: changed(f, curve=()), "not those of the curve"),
        (lambda f: certified(f, threshold=0.1), "the certificate is for"),
        (lambda f: certified(f, model="someone-else"), "someone-else"),
        (lambda f: certified(f, action_type="other"), "is for other"),
        (lambda f: certified(f, policy_id="other"), "for the policy 'other'"),
        (lambda f: certified(f, policy_version="9"), "version 9"),
        (lambda f: certified(f, target=0.5), "another target"),
        (lambda f: certified(f, valid_until=AT.isoformat()), "ended"),
        (lambda f: certified(f, valid_until="soon"), "ended"),
        (lambda f: certified(f, k=40), "do not prove"),
        (lambda f: certified(f, n=100, k=0), "do not prove"),
        (lambda f: certified(f, k=0), "not those of the curve"),
        (lambda f: certified(f, upper=0.5), "do not prove"),
        (lambda f: certified(f, delta=0.5), "do not prove"),
        (lambda f: certified(f, calibrator="e" * 64), "another calibrator"),
    ],
)
def test_an_edited_recalibration_gives_no_autonomy(
    found: Recalibration, forge: Callable[[Recalibration], Recalibration], why: str
) -> None:
    refused = recalibrated_policy(forge(found), WANTED)
    assert isinstance(refused, str)
    assert why in refused


def test_a_type_that_was_taken_out_does_not_keep_its_threshold_unseen(found: Recalibration) -> None:
    two = POLICY.model_copy(update={"action_types": {**POLICY.action_types, "other": POLICY.action_types[found.types[0].action_type]}})  # fmt: skip
    said = recalibrated_policy(found, replace(WANTED, policy=two))
    assert said == "it says nothing of other, whose threshold the policy has"


def test_a_certificate_ends_on_its_day(found: Recalibration) -> None:
    late = replace(WANTED, at=AT + timedelta(days=91))
    refused = recalibrated_policy(found, late)
    assert isinstance(refused, str)
    assert "ended" in refused
