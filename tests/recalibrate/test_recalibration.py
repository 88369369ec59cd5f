"""Whole recalibrations: of counts, of real logs that ship, and of logs whose truth is known."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hitl.decisions.mapping import LogColumns, MappingFile
from hitl.decisions.source import open_log
from hitl.document.load import load_document
from hitl.policy import Policy
from hitl.policy.calibrator import Calibrator
from hitl.recalibrate.course import Course
from hitl.recalibrate.direction import Mode
from hitl.recalibrate.parts import Recalibration, TypeResult
from hitl.recalibrate.reading import read_scores
from hitl.recalibrate.recalibration import Subject, recalibrate, was_answered
from hitl.recalibrate.scores import Days, Planted
from hitl.recalibrate.threshold import Ask
from hitl.recalibrate.words import Direction, ErrorsBy, State
from tests.decisions.logs import NEW, OLD, Confidence, Labels, Truth, write_log
from tests.policy.policies import a_policy, a_type, one_type
from tests.recalibrate.counts import AT, MODEL, Line, some_scores

MANIFESTS = Path(__file__).parents[2] / "manifests"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
GOOD = (Line(0.9, right=992, wrong=8), Line(0.3, right=500, wrong=500))


def result(*lines: Line, policy: Policy | None = None, **changes: object) -> TypeResult:
    return recalibrate(
        some_scores(*lines, **changes), policy or one_type(), Ask(AT), Subject(MODEL)
    ).types[0]


def document_of(log: list[Path], policy: Policy, ask: Ask, subject: Subject, errors_by: ErrorsBy = ErrorsBy.CORRECT, mapping: LogColumns | None = None) -> Recalibration:  # fmt: skip
    with open_log([str(path) for path in log], NOW, mapping) as opened:
        scores = read_scores(opened, policy, errors_by)
    return recalibrate(scores, policy, ask, subject)


def test_a_certified_threshold_is_proposed_with_its_certificate() -> None:
    found = result(*GOOD, policy=one_type({"thresholds": {"auto": 0.95, "review": 0.6}}))

    assert (found.state, found.auto, found.proposed) == (State.CERTIFIED, 0.95, 0.9)
    assert found.direction is Direction.GAINS
    assert found.proposed_review == 0.6
    assert found.certificate is not None
    assert found.certificate.threshold == found.proposed
    point = next(point for point in found.curve if point.threshold == 0.9)
    assert (point.n, point.k, point.n_all, point.passes) == (1000, 8, 1000, True)
    assert (found.n, found.n_eligible, found.n_labelled, found.n_wrong) == (2000, 2000, 2000, 508)


def test_the_lower_threshold_follows_where_autonomy_falls_below_it() -> None:
    found = result(Line(0.5, right=1500), Line(0.3, right=500))

    assert (found.proposed, found.review, found.proposed_review) == (0.3, 0.6, 0.3)


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        pytest.param([Line(0.9, right=900, wrong=100), Line(0.3, right=500)], State.UNCERTIFIED, id="errors"),
        pytest.param([Line(0.9, right=20), Line(0.3, right=2)], State.UNLABELLED, id="few labels"),
        pytest.param([Line(0.9, right=500)], State.CONSTANT, id="one confidence"),
        pytest.param([Line(0.9, right=500, eligible=False)], State.UNLABELLED, id="held by rules"),
        pytest.param([], State.ABSENT, id="no decision"),
    ],
)  # fmt: skip
def test_what_is_not_certified_does_not_run(lines: list[Line], state: State) -> None:
    found = result(*lines, Line(0.1, right=1, model="acme/model-1"))

    assert (found.state, found.proposed, found.direction) == (state, "never", Direction.LOSES)
    assert found.certificate is None
    assert found.reason


def test_what_was_closed_for_want_of_proof_opens_by_proof() -> None:
    closed = one_type({"thresholds": {"auto": "never", "review": 0.6}})

    opened, kept = result(*GOOD, policy=closed), result(Line(0.9, right=20), policy=closed)

    assert (opened.proposed, opened.direction) == (0.9, Direction.GAINS)
    assert (kept.proposed, kept.direction) == ("never", Direction.NONE)


@pytest.mark.parametrize(
    "action", [{"reversible": False}, {"risk": "critical"}, {"thresholds": None}]
)
def test_a_type_without_autonomy_to_give_is_left_alone(action: dict[str, object]) -> None:
    found = result(Line(0.9, right=500, eligible=False), policy=one_type(action))

    assert (found.state, found.proposed, found.direction) == (State.CLOSED, None, Direction.NONE)


def test_no_answer_is_told_from_a_refusal() -> None:
    def answered(*lines: Line) -> bool:
        scores = some_scores(*lines, Line(0.1, right=1, model="acme/model-1"))
        return was_answered(recalibrate(scores, one_type(), Ask(AT), Subject(MODEL)))

    assert answered(*GOOD)
    assert answered(Line(0.9, right=900, wrong=100), Line(0.3, right=500))
    assert answered(Line(0.9, right=500))
    assert not answered()
    assert not answered(Line(0.9, right=19))


def test_a_family_shares_the_chance_among_types_with_decisions() -> None:
    policy = a_policy(action_types={name: a_type() for name in ("act", "pay", "rare")})
    scores = some_scores(*GOOD, *(replace(line, action_type="pay") for line in GOOD))

    alone, together = (
        recalibrate(scores, policy, Ask(AT, is_family=is_family), Subject(MODEL)).types[0]
        for is_family in (False, True)
    )

    assert alone.certificate is not None
    assert together.certificate is not None
    assert together.certificate.family == 2
    assert together.certificate.delta == pytest.approx(alone.certificate.delta / 2)


def test_a_calibrator_is_said_to_look_better_on_the_decisions_that_it_was_fitted_on() -> None:
    calibrator = Calibrator.model_validate_json(
        """{"format": "hitl/calibrator/v1", "version": "1", "model": "acme/model-2", "all": {"method": "temperature",
        "parameters": {"temperature": 2.0}, "fitted_on": {"n": 1, "data_digest": "", "at": ""}}}"""
    )
    policy = one_type().model_copy(update={"calibrator": calibrator})

    notes = recalibrate(some_scores(*GOOD), policy, Ask(AT), Subject(MODEL)).notes

    assert any("the calibrator of acme/model-2" in note and "is too good" in note for note in notes)


def test_notes_say_what_the_promise_stands_on() -> None:
    scores = some_scores(
        *GOOD, errors_by=ErrorsBy.OVERRIDE, planted=Planted(100, 60), lacking=("dynamic_risk:1",), days={}
    )  # fmt: skip
    subject = Subject(MODEL, modes=(Mode("invents an id", 12, ("ids",)),))
    notes = recalibrate(scores, one_type(), Ask(AT, random_labels=True), subject).notes

    assert notes[0].startswith("LABELS MISS ERRORS: people noticed 60 of 100 planted errors")
    told = " ".join(notes)
    for words in ("was stated", "modified or rejected", "dynamic_risk:1", "has a time", "invents an id", "90 days"):  # fmt: skip
        assert words in told


@pytest.mark.parametrize(("changes", "words"), [
    pytest.param({"courses": {(MODEL, "act"): Course((500, 2), (500, 20), (20_580, 200))}},
        "act: ERRORS BECAME MORE FREQUENT within the log: 2 of 500 labelled decisions were wrong in its earlier half and 20 of 500", id="errors that became more frequent"),
    pytest.param({"courses": {(MODEL, "act"): Course((500, 2), (500, 2), (20_580, 600))}}, "act: 60 % of the labelled decisions are of one day, 2026-05-07", id="one day"),
    pytest.param({"days": {MODEL: Days(20_000, 20_100)}}, "THE LOG IS OLD: its newest decision is of 2025-01-12", id="an old log"),
    pytest.param({"raters": Counter({(MODEL, "desk", "ana"): 990, (MODEL, "desk", "bo"): 10})}, "one person made 990 of the 1,000 reviews", id="one reviewer"),
    pytest.param({"n_copies": 40}, "40 rows have the time, model, type and confidence of another one", id="copies"),
])  # fmt: skip
def test_what_makes_decisions_less_than_independent_is_said(
    changes: dict[str, object], words: str
) -> None:
    scores = some_scores(*GOOD)

    plain, told = (
        recalibrate(one, one_type(), Ask(AT), Subject(MODEL)).notes
        for one in (scores, replace(scores, **changes))  # type: ignore[arg-type]  # fields of scores
    )

    assert not any(words in note for note in plain)
    assert any(words in note for note in told)


@pytest.mark.parametrize(("spends", "number", "words"), [
    (False, 1, ()), (False, 3, ("this is number 3 of these thresholds, so over all of them it may add up to 15 %",)),
    (True, 3, ("tested at 0.0034 of 0.05 because later recalibrations need the rest",)),
])  # fmt: skip
def test_what_becomes_of_the_chance_is_said(spends: bool, number: int, words: tuple[str, ...]) -> None:  # fmt: skip
    notes = recalibrate(some_scores(*GOOD), one_type(), Ask(AT, spends=spends, round=number), Subject(MODEL)).notes  # fmt: skip

    told = [note for note in notes if "add up to" in note or "later recalibrations" in note]
    assert len(told) == len(words)
    assert all(word in told[0] for word in words)


def test_a_model_that_the_log_does_not_name_is_absent() -> None:
    found = recalibrate(some_scores(*GOOD), one_type(), Ask(AT), Subject("another"))

    assert found.n == 0
    assert found.types[0].state is State.ABSENT


def test_the_document_survives_writing_and_reading() -> None:
    found = recalibrate(some_scores(*GOOD), one_type(), Ask(AT), Subject(MODEL, "acme/model-1"))

    assert Recalibration.model_validate_json(found.model_dump_json()) == found


def card_game(target: float, errors_by: ErrorsBy) -> TypeResult:
    mapping = load_document(MANIFESTS / "card-game" / "mapping.yaml", MappingFile)
    one_kind = {
        "columns": {**mapping.columns, "action_type": "attention_check"},
        "values": {**mapping.values, "action_type": {"false": "bet"}},
    }
    logs = [MANIFESTS / "card-game" / f"group-{group}.jsonl.gz" for group in "ab"]
    policy = a_policy(action_types={"bet": a_type()})
    ask, subject = Ask(AT, target=target), Subject(None)
    return document_of(logs, policy, ask, subject, errors_by, mapping.model_copy(update=one_kind)).types[0]  # fmt: skip


def test_people_s_real_bets_prove_no_two_percent() -> None:
    found = card_game(0.02, ErrorsBy.CORRECT)

    assert (found.state, found.proposed, found.labels_needed) == (State.UNCERTIFIED, "never", None)
    assert (found.n, found.n_labelled, found.n_wrong) == (4080, 4080, 1104)
    # The AI says six different confidences; at 0.92, its highest, 53 of 680 are wrong.
    highest = found.curve[0]
    assert (highest.threshold, highest.n, highest.k) == (0.92, 680, 53)
    assert "53 of 680 labelled decisions are wrong" in found.reason


def test_people_s_real_bets_prove_a_laxer_promise() -> None:
    by_truth, by_people = (card_game(0.2, errors_by) for errors_by in ErrorsBy)

    assert by_truth.certificate is not None
    assert (by_truth.proposed, by_truth.certificate.k, by_truth.certificate.n) == (0.77, 319, 2040)
    assert by_people.certificate is not None
    assert (by_people.proposed, by_people.certificate.k, by_people.certificate.n) == (0.54, 734, 4080)  # fmt: skip


def test_real_code_suggestions_are_refused_honestly() -> None:
    folder = MANIFESTS / "code-suggestions"
    mapping = load_document(folder / "mapping.yaml", MappingFile)
    policy = a_policy(action_types={"Data Manipulation": a_type(), "Classes": a_type()})

    found = document_of([folder / "decisions.jsonl.gz"], policy, Ask(AT), Subject(None), ErrorsBy.OVERRIDE, mapping)  # fmt: skip

    manipulation, classes = found.types
    assert (manipulation.state, manipulation.proposed) == (State.UNCERTIFIED, "never")
    assert (manipulation.n_labelled, manipulation.n_wrong) == (175, 132)
    assert "107 of 149 labelled decisions are wrong" in manipulation.reason
    assert (classes.state, classes.proposed) == (State.UNLABELLED, "never")
    assert "107 decisions that could run alone have a label; 149 without an error are the fewest" in classes.reason  # fmt: skip
    assert (classes.n_labelled, classes.n_wrong) == (112, 61)
    assert any("6 of 175 decisions that could run alone have no usable confidence" in note for note in found.notes)  # fmt: skip


TYPES = a_policy(action_types={name: a_type() for name in ("restart", "refund", "reply", "close")})


def a_world(folder: Path, **changes: object) -> Recalibration:
    truth = replace(Truth(), **({"rows": 20_000} | changes))  # type: ignore[arg-type]  # fields of a log
    log = write_log(folder / "log.parquet", truth)
    return document_of([log], TYPES, Ask(AT), Subject(NEW, OLD))


def true_error(threshold: float, error: float) -> float:
    """Mean of `error` plus the square of the doubt over confidences that are the root of a uniform draw.

    With density 2c on [t, 1]: the integral of (1 - c)^2 2c is (2/3)(1-t)^3 - (1/2)(1-t)^4 with d = 1 - t.
    """
    doubt = 1 - threshold
    return error + (2 * doubt**3 / 3 - doubt**4 / 2) / (1 - threshold**2)


def test_steep_errors_with_every_label_give_thresholds_that_hold(tmp_path: Path) -> None:
    found = a_world(tmp_path, rows=60_000, seed=2, confidence=Confidence.STEEP, error=0.004, labels=Labels.ALL)  # fmt: skip

    assert {one.state for one in found.types} == {State.CERTIFIED}
    for one in found.types:
        assert isinstance(one.proposed, float)
        # 2 % is reached at 0.774; some autonomy is the price of the promise, and not much of it.
        assert true_error(one.proposed, 0.004) <= 0.02
        assert one.proposed < 0.85


def test_audits_and_escalations_give_thresholds_too_with_labels_enough(tmp_path: Path) -> None:
    found = a_world(tmp_path, rows=80_000, confidence=Confidence.STEEP, error=0.001, audit=0.3)

    certified = [one for one in found.types if one.state is State.CERTIFIED]
    assert len(certified) >= 3
    for one in certified:
        assert isinstance(one.proposed, float)
        assert true_error(one.proposed, 0.001) <= 0.02
        assert one.certificate is not None
        assert {part.probability for part in one.certificate.strata} <= {None, 0.3}


def test_confidence_that_says_nothing_gives_nothing(tmp_path: Path) -> None:
    found = a_world(tmp_path, confidence=Confidence.UNINFORMATIVE, error=0.03, labels=Labels.ALL)

    assert {one.proposed for one in found.types} == {"never"}


def test_labels_of_escalations_alone_prove_nothing(tmp_path: Path) -> None:
    found = a_world(tmp_path, confidence=Confidence.STEEP, error=0.004, labels=Labels.SENT, knows_probability=False)  # fmt: skip

    assert {one.state for one in found.types} == {State.UNLABELLED}


def test_both_models_have_a_curve(tmp_path: Path) -> None:
    found = a_world(tmp_path, confidence=Confidence.CALIBRATED, labels=Labels.ALL)

    for one in found.types:
        assert len(one.curve) == len(one.previous_curve) > 90
        errors = [point.error for point in one.curve if point.error is not None and point.n > 1000]
        # The chance of an error is the doubt, so over everything a third is wrong.
        assert errors[-1] == pytest.approx(1 / 3, abs=0.03)
