from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from hitl.review.candidate import Candidate
from hitl.review.identify import MOST_PAIRS
from hitl.review.leaks import scan
from hitl.review.parts import BlindnessReport
from hitl.review.words import Blindness
from hitl.run.arm import Arm
from tests.review.outputs import Habit, a_world, some_text
from tests.review.releases import a_candidate, swapped


def scanned(candidates: list[Candidate], seed: int = 1, **options: object) -> BlindnessReport:
    return scan(candidates, np.random.default_rng(seed), **options)  # type: ignore[arg-type]


def test_two_arms_that_are_the_same_model_are_hardly_ever_called_not_blind() -> None:
    labels = Counter(scanned(a_world(seed, 40), seed).label for seed in range(25))

    assert labels[Blindness.NOT_BLIND] <= 2
    assert labels[Blindness.BLIND] >= 8


@pytest.mark.parametrize(
    ("habit", "tell"),
    [
        (lambda text: "## Summary\n\n" + text, "markdown headings"),
        (lambda text: text.replace(". ", " — "), "em dashes"),
        (lambda text: text + " Hope that helps.", "closing words `hope that helps.`"),
        (lambda text: "Certainly! " + text, "courtesies"),
        (lambda text: " ".join([text] * 4), "length"),
        (lambda text: "**Cause:**\n" + text, "section heading `cause`"),
        (lambda text: '{"answer": 1}', "field `answer`"),
        (lambda text: text + " 🎉", "emoji"),
        (lambda text: "  " + text, "blanks before the first word"),
        (lambda text: text.replace(". ", ".  ") + "  Yes.", "runs of blanks"),
        (lambda text: text.replace(" ", " indeed ", 1), "word `indeed`"),
        (lambda text: "As [self-reference], I say: " + text, "masked self-references"),
    ],
)
def test_a_planted_habit_is_found_by_name(habit: Habit, tell: str) -> None:
    report = scanned(a_world(3, 40, habit))

    assert report.label is Blindness.NOT_BLIND
    assert tell in {one.name for one in report.tells if one.accuracy and one.accuracy >= 0.9}


def test_a_word_that_one_arm_prefers_is_found_by_the_classifier_alone() -> None:
    candidates = a_world(5, 150, lambda text: text.replace(" the ", " yonder ") + " yonder it is.")

    report = scanned(candidates)

    assert report.accuracy is not None
    assert report.accuracy > 0.9
    assert report.label is Blindness.NOT_BLIND


def test_the_report_is_the_same_byte_for_byte_when_arms_are_swapped_and_candidates_shuffled() -> (
    None
):
    for world in (
        a_world(1, 30),
        a_world(2, 30, lambda text: "Sure! " + text),
        a_world(4, 36, per_cluster=3),
    ):
        report = scanned(world).model_dump_json()

        assert scanned(swapped(world)[::-1]).model_dump_json() == report
        assert not any(f"{arm} " in report for arm in Arm)


def test_a_name_that_is_left_is_not_blind_however_few_the_items() -> None:
    report = scanned([a_candidate("case-1", "I am Claude.", "Hello.")])

    assert report.label is Blindness.NOT_BLIND
    assert report.tells[0].name == "names"
    assert report.tells[0].n == 1


def test_declared_names_are_looked_for_too() -> None:
    candidates = [a_candidate("case-1", "Yours, AcmeLM.", "Hello.")]

    assert scanned(candidates).label is Blindness.UNPROVEN
    assert scanned(candidates, names=["acmelm-7b"]).label is Blindness.NOT_BLIND


@pytest.mark.parametrize("n", [0, 1, 7, 29])
def test_few_pairs_prove_nothing(n: int) -> None:
    report = scanned(a_world(11, n))

    assert report.label is Blindness.UNPROVEN
    assert report.n_pairs == n


def test_pairs_of_few_clusters_prove_nothing_however_many_they_are() -> None:
    report = scanned(a_world(12, 60, lambda text: "## Summary\n" + text, per_cluster=10))

    assert report.label is Blindness.UNPROVEN
    assert report.accuracy is None
    assert report.tells == ()


def test_outputs_that_look_the_same_and_items_of_one_arm_are_no_pairs() -> None:
    same = [a_candidate(f"case-{number}", "alike", "alike") for number in range(40)]
    alone = [a_candidate(f"lone-{number}", "only", None) for number in range(40)]

    report = scanned([*same, *alone])

    assert (report.label, report.n_pairs, report.accuracy) == (Blindness.UNPROVEN, 0, None)


def test_a_confidence_that_only_one_arm_states_is_no_tell_because_it_is_not_shown() -> None:
    def stating(one: Candidate, arms: set[Arm]) -> Candidate:
        told = tuple(replace(out, confidence=0.9 if out.arm is Arm.CANDIDATE else 0.4) if out.arm in arms else out for out in one.outputs)  # fmt: skip
        return replace(one, outputs=told)

    alone = scanned([stating(one, {Arm.CANDIDATE}) for one in a_world(6, 40)])
    both = scanned([stating(one, set(Arm)) for one in a_world(6, 40)])

    assert "stated confidence" not in {tell.name for tell in alone.tells}
    assert both.label is Blindness.NOT_BLIND
    assert "stated confidence" in {tell.name for tell in both.tells}


def test_tool_calls_tell() -> None:
    world = [
        replace(one, outputs=(replace(one.outputs[0], tool_calls='[{"name": "page"}]'), one.outputs[1]))
        for one in a_world(8, 40)
    ]  # fmt: skip

    assert "tool calls" in {tell.name for tell in scanned(world).tells}


def test_a_heading_of_blanks_alone_takes_time_in_proportion() -> None:
    world = [a_candidate(f"case-{n}", "#" + " " * 15_000 + "x" * 100, f"{n}") for n in range(8)]

    assert scanned(world).n_pairs == 8


def test_an_open_review_is_labelled_open() -> None:
    report = scanned(a_world(9, 12), is_open=True)

    assert (report.label, report.n_pairs, report.accuracy) == (Blindness.OPEN, 12, None)


def test_hostile_outputs_are_scanned_like_others() -> None:
    rng = np.random.default_rng(2)
    nasty = [
        "\x00\u202e" + "[U+202E]" * 50,
        "",
        "x" * 1_000_000,
        "\ufffd\ue000",
        "**" * 5_000,
        "| " * 10_000,
        '"a":' * 9_000,
    ]
    world = [
        a_candidate(f"case-{number}", nasty[number % 7], some_text(rng)) for number in range(21)
    ]

    report = scanned(world)

    assert all(tell.name.isprintable() and tell.message.isprintable() for tell in report.tells)


def test_one_large_cluster_does_not_keep_the_classifier_from_the_others() -> None:
    world = [
        a_candidate(f"case-{n:05d}", f"yes {n}", f"no {n}", cluster=f"k{max(0, n - 700)}")
        for n in range(760)
    ]

    for seed in range(5):
        report = scanned(world, seed)
        assert report.accuracy == 1.0
        assert report.n_pairs == 59 + 75


def test_more_pairs_than_are_tried_are_drawn_by_cluster() -> None:
    world = [
        a_candidate(f"case-{number:05d}", f"yes {number}", f"no {number}", cluster=f"k{number // 2}")
        for number in range(MOST_PAIRS + 200)
    ]  # fmt: skip

    report = scanned(world)

    assert MOST_PAIRS - 2 < report.n_pairs <= MOST_PAIRS
    assert report.accuracy == 1.0
    assert report.low is not None
    assert report.low < 1.0
