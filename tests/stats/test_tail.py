import numpy as np
import pytest

from hitl.stats.proportion import upper_limit
from hitl.stats.tail import LossTail


def test_outright_losses_are_bounded_like_a_proportion() -> None:
    sums = np.array([-1.0, -1.0] + [0.0] * 48)

    tail = LossTail.of(sums, np.ones(50))

    assert tail.highest_mean(0.05) == pytest.approx(-upper_limit(2, 50, 0.95))


def test_no_loss_leaves_what_could_be_unseen_and_gains_offset_it() -> None:
    nothing = LossTail.of(np.zeros(59), np.ones(59))
    gains = LossTail.of(np.full(59, 0.1), np.ones(59))

    assert nothing.highest_mean(0.05) == pytest.approx(-(1 - 0.05 ** (1 / 59)))
    assert gains.highest_mean(0.05) == pytest.approx(0.1 + nothing.highest_mean(0.05))


def test_the_p_is_the_level_at_which_the_highest_mean_is_nothing() -> None:
    sums = np.array([0.4] * 30 + [-0.5] * 4 + [-1.0] + [0.0] * 15)
    tail = LossTail.of(sums, np.ones(50))

    assert tail.highest_mean(tail.p_positive()) == pytest.approx(0.0, abs=1e-12)


def test_everything_lost_is_the_lowest_mean() -> None:
    tail = LossTail.of(np.full(10, -1.0), np.ones(10))

    assert tail.highest_mean(0.05) == -1.0
    assert tail.p_positive() == 1.0
