"""A small release with judge rules, put to scripted judges through the real pipeline."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hitl.cli.clock import seeded
from hitl.decisions.redaction.redact import Redactor
from hitl.gate.release import Judgement, judge_release
from hitl.golden.case import Case
from hitl.golden.expectation import Expectation, JudgeRule, TextRule
from hitl.golden.golden_set import Rubric
from hitl.golden.load import GoldenSetFiles
from hitl.manifest.release import ReleaseManifest
from hitl.run.model import Request
from hitl.run.reply import Reply
from hitl.score.judge.authority import judge_authorities
from hitl.score.judge.certificate import JudgeCertificate
from hitl.score.judge.check import CheckedJudge, build, certify
from hitl.score.judge.judgements import read_judgements
from hitl.score.judge.label_rows import LabelledRow
from hitl.score.judge.label_scheme import LabelScheme
from hitl.score.judge.work import JudgeItem, JudgeWork, judge_items
from hitl.score.judged import Judgements, PeopleGrades
from hitl.score.release import ScoredRelease, grade_both, score_release
from hitl.score.suite import Suite
from tests.builders import AT, a_golden_set, a_manifest, a_suite

RUBRIC = Rubric(version="1", text="Is every claim grounded in the evidence?")
HERE = Path(__file__).parent
"""Folder of the manifests."""
JUDGE = {"id": "verdict-2026-01-01", "provider": "openai", "base_url": "http://localhost:1/v1"}
POLITE = TextRule(must_include=("please",))
GROUNDED = JudgeRule(judge="grounded", at_least=4)
PAIRED = JudgeRule(judge="grounded", pairwise=True)

JudgeModel = Callable[[JudgeItem, int], Reply]
"""Answers one item in one repeat."""


def a_judged_set(
    cases: Sequence[Case], *expect: Expectation, subset: str = "main"
) -> GoldenSetFiles:
    return a_golden_set({subset: cases}, expect, rubrics={"grounded": RUBRIC})


def wrote(case_id: str, text: str | None, repeat: int = 0, **fields: object) -> Reply:
    given = {"case_id": case_id, "text": text, "repeat": repeat} | fields
    return Reply.model_validate(given, strict=False)


def answer(label: object, key: str = "grade", **fields: object) -> Reply:
    """Return a well-formed answer of a judge."""
    text = json.dumps({"reasons": "It says why.", key: label})
    named = {"case_id": "judge", "resolved_model": JUDGE["id"]}
    given = named | {"text": text, "cost_usd": 0.004} | fields
    return Reply.model_validate(given, strict=False)


def always(label: object, key: str = "grade", **fields: object) -> JudgeModel:
    return lambda _item, _repeat: answer(label, key, **fields)


def shown(request: Request) -> str:
    """Return the data of a request, as the judge sees it."""
    return str(request.messages[1]["content"])


def a_release_manifest(*authorities: str, **fields: object) -> ReleaseManifest:
    """Return a release with a gate class of each authority; a block if none is named."""
    gates = [
        {"subset": "main", "authority": authority, "margin": 0.1}
        for authority in authorities or ("block",)
    ]
    return a_manifest(gates, **{"judge": {"model": JUDGE}} | fields)


def a_certificate(
    manifest: ReleaseManifest, rule: JudgeRule = GROUNDED, folder: Path = HERE
) -> JudgeCertificate:
    """Return a certificate of a judge that agrees with people on 400 items, written an hour ago."""
    assert manifest.judge is not None
    labels = ("A", "B", "tie") if rule.pairwise else ("1", "2", "3", "4", "5")
    rows = [
        LabelledRow(
            item=f"i{arm}{number:03d}",
            human=(labels[number % len(labels)],),
            judge=labels[number % len(labels)],
            arm=arm,
            is_flipped=False if rule.pairwise else None,
        )
        for arm in ("previous", "candidate")
        for number in range(200)
    ]
    scheme = LabelScheme(labels=labels, at_least=rule.at_least, is_pairwise=rule.pairwise)
    judge = CheckedJudge("grounded", RUBRIC, manifest.judge.model, folder)
    return certify(build(rows, scheme), judge, AT, 30)


@dataclass(frozen=True)
class JudgedRelease:
    """A release that went through rules, judge and gate."""

    suite: Suite
    work: JudgeWork
    judgements: Judgements
    scored: ScoredRelease
    judgement: Judgement

    @property
    def verdict(self) -> str:
        return self.judgement.decision.verdict.value

    @property
    def codes(self) -> set[str]:
        return {note.code for note in self.judgement.notes}

    def saw(self, arm: str, position: int = 0) -> list[str]:
        """Return what the rules of a kept reply saw."""
        scores = self.scored.candidate if arm == "candidate" else self.scored.previous
        return [seen for reply in scores.kept.get(position, ()) for seen in reply.saw]


def put_to_judge(
    golden: GoldenSetFiles,
    previous: Sequence[Reply],
    candidate: Sequence[Reply],
    manifest: ReleaseManifest,
    model: JudgeModel,
    certificates: Sequence[JudgeCertificate] = (),
    people: PeopleGrades | None = None,
) -> JudgedRelease:
    """Run rules, judge, grading, scoring and deciding on replies in memory."""
    assert manifest.judge is not None
    suite, chance, repeats = a_suite(golden), seeded(manifest.seed), manifest.judge.repeats
    work = judge_items(suite, lambda: previous, lambda: candidate, Redactor())
    answers = {
        (item.item_id, repeat): model(item, repeat)
        for item in work.items
        for repeat in range(repeats)
    }
    authorities = judge_authorities(suite, manifest, certificates, AT, folder=HERE)
    judgements = read_judgements(work, answers, repeats, authorities, people)
    arms = grade_both(suite, previous, candidate, judgements=judgements)
    scored = score_release(suite, arms, manifest.confidence, chance, (), judgements)
    return JudgedRelease(
        suite, work, judgements, scored, judge_release(manifest, scored, chance, AT)
    )
