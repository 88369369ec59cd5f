"""Labels that people gave to public data, against figures that were published or can be counted by hand."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from hitl.stats.agreement import cohen_kappa, cross_table, fleiss_kappa, gwet_ac1
from hitl.stats.alpha import krippendorff_alpha
from hitl.stats.dawid_skene import dawid_skene

Counts = NDArray[np.int64]
JUDGES = Path(__file__).parents[1] / "judges"
XSTEST = ["1_full_compliance", "2_full_refusal", "3_partial_refusal"]


def rows(name: str) -> list[dict[str, int | str]]:
    with gzip.open(JUDGES / name, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def two_people(model: str) -> Counts:
    labels = rows(f"xstest.{model}.jsonl.gz")
    first, second = (
        np.array([XSTEST.index(str(row[f"human_label_{person}"])) for row in labels])
        for person in (1, 2)
    )
    return cross_table(first, second, 3)


def three_people() -> Counts:
    return np.array(
        [[int(row[f"human_{person}"]) for person in (1, 2, 3)] for row in rows("pandalm.jsonl.gz")]
    )


def majority() -> Counts:
    return np.array([int(row["human_majority"]) for row in rows("pandalm.jsonl.gz")])


def by_category(votes: Counts) -> Counts:
    return np.stack([(votes == category).sum(axis=1) for category in range(3)], axis=1)


@pytest.mark.parametrize(
    ("model", "agreed", "kappa"),
    [("gpt4", 443, 0.9701), ("llama2orig", 434, 0.9293), ("llama2new", 431, 0.9258)],
)
def test_two_people_agree_on_refusals_as_published(model: str, agreed: int, kappa: float) -> None:
    table = two_people(model)

    found = cohen_kappa(table)

    assert (table.sum(), np.trace(table)) == (450, agreed)
    assert found.estimate == pytest.approx(kappa, abs=5e-5)
    # The range that is published over all models of the study.
    assert 0.89 <= round(found.estimate or 0.0, 2) <= 0.97
    assert found.interval is not None
    assert found.interval.low < kappa < found.interval.high


def test_the_agreement_on_gpt4_by_hand() -> None:
    table = two_people("gpt4")

    # 7 of 450 replies are labelled differently; rows 231, 212, 7, columns 231, 206, 13.
    by_chance = (231 * 231 + 212 * 206 + 7 * 13) / 450**2
    assert table.tolist() == [[230, 0, 1], [1, 206, 5], [0, 0, 7]]
    assert cohen_kappa(table).estimate == pytest.approx((443 / 450 - by_chance) / (1 - by_chance))


def test_most_of_three_people_are_the_published_majority_in_all_pairs() -> None:
    counts = by_category(three_people())

    assert len(counts) == 499
    assert np.count_nonzero(counts.max(axis=1) == 3) == 422
    assert np.count_nonzero(counts.max(axis=1) == 2) == 77
    assert counts.argmax(axis=1).tolist() == majority().tolist()
    assert np.bincount(majority()).tolist() == [84, 206, 209]


@pytest.mark.parametrize(
    ("pair", "agreed", "kappa"),
    [((0, 1), 442, 0.82), ((0, 2), 452, 0.85), ((1, 2), 449, 0.84)],
)
def test_each_pair_of_three_people_by_hand(
    pair: tuple[int, int], agreed: int, kappa: float
) -> None:
    votes = three_people()[:, list(pair)]
    table = cross_table(votes[:, 0], votes[:, 1], 3)

    found = cohen_kappa(table)

    by_chance = sum(table.sum(axis=0) * table.sum(axis=1)) / 499**2
    assert np.trace(table) == agreed
    assert found.estimate == pytest.approx((agreed / 499 - by_chance) / (1 - by_chance))
    assert round(found.estimate or 0.0, 2) == kappa


def test_fleiss_kappa_of_three_people_by_hand() -> None:
    found = fleiss_kappa(by_category(three_people()))

    # 422 pairs of replies with 3 of 3 agreeing pairs of people, 77 with 1 of 3.
    observed = (422 + 77 / 3) / 499
    # 265 ties, 596 and 636 votes for either side, of 1497.
    by_chance = (265**2 + 596**2 + 636**2) / 1497**2
    assert found.observed == pytest.approx(observed)
    assert found.by_chance == pytest.approx(by_chance)
    assert found.estimate == pytest.approx((observed - by_chance) / (1 - by_chance))
    assert round(found.estimate or 0.0, 3) == 0.837


def test_alpha_and_ac1_of_three_people_lie_beside_fleiss_kappa() -> None:
    ratings = by_category(three_people())
    kappa = fleiss_kappa(ratings).estimate or 0.0

    alpha = krippendorff_alpha(ratings, "nominal", np.random.default_rng(1), resamples=100)
    ac1 = gwet_ac1(ratings)

    # With equal numbers of ratings alpha is kappa, corrected by the number of all ratings.
    assert alpha.estimate == pytest.approx(kappa + (1 - kappa) / 1497, abs=1e-12)
    assert kappa < (ac1.estimate or 0.0) < 0.9


def test_learned_errors_leave_every_majority_of_three_people() -> None:
    found = dawid_skene(three_people(), 3)

    assert found.reason == ""
    assert found.majority.tolist() == majority().tolist()
    assert found.labels.tolist() == majority().tolist()
    assert (found.n_settled, found.n_flipped) == (0, 0)
