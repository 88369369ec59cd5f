import json
import math
from collections.abc import Iterable

import numpy as np
import pytest

from hitl.policy.posture import PosturePolicy
from hitl.run.reply import Reply
from hitl.score.arm import ArmScores, grade_arm
from hitl.score.expect.step import StepReader
from hitl.score.finding import Mark, ReplyGrade
from hitl.score.release import grade_both
from hitl.score.style import FEATURES, StyleReader
from hitl.score.style_shift import StyleResult, compare_style
from hitl.score.style_words import CERTAIN, FIRST_PERSON, HEDGES, Feature
from tests.builders import a_golden_set, a_reply, a_suite, an_error, some_cases

READER = StyleReader(StepReader(PosturePolicy()))
MEGABYTE = 10**6


def style_of(text: str | None, tier: str = "", outcome: str = "", **fields: object) -> dict[str, float]:  # fmt: skip
    reply = Reply.model_validate({"case_id": "c", "text": text} | fields, strict=False)
    found = READER.read(reply, ReplyGrade(Mark.PASS, (), tier, outcome))
    return {feature.value: value for feature, value in zip(FEATURES, found, strict=True)}


def shown(text: str, **fields: object) -> set[str]:
    """Return the features of a reply that are neither nothing nor unknown, but for its length."""
    counted = {"characters", "words", "sentences"}
    found = style_of(text, **fields)
    return {name for name, value in found.items() if value > 0} - counted


def test_length_is_counted_by_hand() -> None:
    found = style_of("  The queue grows. Why? Look at it!\n")

    assert (found["characters"], found["words"], found["sentences"]) == (33, 7, 3)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        pytest.param("", 0, id="nothing"),
        pytest.param("no mark at all", 1, id="no mark"),
        pytest.param("It takes 3.5 s at v1.2.", 1, id="numbers"),
        pytest.param('He said "stop." Then left.', 2, id="quotes"),
        pytest.param("Well... so what?!", 2, id="marks in a row"),
        pytest.param("队列在增长。为什么？", 2, id="Chinese"),
    ],
)
def test_sentences_end_where_a_reader_sees_an_end(text: str, sentences: float) -> None:
    assert style_of(text)["sentences"] == sentences


@pytest.mark.parametrize(
    ("text", "features"),
    [
        pytest.param('{"a": 1}', {"json"}, id="JSON"),
        pytest.param("[1, 2]", {"json"}, id="a JSON list"),
        pytest.param("12", set(), id="a number is no format"),
        pytest.param('{"a": 1', set(), id="broken JSON"),
        pytest.param('```json\n{"a": 1}\n```', {"fenced_json"}, id="fenced JSON"),
        pytest.param("```\nls\n```", {"code_blocks"}, id="fenced code"),
        pytest.param("# Cause\nthe queue", {"headings"}, id="a heading"),
        pytest.param("#hashtag and C#", set(), id="no heading"),
        pytest.param("Look:\n- here\n- there", {"lists"}, id="bullets"),
        pytest.param("1. one\n2. two", {"lists"}, id="numbers"),
        pytest.param("-5 or 2.5 - all", set(), id="no list"),
        pytest.param("this is **bold**", {"bold"}, id="bold"),
        pytest.param("2 ** 3 ** 2", set(), id="powers"),
        pytest.param("| a | b |\n|---|---|\n| 1 | 2 |", {"tables"}, id="a table"),
        pytest.param("a | b", set(), id="a bar"),
        pytest.param("done \U0001f389", {"emoji"}, id="emoji"),
        pytest.param("Which pod?", {"questions"}, id="a question"),
        pytest.param("see http://a.example/?q=1 there", set(), id="no question"),
        pytest.param("I’m looking", {"first_person"}, id="first person, curly"),
        pytest.param("WE looked", {"first_person"}, id="first person, loud"),
        pytest.param("Restart the pod", {"acts"}, id="a step that acts"),
        pytest.param("Do not restart the pod", set(), id="a step that is advised against"),
        pytest.param("call restart_pod", {"acts"}, id="an action inside a name"),
        pytest.param("пауза", {"other_script"}, id="Cyrillic"),
        pytest.param("größer", set(), id="Latin with marks"),
    ],
)  # fmt: skip
def test_each_feature_is_seen_and_nothing_else(text: str, features: set[str]) -> None:
    assert shown(text) == features


def test_words_of_doubt_and_of_certainty_are_counted_in_100_words() -> None:
    found = style_of("It may be the disk, perhaps. It is definitely slow now.")

    assert found["words"] == 11
    assert found["hedges"] == pytest.approx(100 * 2 / 11)
    assert found["certain"] == pytest.approx(100 / 11)


def test_the_word_lists_do_not_overlap() -> None:
    assert len(HEDGES | CERTAIN | FIRST_PERSON) == len(HEDGES) + len(CERTAIN) + len(FIRST_PERSON)


def test_the_reading_that_was_asked_for_decides_what_is_json() -> None:
    assert style_of('{"a": 1}', tier="none")["json"] == 0
    assert style_of('{"a": 1,}', tier="repaired")["json"] == 0
    assert style_of('{"a": 1}', tier="strict")["json"] == 1


def test_a_tool_that_acts_counts_as_acting_and_one_that_looks_does_not() -> None:
    calls = [{"name": "get_logs"}]
    looks = style_of(None, tool_calls=calls)
    acts = style_of(None, tool_calls=[*calls, {"name": "delete_pod"}])

    assert (looks["acts"], looks["tool_calls"]) == (0, 1)
    assert (acts["acts"], acts["tool_calls"]) == (1, 2)
    assert math.isnan(acts["characters"])


def test_outcome_and_ending_are_known_only_where_somebody_says() -> None:
    unsaid = style_of("no")
    said = style_of("no", outcome="refusal", finish="length")

    assert all(math.isnan(unsaid[name]) for name in ("refuses", "hands_over", "abstains", "cut_off"))  # fmt: skip
    assert [said[name] for name in ("refuses", "hands_over", "abstains", "cut_off")] == [1, 0, 0, 1]


def test_english_words_are_not_counted_in_other_writing() -> None:
    found = style_of("队列在增长 may restart 队列在增长。我们需要查看日志和指标")

    assert found["other_script"] > 0.5
    assert all(math.isnan(found[name]) for name in ("hedges", "certain", "first_person", "acts"))


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(an_error("c"), id="a failed call"),
        pytest.param(a_reply("c"), id="labels alone"),
    ],
)
def test_nothing_is_known_of_what_cannot_be_read(reply: Reply) -> None:
    found = READER.read(reply, ReplyGrade(Mark.PASS, (), "", ""))

    assert all(math.isnan(value) for value in found)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("." * MEGABYTE, id="dots"),
        pytest.param(" \t" * (MEGABYTE // 2) + "x", id="blanks"),
        pytest.param("**a" * (MEGABYTE // 3), id="bold without end"),
        pytest.param("__a" * (MEGABYTE // 3), id="underscores"),
        pytest.param("#" * MEGABYTE, id="hashes"),
        pytest.param("-" * MEGABYTE + "|", id="dashes"),
        pytest.param("\n" * MEGABYTE + "- x", id="lines"),
        pytest.param("[" * MEGABYTE, id="brackets"),
        pytest.param("9" * MEGABYTE, id="digits"),
        pytest.param("restart " * (MEGABYTE // 8), id="actions"),
        pytest.param('?"' * (MEGABYTE // 2), id="questions"),
        pytest.param("队。" * (MEGABYTE // 2), id="Chinese"),
        pytest.param("\U0001f600" * MEGABYTE, id="emoji"),
        pytest.param("\x00\u202e\ud800" * (MEGABYTE // 3), id="no text at all"),
    ],
)
def test_a_megabyte_on_one_line_is_read_to_its_end(text: str) -> None:
    grade = ReplyGrade(Mark.PASS, (), "", "")

    found = READER.read(Reply.model_construct(case_id="c", text=text), grade)

    assert found[0] == len(text.strip())


def arms_of(previous: Iterable[Reply], candidate: Iterable[Reply], n: int) -> dict[str, StyleResult]:  # fmt: skip
    suite = a_suite(a_golden_set({"main": some_cases(n)}))
    return compare_style(*grade_both(suite, previous, candidate), suite.lineage.joined, 0.95)


def replies(texts: Iterable[str | None], repeat: int = 0) -> list[Reply]:
    return [a_reply(f"c{number:04d}", repeat=repeat, text=text) for number, text in enumerate(texts)]  # fmt: skip


def test_a_shift_is_the_mean_difference_over_cases_and_repeats_are_no_cases() -> None:
    before = replies(["ab"] * 10) + replies(["abcd"] * 10, repeat=1)
    after = replies(["a" * (6 + number % 2) for number in range(10)])

    found = arms_of(before, after, 10)["characters"]

    assert (found.previous, found.candidate) == (3.0, 6.5)
    assert found.difference is not None
    assert found.difference.estimate == pytest.approx(3.5)
    assert found.difference.low < 3.5 < found.difference.high
    assert (found.n_cases, found.n_clusters) == (10, 10)
    assert found.is_beyond_chance


def test_identical_arms_have_no_shift_and_an_interval_all_the_same() -> None:
    texts = [f"It may be {number}. I must look.\n- one" for number in range(40)]

    found = arms_of(replies(texts), replies(texts), 40)

    assert {"characters", "hedges", "certain", "lists", "first_person"} <= set(found)
    assert not any(result.is_beyond_chance for result in found.values())
    assert {result.p_value for result in found.values()} == {1.0}
    length = found["characters"].difference
    assert length is not None
    assert length.low < -1 < 0 < 1 < length.high


def test_labels_alone_give_no_style() -> None:
    assert arms_of(replies([None] * 20), replies([None] * 20), 20) == {}


def test_an_arm_without_text_leaves_the_style_unmeasured() -> None:
    found = arms_of(replies([None] * 20), replies(["a reply"] * 20), 20)["characters"]

    assert (found.previous, found.candidate, found.n_cases) == (None, 7.0, 0)
    assert found.difference is None
    assert found.p_value is None
    assert not found.is_beyond_chance


def test_only_cases_that_both_arms_answer_in_text_are_compared() -> None:
    before = replies(["ab"] * 10 + ["a very long reply"] * 10)
    after = replies(["ab"] * 10 + [None] * 10)

    found = arms_of(before, after, 20)["characters"]

    assert (found.previous, found.candidate, found.n_cases) == (2.0, 2.0, 10)


def test_seven_independent_cases_prove_nothing() -> None:
    found = arms_of(replies(["a"] * 7), replies(["a" * 900] * 7), 7)["characters"]

    assert (found.difference, found.p_value, found.is_beyond_chance) == (None, None, False)
    assert found.candidate == 900


def test_cases_that_ask_the_same_are_one_piece_of_evidence() -> None:
    cases = some_cases(40, input="the same question")
    suite = a_suite(a_golden_set({"main": cases}))
    arms = grade_both(suite, replies(["a"] * 40), replies(["a" * 90] * 40))

    found = compare_style(*arms, suite.lineage.joined, 0.95)["characters"]

    assert (found.n_cases, found.n_clusters, found.difference) == (40, 1, None)


def test_what_no_reply_shows_is_left_out() -> None:
    found = arms_of(replies(["a plain reply"] * 10), replies(["another one"] * 10), 10)

    assert "emoji" not in found
    assert "tables" not in found


def test_stored_replies_give_the_same_style_in_any_order() -> None:
    suite = a_suite(a_golden_set({"main": some_cases(9)}))
    texts = [json.dumps({"may": number}) for number in range(9)]

    ordered, turned = (grade_arm(suite, rows) for rows in (replies(texts), replies(texts)[::-1]))

    for feature in Feature:
        assert np.array_equal(ordered.style[feature], turned.style[feature], equal_nan=True)


def an_arm_of_chance(rng: np.random.Generator, n: int, size: np.ndarray) -> ArmScores:
    """Return an arm whose style is drawn anew, with lengths that go with the case and heavy tails."""
    suite = a_suite(a_golden_set({"main": ()}))
    length = np.exp(size + rng.normal(0, 0.7, n))
    style = {feature.value: (rng.random(n) < 0.3).astype(float) for feature in Feature}
    style |= {"characters": length, "words": length / 6, "sentences": length / 90}
    style |= {name: rng.poisson(1.2, n) / 2 for name in ("hedges", "certain", "tool_calls")}
    style |= {"emoji": (rng.random(n) < 0.02).astype(float)}
    empty = grade_arm(suite, [])
    return ArmScores(**{
        **{name: getattr(empty, name) for name in ArmScores.__dataclass_fields__},
        "case": np.arange(n), "style": style,
    })  # fmt: skip


@pytest.mark.parametrize("n", [12, 80])
def test_a_shift_is_claimed_by_chance_in_at_most_one_release_in_twenty(n: int) -> None:
    rng = np.random.default_rng(20260518)
    runs = 300
    claimed = 0
    by_feature = dict.fromkeys(Feature, 0)

    for _ in range(runs):
        size = rng.normal(6, 0.8, n)
        arms = an_arm_of_chance(rng, n, size), an_arm_of_chance(rng, n, size)
        found = compare_style(*arms, np.arange(n), 0.95)
        shifts = [name for name, result in found.items() if result.is_beyond_chance]
        claimed += bool(shifts)
        for name in shifts:
            by_feature[Feature(name)] += 1

    # 5 % of 300 is 15; 25 or more would happen in about 1 % of seeds at exactly that rate.
    assert claimed <= 24
    assert max(by_feature.values()) <= 24


def test_a_true_shift_is_found_at_that_level() -> None:
    rng = np.random.default_rng(7)
    n = 120
    size = rng.normal(6, 0.8, n)
    before, after = an_arm_of_chance(rng, n, size), an_arm_of_chance(rng, n, size + 0.6)
    after.style["lists"][:] = rng.random(n) < 0.7

    found = compare_style(before, after, np.arange(n), 0.95)

    assert {name for name, result in found.items() if result.is_beyond_chance} == {"characters", "words", "sentences", "lists"}  # fmt: skip
