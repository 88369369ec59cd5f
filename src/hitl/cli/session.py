"""From a release manifest on disk to a sealed record on disk."""

import os
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hitl.cli.clock import circumstances, seeded
from hitl.cli.live import RunOptions, ask_arms, live_run
from hitl.cli.output import tell

if TYPE_CHECKING:
    from hitl.record.release import ReleaseRecord
    from hitl.run.inputs import ReleaseInputs
    from hitl.run.live import Keeping
    from hitl.run.local.caller import FunctionCaller
    from hitl.score.failures import FailureModeResult
    from hitl.score.release import ScoredRelease
    from hitl.score.suite import Suite


def suite_of(inputs: "ReleaseInputs", functions: "FunctionCaller | None" = None) -> "Suite":
    """Compile every check of a release; without `functions` no user code is run."""
    from hitl.policy.posture import PosturePolicy
    from hitl.score.suite import build_suite

    posture = inputs.policy.posture if inputs.policy else PosturePolicy()
    path = inputs.folder / inputs.manifest.golden_set
    return build_suite(inputs.golden, posture, path, functions=functions)


def functions_of(
    inputs: "ReleaseInputs", options: RunOptions, stack: ExitStack
) -> "FunctionCaller | None":
    """Return what calls user functions, if they are allowed; it ends with the stack."""
    if not options.allow_python:
        return None
    from hitl.run.local.caller import FunctionCaller

    folder = (inputs.folder / inputs.manifest.golden_set).parent
    return stack.enter_context(FunctionCaller(folder, dict(os.environ)))


def tell_of_functions(suite: "Suite", options: RunOptions) -> None:
    """Say before anything is paid for that rules of the user will not run."""
    from hitl.score.expect.function import PythonCheck

    n = sum(any(isinstance(check, PythonCheck) for check in checks) for checks in suite.checks)
    if n and not options.allow_python:
        tell(
            f"{n} cases have rules in Python, which are not run without --allow-python: they stay unmeasured, and redacted replies to them can be graded only by asking again"
        )


def keeping_of(inputs: "ReleaseInputs", suite: "Suite", *, calls_functions: bool) -> "Keeping":
    """Return what of a live reply is stored: redacted, with the grade that it got as it came.

    `calls_functions`: whether that grade may wait for functions of the user.
    """
    from hitl.decisions.redaction.redact import Redactor
    from hitl.run.live import Keeping
    from hitl.score.stored import keep_reply

    redactor = Redactor(inputs.policy.redact if inputs.policy else None)
    is_raw = inputs.manifest.store_raw
    return Keeping(
        redactor.digest,
        lambda _, reply: keep_reply(suite, redactor, reply, raw=is_raw),
        is_slow=calls_functions,
        clean=str if is_raw else lambda text: redactor.redact(text).text,
    )


def gate_release(path: Path, options: RunOptions) -> "tuple[ReleaseRecord, Path]":
    """Run, score, decide, record and render one release; return the record and its folder.

    Where anything goes wrong on the way, no part of a record is left behind; the journal of a live run is.
    The record is written last: where it stands, everything that it stands on does too.
    """
    from hitl.cli.certificates import with_certificates
    from hitl.cli.foreseeing import foresee, read_foreseeing
    from hitl.cli.judging import judge_replies
    from hitl.cli.reviewing import ratings_of, read_review
    from hitl.cli.sources import Sources
    from hitl.document.write import write_all
    from hitl.gate.release import judge_release, named_measures
    from hitl.record.assemble import Beside, assemble
    from hitl.run.inputs import load_release
    from hitl.score.release import score_release

    inputs = load_release(path)
    manifest, chance = inputs.manifest, seeded(inputs.manifest.seed)
    folder = options.out / manifest.release_id
    setting = circumstances(inputs.folder)
    foreseeing = read_foreseeing(inputs, setting.at)
    review = read_review(inputs, chance)
    with ExitStack() as stack:
        suite = suite_of(inputs, functions_of(inputs, options, stack))
        tell_of_functions(suite, options)
        run = stack.enter_context(
            live_run(
                inputs,
                options,
                keeping_of(inputs, suite, calls_functions=options.allow_python),
                suite,
            )
        )
        if run is not None:
            ask_arms(run, options)
        sources = Sources(inputs, suite, run.export(suite.index) if run else {}, folder)
        judgements = judge_replies(sources, run, options, setting.at)
        people = ratings_of(review, suite, inputs)
        arms = sources.graded(stack, judgements, people)
        scored = score_release(
            suite, arms, manifest.confidence, chance, named_measures(manifest), judgements
        )
        scored = replace(scored, people=people)
        facts = sources.facts(run, setting.at)
        foresight = foresee(foreseeing, sources, scored, chance) if foreseeing else None
        forecast = foresight.forecast if foresight else None
        judgement = judge_release(manifest, scored, chance, setting.at, facts, forecast)
        judgement = with_certificates(judgement, inputs, setting.at)
        beside = Beside(facts, foresight, review.evidence if review else ())
        record = assemble(inputs, scored, judgement, modes_of(scored), setting, beside)
        views = views_of(record)
    write_all(folder, views)
    return record, folder


def modes_of(scored: "ScoredRelease") -> "tuple[FailureModeResult, ...]":
    """Group the candidate's failures; scikit-learn is loaded only where there is something to group."""
    if not scored.candidate.kept:
        return ()
    from hitl.score.modes import failure_modes

    return failure_modes(scored.suite, scored.previous, scored.candidate)


def views_of(record: "ReleaseRecord") -> dict[str, bytes]:
    """Return the files of a record's folder, the record itself last."""
    from hitl.record.store import record_bytes
    from hitl.render.view import View, render

    names = {"index.html": View.HTML, "record.md": View.MD, "junit.xml": View.JUNIT}
    views = {name: render(record, view).encode() for name, view in names.items()}
    return views | {"record.json": record_bytes(record)}
