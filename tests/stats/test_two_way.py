import numpy as np
import pytest

from hitl.stats.two_way import shrunk_means, shrunk_table


def test_alike_rows_lose_the_luck_of_their_busiest_cell() -> None:
    rng = np.random.default_rng(1)
    hours = np.outer(np.ones(7), np.r_[np.zeros(8), np.full(10, 40.0), np.zeros(6)])
    raw, shrunk = [], []
    for _ in range(300):
        counts = rng.poisson(hours).astype(np.float64)
        raw.append(counts.max())
        shrunk.append(shrunk_table(counts).max())

    assert np.mean(raw) > 1.35 * 40
    assert np.mean(shrunk) < 1.2 * 40


def test_a_cell_that_is_truly_busier_stays_so() -> None:
    counts = np.full((7, 24), 50.0)
    counts[2, 14] = 900.0

    assert shrunk_table(counts)[2, 14] > 800.0


def test_large_counts_are_nearly_left_alone() -> None:
    rng = np.random.default_rng(2)
    truth = rng.gamma(4.0, 2_500.0, size=(7, 24))

    assert shrunk_table(truth) == pytest.approx(truth, rel=0.01)


@pytest.mark.parametrize(
    "counts",
    [np.zeros((2, 3)), np.array([[5.0, 1.0]]), np.array([[0.0, 4.0], [0.0, 2.0]])],
    ids=["nothing", "one row", "one column in use"],
)
def test_where_nothing_says_what_is_luck_the_counts_stay(counts: np.ndarray) -> None:
    assert shrunk_table(counts).tolist() == counts.tolist()


def test_empty_rows_stay_empty_and_the_total_nearly_stays() -> None:
    counts = np.array([[9.0, 0.0, 3.0], [0.0, 0.0, 0.0], [2.0, 8.0, 5.0]])

    found = shrunk_table(counts)

    assert found[1].tolist() == [0.0, 0.0, 0.0]
    assert found.sum() == pytest.approx(27.0, rel=0.1)


def test_means_of_groups_that_differ_by_luck_alone_are_drawn_together() -> None:
    # Within groups the variance is 50; between them 4.5 is less than luck, 25, would give.
    found = shrunk_means(np.array([95.0, 105.0, 98.0, 108.0]), np.array([0, 0, 1, 1]))

    assert found == pytest.approx({0: 101.5, 1: 101.5})


def test_groups_that_truly_differ_keep_their_means() -> None:
    found = shrunk_means(np.array([99.0, 101.0, 9.0, 11.0]), np.array([5, 5, 6, 6]))

    # s = 2, t = (2 x 45² x 2 - 2) / 2 = 4049: each keeps 4049 / 4050 of its distance.
    assert found == pytest.approx({5: 55 + 45 * 4049 / 4050, 6: 55 - 45 * 4049 / 4050})


def test_one_value_a_group_or_one_group_stays() -> None:
    assert shrunk_means(np.array([1.0, 5.0]), np.array([0, 1])) == {0: 1.0, 1: 5.0}
    assert shrunk_means(np.array([1.0, 5.0]), np.array([3, 3])) == {3: 3.0}
