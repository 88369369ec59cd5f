"""What is proved of a threshold, on counts worked by hand."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from hitl.recalibrate.labelling import Reviews
from hitl.recalibrate.scores import Planted
from hitl.recalibrate.threshold import Ask, Finding, Terms, certify
from hitl.recalibrate.words import State
from hitl.stats.proportion import lower_limit
from tests.recalibrate.counts import AT, Line, a_table

TERMS = Terms(target=0.02, delta=0.05)


def found(*lines: Line, terms: Terms = TERMS, reviews: Reviews | None = None, in_force: int | None = None, closed: str = "") -> Finding:  # fmt: skip
    return certify(a_table(lines), terms, reviews or Counter(), in_force, closed)


# The largest numbers of errors that prove 2 % at 95 %: 0 of 149, 1 of 236, 4 of 500, 12 of 1000, 29 of 2000.
@pytest.mark.parametrize(
    ("n", "k", "below"), [(149, 0, 50), (236, 1, 50), (500, 4, 400), (1000, 12, 1000), (2000, 29, 500)]
)  # fmt: skip
def test_the_largest_number_of_errors_that_proves_the_target_is_certified(
    n: int, k: int, below: int
) -> None:
    rest = Line(0.3, wrong=below)

    enough = found(Line(0.9, right=n - k, wrong=k), rest)
    one_more = found(Line(0.9, right=n - k - 1, wrong=k + 1), rest)

    assert (enough.state, enough.threshold) == (State.CERTIFIED, 9000)
    assert (one_more.state, one_more.threshold) == (State.UNCERTIFIED, None)


def test_the_walk_ends_at_the_first_threshold_that_does_not_hold() -> None:
    bad_stretch = found(Line(0.9, right=700), Line(0.8, right=60, wrong=60), Line(0.7, right=5000))

    assert bad_stretch.threshold == 9000, "what lies below is not reached, good as it is"


def test_everything_is_certified_where_errors_are_rare_everywhere() -> None:
    easy = found(Line(0.9, right=500), Line(0.3, right=500, wrong=3))

    assert easy.threshold == 3000


def test_a_type_without_decisions_is_absent() -> None:
    assert found().state is State.ABSENT


def test_a_type_that_is_closed_has_nothing_to_test() -> None:
    closed = found(Line(0.9, right=500, eligible=False), closed="it cannot be undone")

    assert (closed.state, closed.reason) == (State.CLOSED, "it cannot be undone")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        pytest.param([Line(0.9, right=500, eligible=False)], "none of its 500 decisions could have run alone", id="rules hold all of them"),
        pytest.param([Line(None, right=500)], "has a usable confidence", id="no confidence"),
        pytest.param([Line(0.9, unlabelled=400), Line(0.2, unlabelled=100)], "has a label", id="no label"),
        pytest.param([Line(0.9, right=100), Line(0.2, right=20)], "149 without an error are the fewest", id="few labels"),
    ],
)  # fmt: skip
def test_what_is_missing_is_told(lines: list[Line], words: str) -> None:
    finding = found(*lines)

    assert finding.state is State.UNLABELLED
    assert words in finding.reason
    assert finding.threshold is None


def test_a_model_that_says_the_same_of_everything_gets_no_threshold() -> None:
    constant = found(Line(0.9012, right=950), Line(0.8963, right=10), Line(0.2, right=40))

    assert constant.state is State.CONSTANT
    assert "says 0.9 of 96 % of the 1,000" in constant.reason


def test_a_few_decisions_with_one_confidence_are_no_constant_model() -> None:
    assert found(Line(0.9, right=19)).state is State.UNLABELLED


def test_a_decision_that_should_have_a_label_and_has_none_counts_as_wrong() -> None:
    rest = Line(0.3, wrong=1000)

    eleven = found(Line(0.9, right=988, wrong=11, unlabelled=1), rest)
    twelve = found(Line(0.9, right=987, wrong=12, unlabelled=1), rest)

    assert eleven.threshold == 9000
    assert "every decision but 1 has a label" in eleven.described()
    assert twelve.state is State.UNLABELLED
    assert "so they count as wrong" in twelve.reason


def test_a_lost_label_is_not_blamed_for_too_many_errors() -> None:
    wrong = found(Line(0.9, right=900, wrong=99, unlabelled=1), Line(0.3, wrong=1000))

    assert wrong.state is State.UNCERTIFIED
    assert "99 of 999 labelled decisions are wrong" in wrong.reason


def test_labels_of_what_people_decided_alone_say_nothing_of_the_rest() -> None:
    reviewed_below = found(Line(0.95, unlabelled=5000), Line(0.7, right=4000, wrong=1))

    assert reviewed_below.state is State.UNLABELLED


def test_audits_and_escalations_together_certify_by_their_weights() -> None:
    # Above 0.8 only one decision in twenty was audited: 149 error-free audits are needed there.
    escalated = Line(0.5, right=1800, wrong=200, probability=1.0)
    few = found(Line(0.9, right=148, unlabelled=2812, probability=0.05), escalated)
    enough = found(Line(0.9, right=149, unlabelled=2831, probability=0.05), escalated)

    assert few.threshold is None
    assert enough.threshold == 9000
    assert "labels weighted by review probability" in enough.described()


def test_what_a_person_saw_in_an_audit_and_did_not_label_counts_as_wrong() -> None:
    escalated = Line(0.5, right=1800, wrong=200, probability=1.0)

    seen = found(Line(0.9, right=149, seen=1, unlabelled=2850, probability=0.05), escalated)

    assert seen.threshold is None


@pytest.mark.parametrize("labels", [100, 260])
def test_labels_that_are_not_as_many_as_their_chance_promises_prove_nothing(labels: int) -> None:
    line = Line(0.9, right=labels, unlabelled=3000 - labels, probability=0.05)

    refused = found(line, Line(0.4, right=300, probability=1.0))

    assert refused.state is State.UNLABELLED
    assert "promises 150" in refused.reason


def test_labels_that_depend_on_confidence_were_not_drawn_with_one_chance() -> None:
    """Half have a label, as is written; but nine of ten of the easy ones, and one of ten of the others."""
    chosen = (
        Line(0.9, right=900, unlabelled=100, probability=0.5),
        Line(0.3, right=90, wrong=10, unlabelled=900, probability=0.5),
    )
    drawn = (
        Line(0.9, right=500, unlabelled=500, probability=0.5),
        Line(0.3, right=450, wrong=50, unlabelled=500, probability=0.5),
    )

    refused = found(*chosen)

    assert refused.state is State.UNLABELLED
    assert "10 % in some band of confidence were seen or have a label and 90 % in another" in refused.reason  # fmt: skip
    assert found(*drawn).threshold == 9000


def test_what_people_saw_and_did_not_judge_counts_as_wrong_where_their_word_is_the_label() -> None:
    lines = (Line(0.9, right=900, seen=100), Line(0.3, right=450, seen=50))

    assert found(*lines, terms=RANDOM).threshold == 3000
    assert found(*lines, terms=replace(RANDOM, owes_seen=True)).threshold is None


def test_a_stratum_with_every_label_needs_no_chance() -> None:
    parallel = found(Line(0.9, right=400, probability=0.05), Line(0.4, wrong=400, probability=1.0))

    assert parallel.threshold == 9000


def test_too_many_chances_are_refused() -> None:
    lines = [
        Line(0.9, right=10, unlabelled=10_000 // chance, probability=chance / 1000)
        for chance in range(1, 8)
    ]

    assert "7 different review probabilities" in found(*lines, Line(0.2, right=5000)).reason


def test_a_chance_of_nought_is_no_sample() -> None:
    never_seen = found(Line(0.9, unlabelled=5000, probability=0.0), Line(0.3, right=1000))

    assert never_seen.state is State.UNLABELLED


RANDOM = replace(TERMS, is_stated=True)


def test_labels_that_are_said_to_be_random_speak_for_the_rest() -> None:
    lines = (Line(0.9, right=300, unlabelled=2700), Line(0.4, wrong=100, unlabelled=900))

    said, unsaid = found(*lines, terms=RANDOM), found(*lines)

    assert said.threshold == 9000
    assert "said to be a random sample" in said.described()
    assert unsaid.state is State.UNLABELLED


def test_labels_that_depend_on_confidence_are_not_believed_to_be_random() -> None:
    lines = (Line(0.9, right=300, unlabelled=5700), Line(0.4, wrong=3000))

    assert "in some band of confidence" in found(*lines, terms=RANDOM).reason


def test_labels_that_leave_overrides_out_are_not_believed_to_be_random() -> None:
    reviews = Counter({(False, True): 400, (False, False): 600, (True, True): 2, (True, False): 98})

    refused = found(
        Line(0.9, right=300, unlabelled=700), Line(0.4, right=300, unlabelled=700),
        terms=RANDOM, reviews=reviews,
    )  # fmt: skip

    assert "2 of 100 overridden decisions have a label and 400 of 1,000 approved ones" in refused.reason  # fmt: skip


def test_a_threshold_that_lets_the_same_decisions_run_is_kept_as_it_is() -> None:
    lines = (Line(0.9, right=500), Line(0.3, wrong=500))

    assert found(*lines, in_force=8500).threshold == 8500
    assert found(*lines, in_force=9100).threshold == 9000
    assert found(*lines, in_force=3000).threshold == 9000


def test_each_recalibration_has_the_whole_chance_unless_one_is_to_last_for_all() -> None:
    assert Terms.of(Ask(AT, round=7), 3, Planted()).delta == 0.05


def test_each_recalibration_and_each_type_of_a_family_spends_its_share() -> None:
    first = Terms.of(Ask(AT, spends=True), 3, Planted())
    later = Terms.of(Ask(AT, spends=True, round=2), 3, Planted())
    family = Terms.of(Ask(AT, spends=True, is_family=True), 3, Planted())

    # 0.05 * 6 / pi^2, and a fourth and a third of it.
    assert first.delta == pytest.approx(0.030396, abs=1e-6)
    assert later.delta == pytest.approx(first.delta / 4)
    assert family.delta == pytest.approx(first.delta / 3)


def test_errors_that_reviewers_miss_are_made_up_for() -> None:
    terms = Terms.of(Ask(AT), 1, Planted(n=100, caught=60))

    # Both limits share the chance, so each has half of it.
    limit = lower_limit(60, 100, 1 - 0.05 / 2)
    assert terms.detection == pytest.approx(limit)
    assert terms.tested == pytest.approx(0.02 * limit)
    assert terms.delta_spent == pytest.approx(0.05)


def test_a_threshold_that_holds_for_all_errors_may_not_hold_for_those_that_are_found() -> None:
    lines = (Line(0.9, right=994, wrong=6), Line(0.3, wrong=1000))
    missed = Terms.of(Ask(AT), 1, Planted(n=1000, caught=600))
    caught = Terms.of(Ask(AT), 1, Planted(n=1000, caught=1000))

    assert found(*lines, terms=caught).threshold == 9000
    assert found(*lines, terms=missed).state is State.UNCERTIFIED
    assert found(*lines, terms=Terms.of(Ask(AT), 1, Planted(9, 0))).state is State.UNLABELLED


def test_the_labels_that_would_settle_it_do_settle_it() -> None:
    def with_labels(n: int) -> Finding:
        wrong = round(0.01 * n / 2)
        return found(Line(0.9, right=n // 2 - wrong, wrong=wrong), Line(0.3, wrong=n // 2))

    short = with_labels(600)

    assert short.state is State.UNCERTIFIED
    assert short.labels_needed is not None
    assert with_labels(short.labels_needed + 2).state is State.CERTIFIED
    assert with_labels(short.labels_needed - 300).state is State.UNCERTIFIED


def test_no_number_of_labels_settles_what_is_wrong_too_often() -> None:
    hopeless = found(Line(0.9, right=450, wrong=50), Line(0.8, right=450, wrong=50))

    assert hopeless.labels_needed is None
    assert "no number of labels would prove it" in hopeless.reason


def test_labels_needed_with_weights_are_more_of_each_kind() -> None:
    few = found(
        Line(0.9, right=100, unlabelled=1900, probability=0.05),
        Line(0.85, right=100, unlabelled=100, probability=0.5),
        Line(0.4, wrong=100, probability=1.0),
    )

    assert few.state is not State.CERTIFIED
    assert few.labels_needed is not None
    assert few.labels_needed > few.n_labelled


def audited_worlds(error: float, worlds: int) -> list[Finding]:
    """Return what is found in worlds where confidence says nothing: all below 0.6 labelled, a tenth of the rest."""
    rng = np.random.default_rng(5)
    cells = np.linspace(0.05, 0.95, 19)
    found = []
    for _ in range(worlds):
        lines = []
        for cell, n in zip(
            cells.tolist(), rng.multinomial(8000, np.full(19, 1 / 19)).tolist(), strict=True
        ):
            chance = 1.0 if cell < 0.6 else 0.1
            labels = int(rng.binomial(n, chance))
            wrong = int(rng.binomial(labels, error))
            lines.append(Line(cell, labels - wrong, wrong, n - labels, chance))
        found.append(certify(a_table(lines), TERMS, Counter(), None))
    return found


def test_weighted_labels_certify_a_bad_threshold_no_more_often_than_promised() -> None:
    certified = sum(one.state is State.CERTIFIED for one in audited_worlds(0.025, 200))

    # Everything is above the target, so every certificate is a false one.
    assert certified <= binom.ppf(1 - 1e-6, 200, 0.05)


def test_weighted_labels_give_the_rate_of_all_decisions() -> None:
    rates = [one.ladder.rates()[-1] for one in audited_worlds(0.032, 100) if one.ladder]

    assert np.mean(rates) == pytest.approx(0.032, abs=0.001)


lines_of = st.lists(
    st.builds(
        Line,
        confidence=st.sampled_from([0.3, 0.55, 0.8, 0.81, 0.99]),
        right=st.integers(0, 900),
        wrong=st.integers(0, 8),
        unlabelled=st.integers(0, 3),
    ),
    min_size=1,
    max_size=8,
)


@given(lines_of)
def test_the_thresholds_and_the_start_do_not_depend_on_what_labels_say(lines: list[Line]) -> None:
    turned = [replace(line, right=line.wrong, wrong=line.right) for line in lines]
    one, other = found(*lines), found(*turned)

    assert (one.ladder is None) == (other.ladder is None)
    if one.ladder is not None and other.ladder is not None:
        assert one.ladder.thresholds.tolist() == other.ladder.thresholds.tolist()
    if one.sequence is not None and other.sequence is not None:
        assert one.sequence.start == other.sequence.start


@given(lines_of, st.integers(0, 7))
def test_one_more_error_never_lets_more_run_alone(lines: list[Line], place: int) -> None:
    line = lines[place % len(lines)]
    worse = [*lines]
    worse[place % len(lines)] = replace(line, right=max(0, line.right - 1), wrong=line.wrong + min(1, line.right))  # fmt: skip

    def limit(of: list[Line]) -> int:
        threshold = found(*of).threshold
        return 10_001 if threshold is None else threshold

    assert limit(worse) >= limit(lines)


@given(lines_of, st.integers(1, 3))
def test_a_label_that_is_lost_never_lets_more_run_alone(lines: list[Line], lost: int) -> None:
    fewer = [
        replace(line, right=max(0, line.right - lost), unlabelled=line.unlabelled + min(lost, line.right))
        for line in lines
    ]  # fmt: skip

    before, after = found(*lines).threshold, found(*fewer).threshold

    assert after is None or (before is not None and after >= before)
