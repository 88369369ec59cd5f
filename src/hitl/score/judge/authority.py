"""What a judge's findings may do, subset by subset, decided before any grade is read."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from hitl.manifest.gate_class import Authority
from hitl.manifest.release import JudgeSpec, ReleaseManifest
from hitl.score.expect.judge import JudgeCheck
from hitl.score.judge.certificate import JudgeCertificate, certificate_problems
from hitl.score.judge.identity import judge_id
from hitl.score.judge.work import judged_positions
from hitl.score.judged import JudgeAuthority, Question
from hitl.score.suite import Suite


def judge_authorities(
    suite: Suite, manifest: ReleaseManifest, certificates: Sequence[JudgeCertificate], at: datetime
) -> dict[tuple[str, Question], JudgeAuthority]:
    """Return the authority of every question of every subset; empty where the release names no judge.

    A finding counts with a valid certificate of exactly this judge. Without one it counts only in a
    subset that can stop nothing: every gate class a signal, and not required.
    """
    spec = manifest.judge
    if spec is None:
        return {}
    return {
        (subset, question): JudgeAuthority(
            question=question,
            judge_id=_judge_id(suite, spec, question),
            model=spec.model.id,
            problems=_all_problems(suite, spec, question, limits, (certificates, at)),
            is_signal=is_signal_only(manifest, subset),
        )
        for (subset, question), limits in sorted(_asked(suite).items())
    }


def _asked(suite: Suite) -> dict[tuple[str, Question], set[float | None]]:
    """Return the grades that each question is asked to reach, by subset and question."""
    found: dict[tuple[str, Question], set[float | None]] = {}
    for position in judged_positions(suite):
        for check in suite.checks[position]:
            if isinstance(check, JudgeCheck):
                place = (suite.subset_of(position), check.question)
                found.setdefault(place, set()).add(check.at_least)
    return found


def is_signal_only(manifest: ReleaseManifest, subset: str) -> bool:
    """Say whether nothing that a subset shows can stop the release or set terms for it."""
    classes = [gate for gate in manifest.gate_classes if gate.subset == subset]
    is_required = subset in manifest.required_eval_subsets
    return not is_required and all(gate.authority is Authority.SIGNAL for gate in classes)


def _judge_id(suite: Suite, spec: JudgeSpec, question: Question) -> str:
    rubric = suite.rubrics[question.rubric]
    return judge_id(question.rubric, rubric, spec.model, pairwise=question.pairwise)


def _all_problems(
    suite: Suite,
    spec: JudgeSpec,
    question: Question,
    limits: Iterable[float | None],
    shown: tuple[Sequence[JudgeCertificate], datetime],
) -> tuple[str, ...]:
    """Return what is lacking for any of the grades that rules ask for: each limit needs its certificate."""
    judge = _judge_id(suite, spec, question)
    found = [
        problem for limit in sorted(limits, key=str) for problem in _problems(judge, limit, *shown)
    ]
    return tuple(dict.fromkeys(found))


def _problems(
    judge: str, at_least: float | None, certificates: Sequence[JudgeCertificate], at: datetime
) -> tuple[str, ...]:
    """Return what the best certificate lacks; nothing if one is valid."""
    if not certificates:
        return ("no certificate; write one with `hitl golden judge-check`",)
    found = [
        (one.judge_id == judge, certificate_problems(one, judge, at, at_least))
        for one in certificates
    ]
    if any(not problems for _, problems in found):
        return ()
    own = [problems for is_own, problems in found if is_own]
    if own:
        return min(own, key=len)
    return ("no certificate is of this judge: rubric, model, parameters or prompt differ",)
