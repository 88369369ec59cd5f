"""What leaves for a judge: texts without personal data and keys, whoever recorded them."""

from hitl.decisions.redaction.redact import Redactor
from hitl.decisions.redaction.redact_policy import RedactPolicy
from hitl.golden.expectation import TextRule
from hitl.run.reply import Reply
from hitl.score.judge.judgements import read_judgements
from hitl.score.judge.redacted import clean_reply
from hitl.score.judge.work import JudgeWork, judge_items
from hitl.score.judged import PairOutcome, Question
from tests.builders import a_case, a_suite
from tests.score.judge.world import GROUNDED, PAIRED, a_judged_set, shown, wrote

SECRET, OTHER = "jane.roe@example.org", "john.doe@example.org"
CASE = a_case("c0", input=f"Mail {SECRET}.", context={"from": OTHER, "password": "hunter2hunter2"})


def work_of(*expect, previous: str, candidate: str, redactor: Redactor | None = None) -> JudgeWork:
    suite = a_suite(a_judged_set([CASE], *expect))
    texts = [wrote("c0", previous)], [wrote("c0", candidate)]
    return judge_items(suite, lambda: texts[0], lambda: texts[1], redactor or Redactor())


def test_input_context_and_reply_are_redacted_and_counted() -> None:
    """Three pieces in the case, and one in each reply."""
    work = work_of(GROUNDED, previous=f"Wrote to {SECRET}", candidate=f"Wrote to {OTHER}")

    for item in work.items:
        asked = shown(item.request)
        assert "[email]" in asked
        assert "[key]" in asked
        assert not any(piece in asked for piece in (SECRET, OTHER, "hunter2"))
        assert item.n_redacted == 4
    spent = read_judgements(work, {}, 1).spending
    assert spent[Question("grounded", False)].n_redacted == 8


def test_rules_read_a_reply_as_it_is() -> None:
    """The rule forbids the address; once it is gone the reply would pass."""
    forbids = TextRule(must_not_include=(SECRET,))

    work = work_of(forbids, GROUNDED, previous="fine", candidate=f"Wrote to {SECRET}")

    assert [item.key.arm for item in work.items] == ["previous"]
    assert {key.arm for key in work.failed} == {"candidate"}


def test_replies_that_differ_in_what_is_taken_out_tie_unasked() -> None:
    work = work_of(PAIRED, previous=f"Wrote to {SECRET}", candidate=f"Wrote to {OTHER}")

    assert work.items == ()
    assert [pair.outcome for pair in work.settled["grounded"].values()] == [PairOutcome.TIE]


def test_words_of_the_policy_are_taken_out_too() -> None:
    redactor = Redactor(RedactPolicy(words=("Bluebird",)))

    work = work_of(GROUNDED, previous="Project Bluebird", candidate="Project", redactor=redactor)

    asked = shown(work.items[0].request)
    assert "Bluebird" not in asked
    assert "[word]" in asked


def test_a_secret_is_known_by_the_name_of_its_field() -> None:
    calls = ({"name": "login", "arguments": {"password": "abc,def;ghi", "user": "jane"}},)
    reply = Reply.model_validate({"case_id": "c0", "tool_calls": calls}, strict=False)

    found = clean_reply(Redactor(), reply)

    assert "abc,def;ghi" not in found.text  # no form in a text gives it away
    assert found.n_pieces == 1


def test_a_clean_text_stays_as_it_is() -> None:
    assert clean_reply(Redactor(), wrote("c0", "Nothing to hide.")).text == "Nothing to hide."
