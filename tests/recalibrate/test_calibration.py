"""What a model's confidence means, and the calibrator that is proposed for it."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from hitl.decisions.counts import a_table
from hitl.document.load import load_document
from hitl.policy.calibrator import Calibrator
from hitl.recalibrate.calibration import (
    calibration_notes,
    calibrations,
    calibrator_bytes,
    calibrator_document,
)
from hitl.recalibrate.parts import ScoreCalibration
from hitl.recalibrate.scores import Scores
from hitl.recalibrate.words import ErrorsBy
from hitl.stats.score_map import Method

AT = datetime(2026, 11, 1, tzinfo=UTC)
MODEL = "acme/model-2026-05-18"
SAID = np.arange(5000, 9901, 100)
Numbers = NDArray[np.float64]
Line = tuple[str, str, int, int, int, int]


def some_scores(lines: list[Line]) -> Scores:
    """Return scores from lines of (model, action type, score, label, half, rows); -1 is no score or no label."""
    model, kind, score, label, half, n = (list(column) for column in zip(*lines, strict=True))
    table = a_table(model=model, action_type=kind, score=score, label=label, half=half, n=n)  # type: ignore[arg-type]  # columns of one kind each
    return Scores(table, Counter(), ErrorsBy.CORRECT, ("log.jsonl",), None, None)


def lines(
    truth: Callable[[Numbers], Numbers], rows: int, kind: str = "act", model: str = MODEL
) -> list[Line]:
    """Return so many decisions at each confidence in each half, as many of them right as the truth says."""
    found: list[Line] = []
    for said, share in zip(SAID.tolist(), truth(SAID / 10_000).tolist(), strict=True):
        right = round(rows * share)
        for half in (0, 1):
            found += [(model, kind, said, 1, half, right), (model, kind, said, 0, half, rows - right)]  # fmt: skip
    return found


def right(score: Numbers) -> Numbers:
    return score


def bold(score: Numbers) -> Numbers:
    """Return the truth of a model whose log-odds are twice what they should be."""
    odds = np.sqrt(score / (1.0 - score))
    return np.asarray(odds / (1.0 + odds))


def high(score: Numbers) -> Numbers:
    """Return the truth of a model whose odds are four times what they should be."""
    odds = score / (1.0 - score) / 4.0
    return np.asarray(odds / (1.0 + odds))


def stepped(score: Numbers) -> Numbers:
    return np.where(score < 0.75, 0.3, 0.9)


def level(score: Numbers) -> Numbers:
    return np.full(score.size, 0.8)


def judged(found: list[Line], model: str | None = MODEL) -> tuple[ScoreCalibration, ...]:
    return calibrations(some_scores(found), model, np.random.default_rng(1))


def test_confidence_that_is_right_needs_no_repair() -> None:
    whole, act = judged(lines(right, 100))

    assert (whole.action_type, act.action_type) == (None, "act")
    assert whole.recommended is None
    assert "needs no repair" in whole.reason
    assert (whole.n, whole.n_values, whole.top_share) == (10_000, 50, 0.02)
    assert (whole.is_constant, whole.is_uninformative) == (False, False)
    assert whole.slope is not None
    assert whole.slope.value == pytest.approx(1.0, abs=0.02)
    assert whole.spiegelhalter_p is not None
    assert whole.spiegelhalter_p > 0.5


@pytest.mark.parametrize(
    ("truth", "rows", "method"),
    [(bold, 40, "temperature"), (high, 40, "platt"), (stepped, 40, "isotonic")],
)
def test_the_simplest_repair_that_suffices_is_recommended(
    truth: Callable[[Numbers], Numbers], rows: int, method: str
) -> None:
    (whole, _) = judged(lines(truth, rows))

    assert whole.recommended == method
    names = [fit.method for fit in whole.fits]
    assert names == ["none", "temperature", "platt", "beta", "isotonic"]
    for fit in whole.fits[: names.index(method) + 1]:
        assert fit.error is not None
        assert fit.error.high is not None
        assert (fit.error.value <= fit.error.high) == (fit.method == method)
    assert (whole.fits[0].brier or 0.0) > (whole.fits[names.index(method)].brier or 1.0)


def test_a_repair_is_fitted_on_one_half_and_judged_on_the_other() -> None:
    # The half that is fitted on has root odds, the other is right as it is: the repair must look bad.
    mixed = [one for one in lines(bold, 40) if one[4] == 0] + [one for one in lines(right, 40) if one[4] == 1]  # fmt: skip

    whole, _ = judged(mixed)

    raw, temperature = whole.fits[:2]
    assert temperature.parameters["temperature"] == pytest.approx(2.0, abs=0.05)
    assert raw.error is not None
    assert temperature.error is not None
    assert (raw.error.n, temperature.error.n) == (2000, 2000)
    assert raw.error.value < 0.02 < 0.09 < temperature.error.value


def test_a_model_that_says_the_same_of_everything_is_called_out() -> None:
    same: list[Line] = [(MODEL, "act", 9000 + shift, label, half, 100)
                        for shift in (-30, 0, 40) for label in (0, 1, 1) for half in (0, 1)]  # fmt: skip

    whole, _ = judged([*same, (MODEL, "act", 5000, 1, 0, 20)])

    assert whole.is_constant
    assert whole.top_share == pytest.approx(1800 / 1820)
    assert (whole.fits, whole.recommended) == ((), None)
    assert whole.reason == (
        "the model says 0.90 of 1,800 of 1,820 decisions, and is right in 1,220 of 1,820 with a label:"
        " a number that hardly changes cannot tell right from wrong, so no threshold can stand on it"
    )


def test_sameness_is_seen_without_any_label() -> None:
    whole, _ = judged([(MODEL, "act", 9000, -1, 0, 500)])

    assert (whole.is_constant, whole.n, whole.auc) == (True, 0, None)
    assert whole.reason.startswith("the model says 0.90 of 500 of 500 decisions:")


@pytest.mark.parametrize(("others", "is_constant"), [(50, True), (51, False)])
def test_nearly_everything_is_19_in_20(others: int, is_constant: bool) -> None:
    whole, _ = judged([(MODEL, "act", 9000, 1, 0, 950), (MODEL, "act", 5000, 0, 1, others)])

    assert whole.is_constant is is_constant


def test_confidence_that_says_nothing_gets_no_repair() -> None:
    whole, _ = judged(lines(level, 20))

    assert whole.is_uninformative
    assert (whole.fits, whole.recommended) == ((), None)
    assert "no repair can make it useful" in whole.reason


def test_few_labels_are_called_few_and_not_useless() -> None:
    few: list[Line] = [(MODEL, "act", 9000, 1, 0, 30), (MODEL, "act", 7000, 1, 1, 30), (MODEL, "act", 8000, 0, 0, 2)]  # fmt: skip

    whole, _ = judged(few)

    assert whole.is_uninformative
    assert whole.reason.startswith("60 right and 2 wrong labels; it takes 20 of each")


def test_labels_that_are_all_right_leave_nothing_to_see() -> None:
    whole, _ = judged([(MODEL, "act", 9000, 1, 0, 300), (MODEL, "act", 7000, 1, 1, 300)])

    assert (whole.auc, whole.slope, whole.is_uninformative) == (None, None, True)
    assert "600 right and 0 wrong labels" in whole.reason


def test_a_log_without_confidence_and_one_without_labels_say_so() -> None:
    nothing, _ = judged([(MODEL, "act", -1, 1, 0, 300)])
    unlabelled, _ = judged([(MODEL, "act", 9000, -1, 0, 30), (MODEL, "act", 7000, -1, 0, 30)])

    assert (nothing.reason, nothing.top_share, nothing.n_values) == ("no decision has a confidence", None, 0)  # fmt: skip
    assert unlabelled.reason == "no decision with a confidence has a label"


def test_a_model_that_the_log_does_not_know_has_nothing() -> None:
    (whole,) = judged(lines(right, 5), model="another")

    assert whole.reason == "no decision has a confidence"


def test_each_action_type_is_judged_by_itself_and_other_models_are_left_out() -> None:
    others = lines(level, 40, kind="act", model="another")

    whole, act, other = judged([*lines(right, 40), *lines(bold, 40, kind="other"), *others])

    assert (whole.n, act.n, other.n) == (8000, 4000, 4000)
    assert (act.recommended, other.recommended) == (None, "temperature")


def test_labels_in_one_half_alone_cannot_be_judged() -> None:
    one = [line for line in lines(bold, 40) if line[4] == 0]

    whole, _ = judged(one)

    assert whole.recommended is None
    assert whole.reason == "no decision of the second half has a label"
    assert all(fit.error is None for fit in whole.fits)


def test_the_same_seed_gives_the_same_answer() -> None:
    assert judged(lines(bold, 20)) == judged(lines(bold, 20))


def test_what_is_assumed_of_missing_labels_is_said() -> None:
    everything = lines(right, 10)

    assert calibration_notes(some_scores(everything), MODEL) == ()
    (note,) = calibration_notes(some_scores([*everything, (MODEL, "act", 9000, -1, 0, 5)]), MODEL)
    assert "at random within a confidence" in note
    assert calibration_notes(some_scores([*everything, ("another", "act", 9000, -1, 0, 5)]), MODEL) == ()  # fmt: skip


def proposed(found: list[Line], model: str | None = MODEL, version: str = "1") -> Calibrator | str:
    scores = some_scores(found)
    made = calibrator_document(
        scores, calibrations(scores, model, np.random.default_rng(1)), model, AT, version
    )
    return made.calibrator or made.reason


class TestProposal:
    """The calibrator that is written."""

    def test_the_recommended_map_is_fitted_once_more_on_all_labels(self) -> None:
        made = proposed(lines(bold, 40), version="7")

        assert isinstance(made, Calibrator)
        assert (made.version, made.model) == ("7", MODEL)
        assert made.all is not None
        assert (made.all.method, made.all.fitted_on.n) == (Method.TEMPERATURE, 4000)
        assert made.all.fitted_on.at == "2026-11-01T00:00:00+00:00"
        assert made.all.parameters["temperature"] == pytest.approx(2.0, abs=0.05)
        assert made.types["act"].parameters == made.all.parameters

    def test_it_is_read_as_it_was_written(self, tmp_path: Path) -> None:
        made = proposed(lines(stepped, 40))
        assert isinstance(made, Calibrator)

        (tmp_path / "calibrator.json").write_bytes(calibrator_bytes(made))

        assert load_document(tmp_path / "calibrator.json", Calibrator) == made

    def test_a_type_that_is_right_as_it_is_keeps_its_confidence(self) -> None:
        made = proposed([*lines(bold, 80), *lines(right, 40, kind="other")])

        assert isinstance(made, Calibrator)
        assert made.types["other"].method == Method.NONE
        assert made.types["act"].method == Method.TEMPERATURE

    def test_a_type_with_few_labels_goes_through_the_map_of_all(self) -> None:
        few: list[Line] = [(MODEL, "rare", 9500, 1, 1, 1), (MODEL, "rare", 9500, 0, 1, 1)]

        made = proposed([*lines(bold, 40), *few])

        assert isinstance(made, Calibrator)
        assert "rare" not in made.types
        assert made.map_for("rare") is made.all.map if made.all else False

    def test_nothing_is_written_where_nothing_is_recommended(self) -> None:
        assert "needs no repair" in str(proposed(lines(right, 40)))
        assert "no threshold can stand on it" in str(proposed(lines(level, 20)))

    def test_nothing_is_written_for_a_model_that_nobody_names(self) -> None:
        scores = some_scores(lines(bold, 40))
        found = calibrations(scores, MODEL, np.random.default_rng(1))

        assert "names no model" in calibrator_document(scores, found, None, AT).reason

    def test_nothing_is_written_where_a_calibrator_stands_already(self) -> None:
        scores = some_scores(lines(bold, 40))
        found = calibrations(scores, MODEL, np.random.default_rng(1))
        inner = calibrator_document(scores, found, MODEL, AT).calibrator
        assert inner is not None

        made = calibrator_document(scores, found, MODEL, AT, "2", inner)

        assert made.calibrator is None
        assert "take `calibrator` out of it" in made.reason

    def test_the_digest_of_the_data_follows_the_counts(self) -> None:
        one, same, other = (proposed(found) for found in (lines(bold, 40), lines(bold, 40), lines(bold, 41)))  # fmt: skip

        assert isinstance(one, Calibrator)
        assert isinstance(other, Calibrator)
        assert one == same
        assert one.all is not None
        assert other.all is not None
        assert one.all.fitted_on.data_digest != other.all.fitted_on.data_digest
