import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hitl.stats.dawid_skene import MISSING, SMOOTHING, UNDECIDED, dawid_skene
from tests.stats.anaesthetists import table

Counts = NDArray[np.int64]
OBSERVERS = np.array([1, 1, 1, 2, 3, 4, 5])


def anaesthetists() -> tuple[Counts, Counts]:
    rows = np.array(table()[1], dtype=np.int64)
    return rows[:, 1:-1] - 1, rows[:, -1] - 1


def raters_who_err(
    accuracy: list[float], items: int = 300, classes: int = 3, seed: int = 1
) -> tuple[Counts, Counts]:
    """Votes of raters who are right so often and else name any other class."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, classes, items)
    shape = (items, len(accuracy))
    wrong = (truth[:, None] + rng.integers(1, classes, shape)) % classes
    return np.where(rng.random(shape) < np.array(accuracy), truth[:, None], wrong), truth


def test_the_anaesthetists_have_the_published_shares_and_the_first_one_the_published_errors() -> (
    None
):
    votes, _ = anaesthetists()

    found = dawid_skene(votes, 4, OBSERVERS)

    assert found.reason == ""
    assert (found.n_items, found.n_votes) == (45, 315)
    assert found.raters.tolist() == [1, 2, 3, 4, 5]
    assert np.round(found.class_shares, 2).tolist() == [0.40, 0.42, 0.11, 0.07]
    # 0.66 of the third class is 0.661 here and 0.664 without the hundredth that is added to each cell.
    assert np.round(found.confusion[0].diagonal(), 2).tolist() == [0.89, 0.88, 0.66, 0.44]


def test_the_labels_of_all_patients_are_crowd_kits() -> None:
    votes, labels = anaesthetists()

    found = dawid_skene(votes, 4, OBSERVERS)

    assert found.labels.tolist() == labels.tolist()
    # Patients 2 (3 3 3, 4 3 3 4) and 36 (4 3 3, 4 3 4 3) are labelled against most votes; 12 has no majority.
    assert found.majority[[1, 35]].tolist() == [2, 2]
    assert found.labels[[1, 35]].tolist() == [3, 3]
    assert (found.n_flipped, found.n_settled) == (2, 1)


def test_one_careful_rater_beats_two_careless_ones() -> None:
    votes, truth = raters_who_err([0.98, 0.6, 0.6], items=1_000)
    apart = (votes[:, 1] == votes[:, 2]) & (votes[:, 0] != votes[:, 1])

    found = dawid_skene(votes, 3)

    assert np.count_nonzero(apart) > 20
    assert np.mean(found.majority[apart] == truth[apart]) < 0.1
    assert np.mean(found.labels[apart] == truth[apart]) > 0.8
    assert found.n_flipped == np.count_nonzero(
        (found.majority != UNDECIDED) & (found.labels != found.majority)
    )


def test_errors_of_raters_are_found() -> None:
    accuracy = [0.95, 0.8, 0.7, 0.6, 0.5]
    votes, truth = raters_who_err(accuracy, items=3_000)

    found = dawid_skene(votes, 3)

    assert found.confusion.diagonal(axis1=1, axis2=2).mean(axis=1) == pytest.approx(
        accuracy, abs=0.03
    )
    assert found.class_shares == pytest.approx(np.full(3, 1 / 3), abs=0.03)
    assert np.mean(found.labels == truth) > np.mean(found.majority == truth)


@given(st.integers(0, 10_000))
def test_the_order_of_items_and_raters_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    votes, _ = raters_who_err([0.9, 0.8, 0.7, 0.6], items=30, seed=seed)
    votes[rng.random(votes.shape) < 0.2] = -1
    rows, columns = rng.permutation(30), rng.permutation(4)

    found = dawid_skene(votes, 3)
    shuffled = dawid_skene(votes[rows][:, columns], 3, columns)

    assert shuffled.labels.tolist() == found.labels[rows].tolist()
    assert np.allclose(shuffled.confusion, found.confusion, atol=1e-6, equal_nan=True)
    assert shuffled.reason == found.reason


@given(st.integers(0, 10_000))
def test_probabilities_are_probabilities(seed: int) -> None:
    votes, _ = raters_who_err([0.9, 0.8, 0.6], items=20, seed=seed)

    found = dawid_skene(votes, 3)
    if found.reason:
        assert "did not settle" in found.reason
        return

    assert found.posterior.sum(axis=1) == pytest.approx(np.ones(20))
    assert found.confusion.sum(axis=2) == pytest.approx(np.ones((3, 3)))
    assert found.class_shares.sum() == pytest.approx(1.0)


def test_an_item_that_is_as_likely_one_as_the_other_stays_undecided() -> None:
    # Raters 0 and 1 mirror each other's errors, and rater 2 is absent from the last item.
    votes = np.array([[0, 0, 0], [1, 1, 1]] * 10 + [[0, 1, 0], [1, 0, 1]] + [[1, 0, 0], [0, 1, 1]] + [[0, 1, -1]])  # fmt: skip

    found = dawid_skene(votes, 2)

    assert found.posterior[-1] == pytest.approx([0.5, 0.5])
    assert (found.labels[-1], found.majority[-1]) == (UNDECIDED, UNDECIDED)
    assert found.labels[:2].tolist() == [0, 1]


def test_an_item_without_a_vote_has_no_label_and_no_weight() -> None:
    votes, _ = raters_who_err([0.9, 0.8, 0.7], items=40)
    blank = np.vstack([votes[:5], np.full((1, 3), -1), votes[5:]])

    found, alone = dawid_skene(blank, 3), dawid_skene(votes, 3)

    assert found.labels[5] == UNDECIDED
    assert np.isnan(found.posterior[5]).all()
    assert found.n_items == 40
    assert found.class_shares.tolist() == alone.class_shares.tolist()


ALIKE = np.array([[0, 0, 0], [1, 1, 1]] * 6)


@pytest.mark.parametrize(
    ("votes", "reason"),
    [
        pytest.param(ALIKE[:, :2], "2 raters do not show who errs", id="two raters"),
        pytest.param(
            np.vstack([ALIKE[:9], [[0, 0, -1]] * 3]), "1 of 3 raters have fewer", id="nine items"
        ),
        pytest.param(
            np.block([[ALIKE, np.full((12, 3), -1)], [np.full((12, 3), -1), ALIKE]]),
            "2 groups that share no item",
            id="two groups",
        ),
        pytest.param(np.zeros((12, 3), np.int64), "all votes are of one class", id="one class"),
        pytest.param(np.zeros((0, 3), np.int64), "3 of 3 raters have fewer", id="no item"),
        pytest.param(np.zeros((12, 0), np.int64), "0 raters", id="no rater"),
    ],
)
def test_what_shows_no_errors_is_refused_and_decides_nothing(votes: Counts, reason: str) -> None:
    found = dawid_skene(votes, 2)

    assert reason in found.reason
    assert found.labels.tolist() == [UNDECIDED] * len(votes)
    assert (found.n_flipped, found.n_settled) == (0, 0)


def test_a_search_that_does_not_settle_decides_nothing() -> None:
    # Two raters who all but guess: endless ways to share out the errors explain the votes about as well.
    votes, _ = raters_who_err([0.98, 0.45, 0.45], items=1_000, seed=1)

    found = dawid_skene(votes, 3)

    assert "did not settle in 2000 steps" in found.reason
    assert set(found.labels.tolist()) == {UNDECIDED}


def test_sessions_of_two_raters_are_two_raters() -> None:
    assert "2 raters" in dawid_skene(ALIKE, 2, np.array([7, 7, 9])).reason


@pytest.mark.parametrize(
    ("votes", "categories", "raters", "message"),
    [
        (ALIKE, 1, None, "two classes"),
        (ALIKE + 1, 2, None, "from -1 to 1"),
        (ALIKE - 2, 2, None, "from -1 to 1"),
        (ALIKE.astype(float), 2, None, "whole numbers"),
        (ALIKE[0], 2, None, "items by raters"),
        (ALIKE, 2, np.array([1, 2]), "3 raters"),
    ],
)
def test_what_are_no_votes_is_refused(
    votes: Counts, categories: int, raters: Counts | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        dawid_skene(votes, categories, raters)


def test_an_item_held_out_is_judged_by_the_others_as_if_it_were_alone() -> None:
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 3, 80)
    wrong = rng.random((80, 3)) < 0.3
    votes = np.where(wrong, rng.integers(0, 3, (80, 3)), truth[:, None]).astype(np.int64)
    votes[3, 1] = MISSING
    found = dawid_skene(votes, 3)
    for item in (0, 3, 41):
        others = np.delete(np.arange(80), item)
        shares = found.posterior[others].sum(axis=0)
        likely = shares / shares.sum()
        for rater in range(3):
            vote = int(votes[item, rater])
            if vote == MISSING:
                continue
            voted = others[votes[others, rater] != MISSING]
            alike = others[votes[others, rater] == vote]
            likely = likely * (found.posterior[alike].sum(axis=0) + SMOOTHING)
            likely /= found.posterior[voted].sum(axis=0) + 3 * SMOOTHING
        assert found.held_out[item] == pytest.approx(likely / likely.sum(), abs=1e-6)
