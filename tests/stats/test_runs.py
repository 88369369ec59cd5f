import itertools

import pytest

from hitl.stats.runs import run_chance


def counted(length: int, trials: int) -> float:
    """Count every sequence of fair throws that has such a run."""
    held = 0
    for throws in itertools.product((0, 1), repeat=trials):
        text = "".join(map(str, throws))
        held += "1" * length in text
    return float(held / 2**trials)


@pytest.mark.parametrize(
    ("length", "trials"), [(1, 1), (2, 3), (3, 7), (4, 4), (5, 12), (7, 12), (12, 12)]
)
def test_it_is_the_share_of_all_sequences_with_such_a_run(length: int, trials: int) -> None:
    assert run_chance(length, trials, 0.5) == pytest.approx(counted(length, trials), abs=1e-14)


def test_unequal_chances_are_weighed() -> None:
    # aab, aaa, baa with P(a) = 0.9: 0.081 + 0.729 + 0.081
    assert run_chance(2, 3, 0.9) == pytest.approx(0.891)


def test_a_rare_run_comes_about_as_often_as_it_can_begin() -> None:
    # It begins at the first trial, or after one of 9,990 failures: p**10 (1 + 9990 (1 - p)), less what overlaps.
    first = 0.1**10 * (1 + 9_990 * 0.9)

    assert run_chance(10, 10_000, 0.1) == pytest.approx(first, rel=1e-6)


def test_more_trials_make_a_run_likelier() -> None:
    chances = [run_chance(80, trials, 0.9) for trials in (79, 80, 81, 500, 20_000)]

    assert chances == sorted(set(chances))


@pytest.mark.parametrize(
    ("length", "trials", "share", "chance"),
    [(3, 2, 0.9, 0.0), (1, 0, 0.9, 0.0), (3, 9, 0.0, 0.0), (9, 9, 1.0, 1.0), (1, 10_000, 0.9, 1.0)],
)
def test_certain_and_impossible_runs(length: int, trials: int, share: float, chance: float) -> None:
    assert run_chance(length, trials, share) == chance


@pytest.mark.parametrize(
    ("length", "trials", "share"), [(0, 3, 0.5), (1, -1, 0.5), (1, 3, 1.5), (1, 3, float("nan"))]
)
def test_nonsense_is_refused(length: int, trials: int, share: float) -> None:
    with pytest.raises(ValueError, match="expected a length"):
        run_chance(length, trials, share)
