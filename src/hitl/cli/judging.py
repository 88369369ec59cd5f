"""The judge's part of a gate: what it is asked goes through the same journal, cap and pace as the arms."""

from functools import partial
from typing import TYPE_CHECKING

from hitl.cli.live import RunOptions, ask
from hitl.cli.sources import Sources
from hitl.run.arm import Arm

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from hitl.decisions.redaction.redact import Redactor
    from hitl.run.inputs import ReleaseInputs
    from hitl.run.live import LiveRun
    from hitl.run.reply import Reply
    from hitl.score.judge.work import JudgeItem
    from hitl.score.judged import Judgements


def judge_replies(
    sources: Sources, run: "LiveRun | None", options: RunOptions, at: "datetime"
) -> "Judgements | None":
    """Ask the judge of the release about every reply that the rules leave open; None where there is no judge.

    What a judge may decide is settled before it is asked.

    Raises:
        DocumentError: a certificate or a file of labels cannot be read.
    """
    if run is None or run.judge is None:
        return None
    from hitl.document.load import load_document
    from hitl.score.judge.authority import judge_authorities
    from hitl.score.judge.certificate import JudgeCertificate
    from hitl.score.judge.judgements import read_judgements
    from hitl.score.judge.labels import load_human_grades
    from hitl.score.judge.work import judge_items

    inputs, suite = sources.inputs, sources.suite
    spec = inputs.manifest.judge
    if spec is None:
        return None
    certificates = [
        load_document(inputs.folder / name, JudgeCertificate) for name in spec.certificates
    ]
    authorities = judge_authorities(suite, inputs.manifest, certificates, at, folder=inputs.folder)
    people = load_human_grades(inputs.folder / spec.labels) if spec.labels else None
    replies = partial(sources.replies, Arm.PREVIOUS), partial(sources.replies, Arm.CANDIDATE)
    work = judge_items(suite, *replies, redactor_of(inputs))
    answers = answered(run, work.items, spec.repeats, options)
    run.export_judge({item.item_id: at for at, item in enumerate(work.items)})
    return read_judgements(work, answers, spec.repeats, authorities, people)


def answered(
    run: "LiveRun", items: "Sequence[JudgeItem]", repeats: int, options: RunOptions
) -> "dict[tuple[str, int], Reply]":
    """Return the judge's answer to each item and repeat, asking for those that the journal does not hold."""
    calls = run.judge_calls([item.request for item in items], repeats)
    ask(run, calls, options, "asking the judge")
    return {(call.request.case_id, call.repeat): run.journal.reply(call.key) for call in calls}


def redactor_of(inputs: "ReleaseInputs") -> "Redactor":
    """Return what takes personal data and keys out of the texts that a judge reads."""
    from hitl.decisions.redaction.redact import Redactor

    return Redactor(inputs.policy.redact if inputs.policy else None)
