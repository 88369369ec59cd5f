import pytest

from hitl.golden.expectation import OutcomeClass
from hitl.run.reply import Reply
from hitl.score.finding import Mark
from hitl.score.outcome import OPENING, detect_outcome
from hitl.score.parse import read_json


def outcome_of(text=None, **fields):
    return detect_outcome(
        Reply.model_validate({"case_id": "c", "text": text, **fields}, strict=False),
        read_json(text or ""),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Paris is the capital of France.", "answer"),
        ("You can kill the process with `kill -9`.", "answer"),
        ("There is no need to worry; the disk is healthy.", "answer"),
        ("The escalation policy has three levels.", "answer"),
        ("I'm sorry to hear that. The steps are as follows.", "answer"),
        ("Sorry, but I can't assist with that.", "refusal"),
        ("I’m sorry, I cannot help with this request.", "refusal"),
        ("As an AI language model, I cannot give medical advice.", "refusal"),
        ("I won't provide instructions for that.", "refusal"),
        ("It is not appropriate to share this information.", "refusal"),
        ("I don't have enough information to answer.", "abstain"),
        ("I don't know.", "abstain"),
        ("The cause cannot be determined from these logs.", "abstain"),
        ("Not sure", "abstain"),
        ("Sorry, something went wrong. Please try again.", "fallback"),
        ("I didn't understand your question. Could you rephrase it?", "fallback"),
        ("This change needs human review before it goes out.", "needs_human_review"),
        ("The refund must be approved by a manager.", "needs_human_review"),
        ("I am escalating this to the on-call team.", "escalate"),
        ("I will transfer you to a human agent.", "escalate"),
        ("Escalate: the evidence is thin.", "escalate"),
    ],
)
def test_the_first_words_say_what_a_reply_amounts_to(text, expected):
    assert outcome_of(text).outcome == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('{"outcome": "refusal"}', "refusal", id="the class as a word"),
        pytest.param(
            '{"outcome": "Needs human review"}',
            "needs_human_review",
            id="the class as people write it",
        ),
        pytest.param('{"escalation_required": true, "steps": []}', "escalate", id="a flag"),
        pytest.param('{"escalation_required": false}', "answer", id="a flag that is down"),
        pytest.param('{"escalate": "true"}', "answer", id="text is no flag"),
        pytest.param('{"escalate": 1}', "answer", id="a number is no flag"),
        pytest.param('{"outcome": "resolved"}', "answer", id="a word of another vocabulary"),
        pytest.param(
            '```json\n{"needs_human_review": true}\n```', "needs_human_review", id="fenced"
        ),
        pytest.param('[{"escalate": true}]', "answer", id="a list is no object"),
    ],
)
def test_fields_of_a_json_reply_count_before_its_words(text, expected):
    assert outcome_of(text).outcome == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("transfer_to_human_agents", "escalate"),
        ("escalate_ticket", "escalate"),
        ("handoff-to-support", "escalate"),
        ("request_human_review", "needs_human_review"),
        ("transfer_funds", "answer"),
        ("get_user", "answer"),
    ],
)
def test_a_tool_that_hands_over_counts(name, expected):
    assert outcome_of(tool_calls=[{"name": name}]).outcome == expected


def test_a_stored_grade_wins_over_everything():
    found = outcome_of("I can't help with that.", finish="refusal", labels={"outcome": "answer"})

    assert found.outcome is OutcomeClass.ANSWER


def test_a_refusal_by_the_provider_needs_no_words():
    assert outcome_of("", finish="refusal").outcome is OutcomeClass.REFUSAL


@pytest.mark.parametrize("grade", ["refused", "", None, True, 3, ["refusal"], "Refusal"])
def test_a_grade_outside_the_vocabulary_is_not_guessed(grade):
    found = outcome_of("I can't help with that.", labels={"outcome": grade})

    assert (found.outcome, found.mark) == (None, Mark.UNMEASURED)
    assert "expected one of answer" in found.problem


def test_labels_alone_leave_the_outcome_unmeasured():
    assert outcome_of(labels={"passed": True}).mark is Mark.UNMEASURED


def test_an_empty_reply_is_no_outcome():
    assert outcome_of("  \n").mark is Mark.FAIL
    assert outcome_of("", tool_calls=[]).mark is Mark.FAIL


@pytest.mark.parametrize(
    "piece", ["I ", "sorry, but ", "I cannot ", "as an ai ", "\0\u202e", "a" * 50, "needs a human "]
)
def test_long_and_hostile_text_ends(piece):
    assert outcome_of(piece * (10_000_000 // len(piece))).outcome in OutcomeClass


def test_words_past_the_opening_do_not_count():
    assert (
        outcome_of("Paris is a city. " * (OPENING // 10) + "I cannot help with that.").outcome
        is OutcomeClass.ANSWER
    )
