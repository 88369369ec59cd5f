"""What was published of real decisions is found again, through a mapping and hitl's own functions."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hitl.cli.door import main
from hitl.decisions.check import check_log
from hitl.decisions.counts import Counts, Table
from hitl.decisions.mapping import MappingFile
from hitl.decisions.reduce import count_log
from hitl.decisions.source import Log, open_log
from hitl.document.load import load_document
from hitl.stats.association import association
from hitl.stats.calibration import calibration_error, expected_calibration_error
from hitl.stats.interval import Interval
from hitl.stats.proportion import exact_interval
from hitl.stats.ratio import clustered_rate
from hitl.stats.wilson import wilson_arms

MANIFESTS = Path(__file__).parents[2] / "manifests"
CARDS, CODE = MANIFESTS / "card-game", MANIFESTS / "code-suggestions"
AT = datetime(2026, 11, 1, tzinfo=UTC)
PERSON = ("approve", "modify", "reject", "escalate")


@contextmanager
def opened(path: Path, mapping: str = "mapping.yaml") -> Iterator[Log]:
    named = load_document(path.parent / mapping, MappingFile)
    with open_log([str(path)], AT, named) as log:
        yield log


def counts_of(path: Path, mapping: str = "mapping.yaml") -> Counts:
    with opened(path, mapping) as log:
        return count_log(log)


def by_person(table: Table, action: str) -> tuple[np.ndarray, np.ndarray]:
    found = table.where(human_action=action).rate("reviewer_id", table.where(human_action=PERSON))
    k, n = zip(*found.values(), strict=True)
    return np.array(k, dtype=np.int64), np.array(n, dtype=np.int64)


def lines(path: Path) -> list[dict[str, float]]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


@pytest.mark.parametrize(
    ("group", "overridden", "disagreed", "published"),
    [("a", 457, 725, 0.6303), ("b", 196, 369, 0.5312)],
)
def test_people_who_disagreed_at_first_override_as_often_as_published(
    group: str, overridden: int, disagreed: int, published: float
) -> None:
    counts = counts_of(CARDS / f"group-{group}.jsonl.gz", "disagreed.yaml")
    found = counts.cells.where(human_action="reject").n

    k, n = by_person(counts.reviewers, "reject")
    rate = clustered_rate(k, n)

    assert (found, counts.n) == (overridden, disagreed)
    assert rate.interval.estimate == pytest.approx(published, abs=5e-5)
    assert (int(k.sum()), int(n.sum())) == (overridden, disagreed)
    # People differ so much that the interval is nearly twice that of independent bets.
    alone = exact_interval(overridden, disagreed)
    assert rate.design_effect > 2
    assert rate.interval.high - rate.interval.low > 1.4 * (alone.high - alone.low)


@pytest.mark.parametrize(
    ("group", "rows", "aside", "right", "actions"),
    [
        ("a", 2700, 660, 1500, {"approve": 1287 + 268, "reject": 457 + 28}),
        ("b", 2754, 714, 1476, {"approve": 1618 + 173, "reject": 196 + 53}),
    ],
)
def test_the_bets_that_count_are_those_of_the_study(
    group: str, rows: int, aside: int, right: int, actions: dict[str, int]
) -> None:
    with opened(CARDS / f"group-{group}.jsonl.gz") as log:
        report = check_log(log)
        counts = count_log(log)

    assert (report.rows_in, report.rows_aside, report.rows_mapped) == (rows, aside, 2040)
    assert {
        str(line["human_action"]): line["n"] for line in counts.cells.by("human_action").lines()
    } == actions
    assert len(counts.reviewers.words["reviewer_id"]) == 85
    assert counts.cells.where(correct=1).n == right
    assert counts.cells.where(correct=None).n == 0


@pytest.mark.parametrize(
    ("group", "lost"),
    [
        ("a", {"reject": (248, 457), "approve": (107, 268)}),
        ("b", {"reject": (129, 196), "approve": (56, 173)}),
    ],
)
def test_who_overrides_loses_more_often_than_who_follows(
    group: str, lost: dict[str, tuple[int, int]]
) -> None:
    cells = counts_of(CARDS / f"group-{group}.jsonl.gz", "disagreed.yaml").cells
    table = np.array([[cells.where(human_action=action, outcome=outcome).n for outcome in ("bad", "good")]
                      for action in lost], dtype=np.int64)  # fmt: skip

    found = association(table).log_odds_ratio

    assert table.tolist() == [[k, n - k] for k, n in lost.values()]
    odds = [(k + 0.5) / (n - k + 0.5) for k, n in lost.values()]
    assert found is not None
    assert found.estimate == pytest.approx(np.log(odds[0] / odds[1]), abs=1e-9)
    assert found.low > 0


def cells_of(group: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, mean AI confidence and mean true probability, by how sure the person was (quarters) and what the AI said.

    As the study has it: exactly 50 counts towards the colour that the person chose.
    """
    cells: dict[tuple[int, float], list[tuple[float, float]]] = {}
    for row in lines(CARDS / f"group-{group}.jsonl.gz"):
        if row["attention_check"] or row["reviewer_failed_attention"]:
            continue
        said = row["human_confidence_red_before"]
        level = min(int(said // 25), 3)
        if said == 50 and row["human_initial"] == "Black":
            level = 1
        pair = (row["ai_confidence_red"] / 100, row["true_prob_red"] / 100)
        cells.setdefault((level, row["ai_confidence_red"]), []).append(pair)
    n = np.array([len(cell) for cell in cells.values()], dtype=np.int64)
    means = np.array([np.mean(cell, axis=0) for cell in cells.values()])
    return n, means[:, 0], means[:, 1]


@pytest.mark.parametrize(
    ("group", "published"), [("a", 0.09032654600301661), ("b", 0.03648190045248872)]
)
def test_the_distance_of_the_ai_from_the_truth_is_the_published_one(
    group: str, published: float
) -> None:
    found = calibration_error(*cells_of(group))

    assert found.l1 == pytest.approx(published, abs=1e-12)
    assert (found.n, found.cells) == (2040, 48)


def test_by_itself_the_ai_is_calibrated() -> None:
    cells = counts_of(CARDS / "group-a.jsonl.gz").cells
    bins = cells.by("confidence_bin")
    right = cells.where(correct=1).rate("confidence_bin", cells)
    k, n = (np.array(values, dtype=np.int64) for values in zip(*right.values(), strict=True))
    score = np.array([float(key) / 100 for key in right if isinstance(key, int)])

    assert bins.n == 2040
    assert expected_calibration_error(n, k, score).l1 < 0.04


def accepted(low: int, high: int) -> tuple[Interval, int, int]:
    table = counts_of(CODE / "decisions.jsonl.gz").cells.between("confidence_bin", low, high)
    k, n = table.where(human_action="approve").n, table.n
    return exact_interval(k, n), k, n


def test_suggestions_are_accepted_as_often_as_published() -> None:
    counts = counts_of(CODE / "decisions.jsonl.gz")
    k, n = counts.cells.where(human_action="approve").n, counts.n

    assert (k, n) == (173, 522)
    down, up = wilson_arms(k, n, 1.959964)
    assert (k / n - down, k / n + up) == pytest.approx((0.2924, 0.3729), abs=5e-5)
    assert counts.cells.between("confidence_bin", 0, 101).n == 495


def test_the_surer_the_model_the_more_is_accepted() -> None:
    found = [accepted(*edges) for edges in ((0, 30), (30, 50), (50, 80), (80, 101))]

    assert [(k, n) for _, k, n in found] == [(8, 61), (29, 115), (81, 220), (55, 99)]
    # Over all people, of whom about half are here: 17 % below 0.3, 51 % from 0.8.
    assert found[0][0].low < 0.17 < found[0][0].high
    assert found[-1][0].low < 0.51 < found[-1][0].high


def test_a_third_of_the_decisions_take_less_than_a_second() -> None:
    with opened(CODE / "decisions.jsonl.gz") as log:
        quick = log.rows("SELECT COUNT(*) FROM decisions WHERE review_seconds < 1")[0][0]
        by_hitl = count_log(log)

    interval = exact_interval(quick, 522)
    assert quick == 155
    assert interval.low < 0.28 < interval.high
    assert by_hitl.cells.total("sum_is_fast") > quick


def test_eleven_programmers_differ_and_the_interval_says_so() -> None:
    k, n = by_person(counts_of(CODE / "decisions.jsonl.gz").reviewers, "approve")
    rate = clustered_rate(k, n)

    assert rate.n_clusters == 11
    assert rate.design_effect > 1.5
    assert rate.interval.low < 0.2924
    assert rate.interval.high > 0.3729


def test_nothing_can_be_said_of_a_model_that_no_row_names() -> None:
    with opened(CODE / "decisions.jsonl.gz") as log:
        present = check_log(log).present

    assert "resolved_model" not in present
    assert set(present) == {
        "decision_id",
        "at",
        "action_type",
        "reviewer_id",
        "confidence",
        "human_action",
        "review_seconds",
    }


def measured(
    path: Path, mapping: str, out: Path, capsys: pytest.CaptureFixture[str]
) -> dict[str, dict[str, Any]]:
    """What `hitl baseline` says of all decisions, by metric."""
    words = [
        "baseline",
        str(path),
        "--mapping",
        str(path.parent / mapping),
        "--out",
        str(out),
        "--json",
    ]
    assert main(words) == 0
    whole = json.loads(capsys.readouterr().out)["groups"][0]
    assert whole["by"] == {}
    return {one["metric"]: one for one in whole["measures"]}


@pytest.mark.parametrize(("group", "k", "n"), [("a", 457, 725), ("b", 196, 369)])
def test_the_baseline_finds_the_published_override_rate(
    group: str, k: int, n: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = CARDS / f"group-{group}.jsonl.gz"
    people = clustered_rate(
        *by_person(counts_of(path, "disagreed.yaml").reviewers, "reject")
    ).interval

    found = measured(path, "disagreed.yaml", tmp_path, capsys)

    override = found["override_rate"]
    assert (override["stand"], override["k"], override["n"]) == ("measured", k, n)
    assert (override["value"], override["low"], override["high"]) == pytest.approx(
        (k / n, people.low, people.high)
    )
    assert "cluster" in override["method"]
    for metric in ("escalation_rate", "auto_resolve_rate", "error_escape_rate"):
        assert found[metric]["stand"] == "refused"
        assert "lane" in found[metric]["reason"]


def test_the_baseline_of_code_suggestions_says_what_can_be_said_and_no_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = measured(CODE / "decisions.jsonl.gz", "mapping.yaml", tmp_path, capsys)

    assert (found["approve_rate"]["k"], found["approve_rate"]["n"]) == (173, 522)
    assert found["approve_rate"]["low"] < 0.2924
    # Of the 522 times, 1.778 s and 1.785 s lie in the middle; half a bin is 2.6 %.
    assert found["review_seconds_median"]["value"] == pytest.approx(1.782, rel=0.03)
    refused = (
        "calibration_error",
        "labelled_error_rate",
        "escalation_rate",
        "detection_rate",
        "satisfaction",
    )
    assert {found[metric]["stand"] for metric in refused} == {"refused"}
    assert all(found[metric]["value"] is None for metric in refused)


def test_the_ai_of_the_card_game_is_seen_to_be_nearly_calibrated_by_its_own_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = measured(CARDS / "group-a.jsonl.gz", "mapping.yaml", tmp_path, capsys)

    assert found["labelled_error_rate"]["k"] == 2040 - 1500
    assert found["calibration_error"]["value"] < 0.04
    assert found["calibration_slope"]["low"] < 1 < found["calibration_slope"]["high"]
