"""From rows to counts of scores."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitl.decisions.counts import Table
from hitl.decisions.source import open_log
from hitl.errors import DocumentError
from hitl.policy import Policy
from hitl.policy.calibrator import Calibrator
from hitl.recalibrate.course import Course
from hitl.recalibrate.reading import read_scores, ten_thousandths
from hitl.recalibrate.scores import Days, Planted, Scores
from hitl.recalibrate.tallying import Tally
from hitl.recalibrate.words import ErrorsBy
from tests.policy.policies import one_type
from tests.policy.replay_logs import NOW, Row, a_row, reviewed, ten_decisions, write_rows


def scores_of(folder: Path, rows: list[Row], policy: Policy, errors_by: ErrorsBy = ErrorsBy.CORRECT, *, sets_aside: bool = False) -> Scores:  # fmt: skip
    path = write_rows(folder / "log.jsonl", rows)
    with open_log([str(path)], NOW) as log:
        return read_scores(log, policy, errors_by, sets_aside=sets_aside)


def apart(rows: list[Row]) -> list[Row]:
    """Return rows of one second each, so that none looks like another."""
    return [row | {"at": f"2026-06-01T09:10:{second:02}Z"} for second, row in enumerate(rows)]


def eligible(scores: Scores) -> int:
    return scores.table.where(eligible=1).n


@given(st.floats(0, 1))
def test_a_score_is_the_largest_threshold_that_the_confidence_reaches(confidence: float) -> None:
    (score,) = ten_thousandths(np.array([confidence])).tolist()

    assert score / 10_000 <= confidence
    assert score == 10_000 or confidence < (score + 1) / 10_000


def test_every_threshold_reaches_itself() -> None:
    scores = np.arange(10_001)

    assert (ten_thousandths(scores / 10_000) == scores).all()


def test_ten_decisions_are_counted(tmp_path: Path) -> None:
    scores = scores_of(tmp_path, apart(ten_decisions()), one_type())

    table = scores.table
    assert table.n == 10
    # Nine of the type `act`; the tenth is of a type that the policy does not know, and d9 has no confidence.
    assert eligible(scores) == 9
    assert table.where(eligible=1, score=None).n == 1
    assert table.where(score=9000, label=0, probability=500).n == 1
    assert table.where(score=7000, label=0, probability=1000).n == 1
    assert table.where(label=None).n == 5
    # Seven were sent to a person, of whom four have a logged action.
    assert table.where(person=1).n == 4
    assert (table.total("n_review_ms"), table.total("sum_review_ms")) == (3, 180_000)
    assert scores.raters == {(None, "triage", "ana"): 3}
    assert scores.days == {None: Days(20_605, 20_605)}


def test_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    rows = [a_row(f"d{n}", confidence=n / 300, correct=n % 7 > 0) for n in range(300)]
    mixed = rows.copy()
    random.Random(1).shuffle(mixed)  # noqa: S311  # an order, not a secret

    one, other = (scores_of(tmp_path, of, one_type()).table for of in (rows, mixed))

    assert list(one.lines()) == list(other.lines())


def test_planted_errors_count_for_detection_alone(tmp_path: Path) -> None:
    rows = [
        a_row("d1"),
        reviewed("p1", seeded_error=True, human_action="reject"),
        reviewed("p2", seeded_error=True, human_action="approve"),
        a_row("p3", seeded_error=True),
    ]

    scores = scores_of(tmp_path, apart(rows), one_type())

    assert scores.table.n == 1
    assert scores.planted == Planted(n=2, caught=1)


def test_a_planted_error_that_stands_there_twice_is_one_and_caught_if_it_always_was(
    tmp_path: Path,
) -> None:
    rows = [
        reviewed("p1", seeded_error=True, human_action="reject"),
        reviewed("p2", seeded_error=True, human_action="reject"),
        reviewed("p3", seeded_error=True, human_action="reject", confidence=0.8),
        reviewed("p4", seeded_error=True, human_action="approve", confidence=0.8),
        reviewed("p5", seeded_error=True, human_action="reject", at=None),
        reviewed("p6", seeded_error=True, human_action="reject", at=None),
    ]

    assert scores_of(tmp_path, rows, one_type()).planted == Planted(n=4, caught=3)


def test_the_same_decisions_under_new_ids_are_no_more_evidence(tmp_path: Path) -> None:
    rows = [a_row(f"d{n}", confidence=n / 300, correct=n % 50 > 0, at=f"2026-06-01T09:10:{n % 60:02}Z") for n in range(300)]  # fmt: skip
    copies = [row | {"decision_id": f"{row['decision_id']}-{n}"} for n in range(10) for row in rows]

    once, often = (scores_of(tmp_path, found, one_type()) for found in (rows, copies))

    assert list(once.table.by("score", "label").lines()) == list(often.table.by("score", "label").lines())  # fmt: skip
    assert (once.n_copies, often.n_copies) == (0, 2700)


@pytest.mark.parametrize(("errors_by", "worst"), [
    (ErrorsBy.CORRECT, [{"correct": True}, {"correct": False}, {"correct": None}]),
    (ErrorsBy.OVERRIDE, [{"human_action": "approve"}, {"human_action": "reject"}, {"human_action": "timeout"}]),
])  # fmt: skip
def test_of_one_decision_with_several_labels_the_worst_counts(
    tmp_path: Path, errors_by: ErrorsBy, worst: list[Row]
) -> None:
    rows = [reviewed(f"d{n}", reviewer_id=f"r{n}", **change) for n, change in enumerate(worst)]

    for kept, label in ((rows, 0), ([rows[0], rows[2]], None), (rows[:1], 1)):
        found = scores_of(tmp_path, kept, one_type(), errors_by).table
        assert [(line["label"], line["n"]) for line in found.by("label").lines()] == [(label, 1)]


def test_a_clock_that_stamps_many_decisions_alike_makes_no_copies_of_them(tmp_path: Path) -> None:
    times = [f"2026-06-01T09:{n:02}:00Z" for n in range(10)]
    rows = [
        a_row(f"{at}-{n}", at=at, confidence=0.5 + n % 3 / 10) for at in times for n in range(6)
    ]

    assert scores_of(tmp_path, rows, one_type()).n_copies == 0


def test_copies_are_seen_under_a_coarse_clock_by_what_people_did(tmp_path: Path) -> None:
    rows = [
        a_row(f"{n}", at=f"2026-06-01T09:{n // 6:02}:00Z", confidence=0.5 + n % 3 / 10, review_seconds=10.5 + n)
        for n in range(60)
    ]  # fmt: skip
    copied = [row | {"decision_id": f"{row['decision_id']}-{n}"} for n in range(3) for row in rows]

    assert scores_of(tmp_path, copied, one_type()).n_copies == 120


def test_how_labels_lie_in_time_is_counted_without_copies(tmp_path: Path) -> None:
    rows = [
        *(a_row(f"a{n}", correct=n > 0, at=f"2026-06-01T09:00:{n:02}Z") for n in range(6)),
        *(a_row(f"b{n}", correct=n > 2, at=f"2026-06-02T09:00:{n:02}Z") for n in range(4)),
        a_row("c", correct=False, at="2026-06-02T09:00:00Z"),
        a_row("d", correct=None),
        a_row("e", correct=True, at=None),
    ]

    scores = scores_of(tmp_path, rows, one_type())

    # The fifth of ten is the middle: five of the first day, one of them wrong; then one and four, three of them wrong.
    assert scores.courses == {(None, "act"): Course((5, 1), (5, 3), (20_605, 6))}


def test_decisions_that_only_share_a_day_or_a_model_are_not_the_same(tmp_path: Path) -> None:
    rows = [
        *(a_row(f"a{n}", at="2026-06-01T00:00:00Z") for n in range(2)),
        *(a_row(f"b{n}", at=None) for n in range(2)),
        *(a_row(f"c{n}", confidence=None) for n in range(2)),
        *(a_row(f"d{n}", resolved_model=f"m{n}") for n in range(2)),
        *(a_row(f"e{n}", action_type=f"t{n}") for n in range(2)),
    ]

    scores = scores_of(tmp_path, rows, one_type())

    assert (scores.table.n, scores.n_copies) == (10, 0)


@pytest.mark.parametrize(
    ("action", "label"),
    [("approve", 1), ("modify", 0), ("reject", 0), ("escalate", None), ("timeout", None), (None, None)],
)  # fmt: skip
def test_an_override_may_stand_for_an_error(
    tmp_path: Path, action: str | None, label: int | None
) -> None:
    rows = [a_row("d1", human_action=action, correct=True)]

    table = scores_of(tmp_path, rows, one_type(), ErrorsBy.OVERRIDE).table

    assert table.where(label=label).n == 1


@pytest.mark.parametrize(
    ("action", "n"),
    [
        pytest.param({}, 1, id="a low risk"),
        pytest.param({"thresholds": {"auto": "never", "review": 0.6}}, 1, id="closed for want of proof"),
        pytest.param({"reversible": False}, 0, id="for good"),
        pytest.param({"risk": "critical"}, 0, id="a critical risk"),
        pytest.param({"thresholds": None}, 0, id="without thresholds"),
    ],
)  # fmt: skip
def test_what_could_run_at_full_confidence_is_eligible(
    tmp_path: Path, action: dict[str, Any], n: int
) -> None:
    assert eligible(scores_of(tmp_path, [a_row("d1", confidence=0.1)], one_type(action))) == n


def test_a_log_without_ids_does_not_close_everything(tmp_path: Path) -> None:
    rows = [a_row("", decision_id=None) for _ in range(3)]

    assert eligible(scores_of(tmp_path, apart(rows), one_type())) == 3


def test_a_decision_that_alone_has_no_id_goes_to_a_person(tmp_path: Path) -> None:
    rows = [a_row("d1"), a_row("", decision_id=None)]

    assert eligible(scores_of(tmp_path, rows, one_type())) == 1


def test_a_rule_of_whose_field_no_row_has_a_value_holds_unless_it_is_set_aside(
    tmp_path: Path,
) -> None:
    policy = one_type(dynamic_risk=[{"when": "decision.content.amount > 5", "risk": "critical"}])

    held, free = (
        scores_of(tmp_path, [a_row("d1")], policy, sets_aside=aside) for aside in (False, True)
    )

    assert (eligible(held), eligible(free)) == (0, 1)
    assert held.lacking == free.lacking == ("dynamic_risk:1",)


def test_confidence_goes_through_the_calibrator_of_its_model_alone(tmp_path: Path) -> None:
    calibrator = Calibrator.model_validate_json(
        """{"format": "hitl/calibrator/v1", "version": "1", "model": "a", "all": {"method": "platt",
        "parameters": {"slope": 0.0, "intercept": 0.0}, "fitted_on": {"n": 1, "data_digest": "", "at": ""}}}"""
    )
    policy = one_type().model_copy(update={"calibrator": calibrator})
    rows = [a_row("d1", resolved_model="a"), a_row("d2", resolved_model="b"), a_row("d3")]

    table = scores_of(tmp_path, rows, policy).table

    # A slope of nought makes one half of everything.
    assert table.where(model="a", score=5000).n == 1
    assert table.where(model=("b", None), score=None).n == 2
    assert table.where(eligible=1).n == 3


def test_days_are_those_of_each_model_without_long_silence(tmp_path: Path) -> None:
    moments = {"a": ("2026-05-01", "2026-05-02"), "b": ("2026-05-01", "2026-05-21")}
    rows = [
        a_row(f"{model}{day}", resolved_model=model, at=f"{day}T01:00:00Z")
        for model, days in moments.items()
        for day in days
    ]

    scores = scores_of(tmp_path, rows, one_type())

    assert scores.days["a"].weeks == pytest.approx(2 / 7)
    # Nineteen days between two decisions: nothing was logged there.
    assert scores.days["b"].weeks == pytest.approx(2 / 7)
    assert scores.n_quiet_days == 18


def test_halves_depend_on_the_id_alone_and_are_even(tmp_path: Path) -> None:
    rows = [a_row(f"d{n}", confidence=n / 2000) for n in range(2000)]

    whole = scores_of(tmp_path, rows, one_type()).table
    part = scores_of(tmp_path, rows[500:600], one_type()).table

    assert 900 < whole.where(half=0).n < 1100
    assert list(part.lines()) == list(whole.between("score", 2500, 3000).lines())


def test_reviews_tell_whether_overrides_have_labels(tmp_path: Path) -> None:
    rows = [
        reviewed("d1"),
        reviewed("d2", human_action="reject", correct=None),
        reviewed("d3", human_action="modify", correct=False),
        reviewed("d4", human_action="escalate"),
    ]

    assert scores_of(tmp_path, rows, one_type()).reviews == {
        (None, "act", False, True): 1,
        (None, "act", True, False): 1,
        (None, "act", True, True): 1,
    }


def test_a_repeated_decision_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="stands in several rows"):
        scores_of(tmp_path, [a_row("d1"), a_row("d1")], one_type())


@given(st.lists(st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.integers(-1, 3)), max_size=30), max_size=5))  # fmt: skip
def test_a_tally_counts_as_a_counter_does(batches: list[list[tuple[str | None, int]]]) -> None:
    tally = Tally("log", ("word",), {"number": 3}, ("n", "twice"))
    for batch in batches:
        words = np.array([word for word, _ in batch], dtype=object)
        ones = np.ones(len(batch), dtype=np.int64)
        numbers = np.array([number for _, number in batch], dtype=np.int64)
        tally.add({"word": words}, {"number": numbers}, (ones, 2 * ones))

    table: Table = tally.table()

    counted = {(line["word"], line["number"]): line["n"] for line in table.lines()}
    rows = Counter((word, None if number < 0 else number) for batch in batches for word, number in batch)  # fmt: skip
    assert counted == rows
    assert table.total("twice") == 2 * rows.total()


def test_a_key_that_differs_in_every_row_is_no_key() -> None:
    tally = Tally("log", ("word",), {}, ("n",))
    words = np.array([f"w{n}" for n in range(70_000)], dtype=object)

    with pytest.raises(DocumentError, match="different values"):
        tally.add({"word": words}, {}, (np.ones(70_000, dtype=np.int64),))
