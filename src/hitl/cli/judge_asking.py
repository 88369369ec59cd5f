"""`hitl golden judge-check` where the judge has not spoken yet: it is asked about the labelled replies themselves."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hitl.cli.judging import answered, redactor_of
from hitl.cli.live import RunOptions, workplace
from hitl.cli.output import tell
from hitl.cli.session import functions_of, keeping_of, suite_of
from hitl.cli.sources import Sources

if TYPE_CHECKING:
    from hitl.run.arm import Arm
    from hitl.run.inputs import ReleaseInputs
    from hitl.run.live import LiveRun
    from hitl.score.judge.check import CheckedJudge
    from hitl.score.judge.label_rows import LabelColumns
    from hitl.score.judge.label_scheme import LabelScheme
    from hitl.score.judge.label_work import AskedLabels, LabelWork
    from hitl.score.judge.reply_rows import ReplyRow
    from hitl.score.suite import Suite

JOURNAL = "judge-check"
"""Its journal is its own, so that the run's journal stays as it is."""


@dataclass(frozen=True)
class CheckQuestion:
    """What is to be asked, and by whom."""

    labels: Path
    release: Path
    judge: "CheckedJudge"
    columns: "LabelColumns"
    scheme: "LabelScheme"


def ask_judge(question: CheckQuestion, options: RunOptions) -> "tuple[AskedLabels, LabelScheme]":
    """Ask the judge of a release about every reply that people labelled; return its labels and what they may be.

    No arm is asked: replies come from where `hitl gate` takes them, or from a run that is finished.

    Raises:
        UsageError: it is not said which grades pass, or the release names no judge.
        DocumentError: rows that name nothing, or hold labels that are none.
        EvidenceError: a live arm has no finished run, the judge is down, another model or one without a name answers for it, or
            the cap is reached; what was answered is kept.
    """
    from hitl.errors import EvidenceError, UsageError
    from hitl.run.inputs import load_release
    from hitl.score.judge.identity import answers_by_endpoint
    from hitl.score.judge.label_work import asked_labels
    from hitl.score.judge.reply_rows import check_rows, read_reply_rows

    scheme = question.scheme
    _refuse_open(scheme)
    rows = read_reply_rows(question.labels, question.columns, pairwise=scheme.is_pairwise)
    inputs = load_release(question.release)
    spec = inputs.manifest.judge
    if spec is None:
        raise UsageError(f"{question.release} names no judge; add `judge: {{model: ...}}` to it")
    with ExitStack() as stack:
        suite = suite_of(inputs, functions_of(inputs, options, stack))
        name, rubric = question.judge.rubric_name, question.judge.rubric
        if suite.rubrics.get(name) != rubric:
            raise UsageError(
                f"--golden has another rubric {name!r} than the release's own set, by which its judge is asked; leave --golden out"
            )
        check_rows(rows, suite, rubric, str(question.labels), pairwise=scheme.is_pairwise)
        work = _work(question, rows, inputs, suite, options)
        run = stack.enter_context(judge_run(inputs, options, suite))
        tell(f"asking {spec.model.id} about {len(rows)} labelled items of {question.labels}")
        answers = answered(run, (*work.items, *work.probes), spec.repeats, options)
    found = asked_labels(work, answers, spec.repeats, spec.model.id)
    if found.others:
        raise EvidenceError(
            f"{', '.join(found.others[:3])} answered for the judge {spec.model.id}; name the model that answers under judge.model.id and check that one"
        )
    if found.n_unnamed and answers_by_endpoint(spec.model):
        raise EvidenceError(
            f"{found.n_unnamed} answers for the judge {spec.model.id} name no model, so a certificate could be of any; ask an endpoint whose answers say which model gave them"
        )
    return found, _closed(scheme, rows, rubric.scale)


@contextmanager
def judge_run(inputs: "ReleaseInputs", options: RunOptions, suite: "Suite") -> "Iterator[LiveRun]":
    """Open the journal of a check, with the judge and no arm.

    Raises:
        UsageError: the inputs changed since the check began, or another check writes the journal.
        DocumentError: a key is missing, or the cap cannot be kept.
    """
    from hitl.errors import UsageError
    from hitl.run.build import refuse_unusable
    from hitl.run.conduct import JUDGE
    from hitl.run.live import LiveRun, build_lane

    spec = inputs.manifest.judge
    if spec is None:
        raise UsageError(f"{inputs.path} names no judge; add `judge: {{model: ...}}` to it")
    place = workplace(inputs, options)
    refuse_unusable(inputs.manifest, {JUDGE: spec.model}, place, inputs.path)
    lane = build_lane(JUDGE, spec.model, place)
    folder = options.out / inputs.manifest.release_id
    keeping = replace(
        keeping_of(inputs, suite, calls_functions=options.allow_python), journal=JOURNAL
    )
    with LiveRun.open(inputs, {}, folder, keeping, fresh=options.fresh) as run:
        run.judge = lane
        yield run


def finished_arms(inputs: "ReleaseInputs", options: RunOptions) -> "dict[Arm, Path]":
    """Return the replies that a finished run wrote, by arm; none where both arms are recorded or scripted.

    Raises:
        EvidenceError: an arm was not run yet.
    """
    from hitl.errors import EvidenceError
    from hitl.run.live import live_arms

    folder = options.out / inputs.manifest.release_id / "evidence"
    found = {
        arm: folder / f"{arm}.jsonl.gz" for arm in live_arms(inputs.manifest, with_scripted=False)
    }
    if missing := [str(path) for path in found.values() if not path.exists()]:
        raise EvidenceError(
            f"{', '.join(missing)}: no replies yet; run `hitl run {inputs.path} --out {options.out}` first, or say with --reports where its folder is"
        )
    return found


def _work(
    question: CheckQuestion,
    rows: "tuple[ReplyRow, ...]",
    inputs: "ReleaseInputs",
    suite: "Suite",
    options: RunOptions,
) -> "LabelWork":
    from hitl.run.arm import Arm
    from hitl.score.judge.label_work import LabelQuestion, label_work
    from hitl.score.judged import Question

    scheme = question.scheme
    asked = Question(question.judge.rubric_name, scheme.is_pairwise)
    folder = options.out / inputs.manifest.release_id
    sources = Sources(inputs, suite, finished_arms(inputs, options), folder)
    return label_work(
        suite,
        LabelQuestion(asked, scheme.at_least, str(question.labels)),
        rows,
        {arm: partial(sources.replies, arm) for arm in Arm},
        redactor_of(inputs),
    )


def _refuse_open(scheme: "LabelScheme") -> None:
    """Find out before anything is paid for that the answer could certify nothing."""
    from hitl.errors import UsageError

    if scheme.labels or scheme.positive:
        raise UsageError(
            "--labels and --positive are for files that hold the judge's labels; here the rubric says what they are: use --at-least"
        )
    if scheme.is_pairwise and scheme.at_least is not None:
        raise UsageError("--at-least is for grades; a comparison has none, so leave it out")
    if not scheme.is_pairwise and scheme.at_least is None:
        raise UsageError("name the least grade that passes with --at-least, as the rule has it")


def _closed(
    scheme: "LabelScheme", rows: "tuple[ReplyRow, ...]", scale: tuple[int, int]
) -> "LabelScheme":
    from hitl.score.judge.certificate_parts import PASS_OR_FAIL
    from hitl.score.judge.reply_rows import PREFERENCES, is_pass_or_fail

    if scheme.is_pairwise:
        return replace(scheme, labels=PREFERENCES)
    if is_pass_or_fail(rows):
        return replace(scheme, labels=PASS_OR_FAIL, is_thresholded=True)
    return replace(scheme, scale=scale)
