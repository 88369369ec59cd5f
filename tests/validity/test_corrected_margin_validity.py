"""How often a margin is cleared by a candidate that is exactly that much worse, graded by a judge that likes it better."""

import numpy as np
import pytest
from scipy.stats import binom

from hitl.gate.corrected import corrected_rules
from hitl.gate.rules import Terms
from hitl.gate.verdict_words import State
from hitl.manifest.gate_class import Authority, GateClass
from hitl.score.judge.corrected import CorrectedDifference
from hitl.stats.paired import PairedCounts, difference_interval
from hitl.stats.prediction import GuessedSample, LabelledSample, corrected_mean

pytestmark = pytest.mark.validity

RUNS, SIZE, MARGIN = 2_000, 1_000, 0.05
GATE = GateClass(subset="main", authority=Authority.BLOCK, margin=MARGIN)
TERMS = Terms(Authority.BLOCK, 0.95, 0.0, None)
MOST = int(binom.ppf(1.0 - 1e-6, RUNS, 0.05))
"""False clears that a level of 5 % exceeds once in a million simulations."""


def graded(rng, passes, sensitivity: float, specificity: float):
    chance = rng.random(passes.size)
    return np.where(passes, chance < sensitivity, chance > specificity)


def corrected_state(guessed, true, n: int) -> State:
    labelled = LabelledSample(guessed[:n], true[:n])
    mean = corrected_mean(labelled, GuessedSample(guessed[n:]), 0.90)
    found = CorrectedDifference(
        "main", float(guessed.mean()), mean, mean.low, mean.high, SIZE, 0, 0
    )
    (rule,) = corrected_rules(GATE, found, TERMS)
    return rule.state


@pytest.mark.parametrize("n", [40, 100, 300])
def test_a_kinder_judge_clears_a_true_drop_and_labels_do_not(n: int) -> None:
    """A drop from 0.90 to 0.85; the judge's errors are (0.93, 0.75) before and (0.96, 0.60) after."""
    rng = np.random.default_rng(1_100 + n)
    naive = cleared = failed = 0
    for _ in range(RUNS):
        previous, chance = rng.random(SIZE) < 0.90, rng.random(SIZE)
        candidate = np.where(previous, chance < 0.90, chance < 0.40)
        before, after = graded(rng, previous, 0.93, 0.75), graded(rng, candidate, 0.96, 0.60)
        lost, gained = int((before & ~after).sum()), int((after & ~before).sum())
        both = int((before & after).sum())
        counts = PairedCounts(both, lost, gained, SIZE - both - lost - gained)
        naive += difference_interval(counts, 0.90).low > -MARGIN
        guessed = after.astype(np.float64) - before
        state = corrected_state(guessed, candidate.astype(np.float64) - previous, n)
        cleared += state is State.PASS
        failed += state is State.FAIL

    assert naive > 0.95 * RUNS
    assert cleared <= MOST
    assert failed <= MOST


def test_an_equal_candidate_is_cleared_by_labels_enough() -> None:
    """Two arms of which one pair in fifty differs, and an honest judge: a rule that never passes would be safe too."""
    rng, cleared, runs = np.random.default_rng(7), 0, 300
    for _ in range(runs):
        true = rng.choice([-1.0, 0.0, 1.0], SIZE, p=[0.01, 0.98, 0.01])
        guessed = np.where(rng.random(SIZE) < 0.9, true, 0.0)
        cleared += corrected_state(guessed, true, 300) is State.PASS

    assert cleared > 0.8 * runs
