"""What a judge's findings may do, subset by subset, decided before any grade is read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from hitl.manifest.alias import is_alias
from hitl.manifest.gate_class import Authority
from hitl.manifest.release import JudgeSpec, ReleaseManifest
from hitl.score.expect.judge import JudgeCheck
from hitl.score.judge.certificate import JudgeCertificate, certificate_problems
from hitl.score.judge.identity import answers_by_endpoint, judge_id
from hitl.score.judge.work import judged_positions
from hitl.score.judged import JudgeAuthority, Question
from hitl.score.suite import Suite


def judge_authorities(
    suite: Suite,
    manifest: ReleaseManifest,
    certificates: Sequence[JudgeCertificate],
    at: datetime,
    *,
    folder: Path,
) -> dict[tuple[str, Question], JudgeAuthority]:
    """Return the authority of every question of every subset; empty where the release names no judge.

    A finding counts with a valid certificate of exactly this judge, at the release's confidence or a
    higher one. Without one it counts only in a subset that can stop nothing: every gate class a
    signal, and not required. `folder` is the manifest's.
    """
    spec = manifest.judge
    if spec is None:
        return {}
    shown = _Shown(tuple(certificates), at, manifest.confidence)
    found = {}
    for (subset, question), limits in sorted(_asked(suite).items()):
        rubric = suite.rubrics[question.rubric]
        judge = judge_id(
            question.rubric, rubric, spec.model, pairwise=question.pairwise, folder=folder
        )
        found[subset, question] = JudgeAuthority(
            question=question,
            judge_id=judge,
            model=spec.model.id,
            problems=(*_alias_problem(spec, manifest), *_all_problems(judge, limits, shown)),
            is_signal=is_signal_only(manifest, subset),
            must_name=answers_by_endpoint(spec.model),
        )
    return found


def _alias_problem(spec: JudgeSpec, manifest: ReleaseManifest) -> tuple[str, ...]:
    """A certificate is of one model: what stands behind an alias can change under it."""
    if not is_alias(spec.model.id, manifest.alias_resolution):
        return ()
    return (f"the judge {spec.model.id} is an alias; name a dated version",)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a release shows for its judge, when, and how sure it has to be."""

    certificates: tuple[JudgeCertificate, ...]
    at: datetime
    confidence: float

    def problems(self, judge: str, at_least: float | None) -> tuple[str, ...]:
        """Return what the best certificate lacks; nothing if one is valid."""
        if not self.certificates:
            return ("no certificate; write one with `hitl golden judge-check`",)
        found = [
            (
                one.judge_id == judge,
                certificate_problems(one, judge, self.at, at_least, self.confidence),
            )
            for one in self.certificates
        ]
        if any(not problems for _, problems in found):
            return ()
        own = [problems for is_own, problems in found if is_own]
        if own:
            return min(own, key=len)
        return (
            "no certificate is of this judge: rubric, model, program, parameters or prompt differ",
        )


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


def _all_problems(judge: str, limits: Iterable[float | None], shown: _Shown) -> tuple[str, ...]:
    """Return what is lacking for any of the grades that rules ask for: each limit needs its certificate."""
    found = [
        problem for limit in sorted(limits, key=str) for problem in shown.problems(judge, limit)
    ]
    return tuple(dict.fromkeys(found))
