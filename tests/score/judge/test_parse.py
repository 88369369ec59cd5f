import json

import pytest

from hitl.run.reply import Finish, Reply
from hitl.score.judge.parse import (
    parse_grade,
    parse_winner,
    read_grade,
    read_winner,
    stated_grades,
    stated_winners,
)

SCALE = (1, 5)


def said(reasons: object, label: object, key: str = "grade") -> str:
    return json.dumps({"reasons": reasons, key: label})


FINE = said("It names its source.", 4)


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        pytest.param(FINE, 4, id="plain"),
        pytest.param(f"\n  {FINE}\n", 4, id="white space around it"),
        pytest.param(f"```json\n{FINE}\n```", 4, id="one fence around it"),
        pytest.param(f"```\n{FINE}\n```", 4, id="one fence without a language"),
        pytest.param(said("Lowest.", 1), 1, id="the lowest grade"),
        pytest.param(said("Highest.", 5), 5, id="the highest grade"),
        pytest.param(said("I give it a grade of 3.", 3), 3, id="reasons state the same grade"),
        pytest.param(said("Score: 3/5.", 3), 3, id="reasons state the same fraction"),
        pytest.param(said("Not a score of 5, for it omits a step.", 3), 3, id="a grade denied"),
        pytest.param(said("A grade of 5 would need sources.", 3), 3, id="a grade that would need"),
        pytest.param(said("It scored 7/10 elsewhere.", 3), 3, id="a fraction of another scale"),
        pytest.param(said("It is not a score of 5/5.", 3), 3, id="a fraction denied"),
        pytest.param(said("Only 2 of 5 claims hold.", 3), 3, id="a count and no grade"),
        pytest.param(said("3 out of 5 claims hold.", 2), 2, id="a count out of five claims"),
        pytest.param(said("2/5 of the steps are there.", 3), 3, id="a fraction of the steps"),
        pytest.param(said("Gut genug, weil 証拠.", 3), 3, id="another language"),
    ],
)
def test_a_plain_answer_is_a_grade(text: str, grade: int) -> None:
    found = parse_grade(text, SCALE)

    assert (found.grade, found.problem) == (grade, None)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("", "empty", id="nothing"),
        pytest.param(" \n\t", "empty", id="white space"),
        pytest.param("4", "not_json", id="a bare number"),
        pytest.param("Grade: 4", "not_json", id="prose"),
        pytest.param(f"Here it is: {FINE}", "not_json", id="text before it"),
        pytest.param(f"{FINE}\nI hope this helps.", "not_json", id="text after it"),
        pytest.param(f"{FINE}{FINE}", "not_json", id="two objects"),
        pytest.param(f"```\n```\n{FINE}\n```\n```", "not_json", id="two fences"),
        pytest.param(FINE[:-1], "not_json", id="cut off in the middle"),
        pytest.param("{'reasons': 'Fine.', 'grade': 4}", "not_json", id="single quotes"),
        pytest.param('{"reasons": "Fine.", "grade": 4,}', "not_json", id="a trailing comma"),
        pytest.param(f"[{FINE}]", "not_json", id="in a list"),
        pytest.param(json.dumps(FINE), "not_json", id="as a string"),
        pytest.param("null", "not_json", id="null"),
        pytest.param('{"reasons": "Fine.", "grade": 2, "grade": 4}', "not_json", id="two grades"),
        pytest.param('{"reasons": "Fine.", "grade": NaN}', "not_json", id="no number"),
        pytest.param("I'm sorry, but I can't help with that.", "refused", id="a refusal in words"),
        pytest.param('{"grade": 4}', "wrong_keys", id="no reasons key"),
        pytest.param('{"reasons": "Fine."}', "wrong_keys", id="no grade"),
        pytest.param(
            '{"reasons": "Fine.", "grade": 4, "confidence": 1}', "wrong_keys", id="one key more"
        ),
        pytest.param('{"Reasons": "Fine.", "grade": 4}', "wrong_keys", id="a key in capitals"),
        pytest.param('{"reasons": "Fine.", "score": 4}', "wrong_keys", id="another key"),
        pytest.param(
            '{"grade": 4, "reasons": "Fine."}', "label_before_reasons", id="the grade first"
        ),
        pytest.param(said("", 4), "no_reasons", id="empty reasons"),
        pytest.param(said(" ... \u200b", 4), "no_reasons", id="reasons without a word"),
        pytest.param(said(None, 4), "no_reasons", id="reasons null"),
        pytest.param(said(["Fine."], 4), "no_reasons", id="reasons in a list"),
        pytest.param(said("Fine.", True), "not_a_label", id="true"),
        pytest.param(said("Fine.", "4"), "not_a_label", id="text"),
        pytest.param(said("Fine.", "four"), "not_a_label", id="a word"),
        pytest.param('{"reasons": "Fine.", "grade": 4.0}', "not_a_label", id="4.0"),
        pytest.param('{"reasons": "Fine.", "grade": 4e0}', "not_a_label", id="4e0"),
        pytest.param(said("Fine.", 3.5), "not_a_label", id="between two grades"),
        pytest.param(said("Fine.", None), "not_a_label", id="null grade"),
        pytest.param(said("Fine.", [4]), "not_a_label", id="a list"),
        pytest.param(said("Fine.", 0), "out_of_scale", id="below the scale"),
        pytest.param(said("Fine.", 6), "out_of_scale", id="above the scale"),
        pytest.param(said("Fine.", -4), "out_of_scale", id="negative"),
        pytest.param(said("Fine.", 10**30), "out_of_scale", id="enormous"),
        pytest.param(said("Grade: 2", 4), "contradiction", id="grade: 2"),
        pytest.param(said("So 2/5 it is.", 4), "contradiction", id="2/5"),
        pytest.param(said("I give it 2 out of 5.", 4), "contradiction", id="2 out of 5"),
        pytest.param(said("It earns a score of 2.", 4), "contradiction", id="a score of 2"),
        pytest.param(said("This is a score of two.", 4), "contradiction", id="in words"),
        pytest.param(said("Rated a 1 by me.", 5), "contradiction", id="rated"),
        pytest.param(said('"grade": 1', 5), "contradiction", id="quoted JSON"),
        pytest.param(said("Score = 3.5", 4), "contradiction", id="a fraction"),
        pytest.param(said("Grade 4. No: grade 2.", 4), "contradiction", id="two grades stated"),
        pytest.param(said("**Grade: 2**", 4), "contradiction", id="in bold"),
    ],
)
def test_anything_else_is_unscored_for_its_own_reason(text: str, problem: str) -> None:
    found = parse_grade(text, SCALE)

    assert (found.grade, found.problem) == (None, problem)


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (None, "not_asked"),
        (Reply(case_id="j", error="timed out"), "call_failed"),
        (Reply(case_id="j", text=FINE, finish=Finish.ERROR), "call_failed"),
        (Reply(case_id="j", text=FINE, finish=Finish.LENGTH), "cut_off"),
        (Reply(case_id="j", text=FINE, finish=Finish.REFUSAL), "refused"),
        (Reply(case_id="j", labels={"grade": 5}), "empty"),
    ],
)
def test_a_call_that_did_not_end_well_gives_no_label(reply: Reply | None, problem: str) -> None:
    assert read_grade(reply, SCALE).problem == problem
    assert read_winner(reply).problem == problem


@pytest.mark.parametrize("word", ["A", "B", "tie"])
def test_a_winner_is_one_of_three_words(word: str) -> None:
    assert parse_winner(said("Only one cites.", word, "winner")).winner == word


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (said("Fine.", "a", "winner"), "not_a_label"),
        (said("Fine.", "Tie", "winner"), "not_a_label"),
        (said("Fine.", "Reply A", "winner"), "not_a_label"),
        (said("Fine.", ["A"], "winner"), "not_a_label"),
        (said("Fine.", 1, "winner"), "not_a_label"),
        (said("Fine.", None, "winner"), "not_a_label"),
        (said("Fine.", "A"), "wrong_keys"),
        ('{"winner": "A", "reasons": "Fine."}', "label_before_reasons"),
        (said("", "A", "winner"), "no_reasons"),
        (said("B is clearly better.", "A", "winner"), "contradiction"),
        (said("Winner: B", "A", "winner"), "contradiction"),
        (said("I prefer reply B.", "tie", "winner"), "contradiction"),
        ("A", "not_json"),
        ("", "empty"),
    ],
)
def test_any_other_comparison_is_unscored(text: str, problem: str) -> None:
    found = parse_winner(text)

    assert (found.winner, found.problem) == (None, problem)


def test_stated_labels_are_read_in_the_order_of_their_forms() -> None:
    assert stated_grades("Score: 2. That is 2/5.", SCALE) == [2.0, 2.0]
    assert stated_grades("It cites three sources.", SCALE) == []
    assert stated_winners("A is better, and B wins nothing.") == ["A", "B"]


def test_long_reasons_are_searched_in_bounded_time() -> None:
    reasons = "grade " * 200_000

    assert parse_grade(said(reasons, 4), SCALE).grade == 4
