"""What a hand-over is about, taken from a failed case of a record or from one decision of a log."""

from collections.abc import Callable, Mapping

from hitl.record.parts import Failure, ReplyView
from hitl.record.release import ReleaseRecord
from hitl.render.cases import verdict_title
from hitl.render.handover.parts import Fact, Matter, Quote
from hitl.render.text import brief, one_line

_LINE = 600
_QUOTE = 4000
Clean = Callable[[str], str]
"""Takes personal data and keys out of a text."""


def case_matter(record: ReleaseRecord, failure: Failure) -> Matter:
    """Return a failed case as a matter; the record's texts are redacted already."""
    n = failure.candidate
    what = (
        f"{verdict_title(failure.verdict)}: case {failure.case_id} of {failure.subset}; the candidate passes "
        f"{n.n_passed} of {n.n_repeats} repeats, the previous model {failure.previous.n_passed} of {failure.previous.n_repeats}"
    )
    facts = {
        "subset": failure.subset,
        "finding": verdict_title(failure.verdict),
        "zero tolerance": "yes" if failure.zero_tolerance else "no",
        "previous model": _identity(record, is_candidate=False),
        "candidate": _identity(record, is_candidate=True),
        "case digest": failure.case_digest,
    }
    return Matter(
        kind="case",
        id=failure.case_id,
        workflow_id=record.workflow_id,
        subset=failure.subset,
        what=brief(what, _LINE),
        severity=failure.severity,
        facts=_facts(facts),
        expected=tuple(brief(rule, _LINE) for rule in failure.expected),
        quotes=(
            _quote("input", failure.input, 0),
            _reply("previous model", failure.previous),
            _reply("candidate", failure.candidate),
        ),
    )


def decision_matter(row: Mapping[str, object], clean: Clean) -> Matter:
    """Return one row of a decision log as a matter.

    Args:
        row: what the log says, by hitl's column names; see `find_decision`.
        clean: takes personal data and keys out; every text of the log passes through it.
    """
    said = {name: brief(clean(str(value)), _LINE) for name, value in row.items()}
    action, human = said.get("action_type", "an action"), said.get("human_action")
    what = f"decision {said['decision_id']}: {action}, " + (
        f"a person said {human}" if human else "nobody has looked"
    )
    wrong = {"False": "; labelled wrong", "True": "; labelled right"}.get(said.get("correct", ""), "; nobody has labelled it")  # fmt: skip
    right = said.get("right_action_type")
    return Matter(
        kind="decision",
        id=said["decision_id"],
        workflow_id=said.get("workflow_id", ""),
        what=brief(what + wrong, _LINE),
        severity=said.get("severity") or said.get("risk") or "unknown",
        facts=_facts({name.replace("_", " "): value for name, value in said.items()}),
        expected=(f"action type {right}",) if right else (),
        quotes=(),
        pool=said.get("reviewer_pool", ""),
        action_type=said.get("action_type", ""),
        lane=said.get("lane", ""),
    )


def _identity(record: ReleaseRecord, *, is_candidate: bool) -> str:
    arm = record.candidate_model if is_candidate else record.previous_model
    answered = ", ".join(arm.resolved) or "the replies name nobody"
    return f"{arm.declared} (answered: {answered})"


def _facts(found: Mapping[str, str]) -> tuple[Fact, ...]:
    return tuple(Fact(name=name, value=one_line(value)) for name, value in found.items())


def _reply(who: str, reply: ReplyView) -> Quote:
    saw = f"; saw: {'; '.join(reply.findings)}" if reply.findings else ""
    title = f"{who}: {reply.mark}, {reply.n_passed} of {reply.n_repeats} repeats pass{saw}"
    return _quote(brief(title, _LINE), reply.text, reply.cut)


def _quote(title: str, text: str, left_out: int) -> Quote:
    return Quote(title=title, text=text[:_QUOTE], cut=left_out + max(0, len(text) - _QUOTE))
