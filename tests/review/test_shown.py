import json
from dataclasses import replace

from hitl.decisions.redaction.redact import Redactor
from hitl.review.masking import Masker
from hitl.review.shown import show_candidates
from tests.review.releases import a_candidate

MASKER, REDACTOR = Masker(["gpt-4o", "acmelm-7b"]), Redactor()


def test_input_context_texts_and_tool_calls_are_redacted_and_masked() -> None:
    calls = json.dumps(
        [
            {
                "name": "mail",
                "arguments": {
                    "to": "bob@example.org",
                    "password": "hunter2hunter2",
                    "by": "GPT-4o",
                },
            }
        ],
        indent=2,
    )
    one = a_candidate("case-1", "Ask ann@example.org, says AcmeLM.", "Fine.", input="GPT-4o wrote to eve@example.org", context='{"vendor": "OpenAI"}')  # fmt: skip
    one = replace(one, outputs=(replace(one.outputs[0], tool_calls=calls), one.outputs[1]))

    shown = show_candidates([one], MASKER, REDACTOR)

    (seen,) = shown.candidates
    assert seen.input == "[model] wrote to [email]"
    assert seen.context == '{"vendor": "[vendor]"}'
    assert seen.outputs[0].text == "Ask [email], says [model]."
    assert json.loads(seen.outputs[0].tool_calls)[0]["arguments"] == {
        "to": "[email]",
        "password": "[key]",
        "by": "[model]",
    }
    assert shown.n_masked == {"model": 3, "vendor": 1}
    assert shown.n_redacted == {"email": 3, "key": 1}


def test_what_is_redacted_is_found_behind_signs_that_cannot_be_seen() -> None:
    shown = show_candidates([a_candidate("case-1", "bob@exam\u200bple.org", "x")], MASKER, REDACTOR)

    assert shown.candidates[0].outputs[0].text == "[email]"


def test_outputs_that_differ_in_a_name_or_in_invisible_bytes_look_the_same() -> None:
    one = a_candidate("case-1", "I am GPT-4o.\r\nDone ", "I am AcmeLM-7B.\nDone\u200b")

    (seen,) = show_candidates([one], MASKER, REDACTOR).candidates

    assert seen.outputs[0].text == seen.outputs[1].text == "I am [model].\nDone"
    assert [output.digest for output in seen.outputs] == [output.digest for output in one.outputs]


def test_nothing_to_show_is_nothing_shown() -> None:
    shown = show_candidates([], MASKER, REDACTOR)

    assert (shown.candidates, shown.n_masked, shown.n_redacted) == ((), {}, {})
