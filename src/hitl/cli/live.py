"""Live runs on the command line: the world's part of a session, and what people hear of it."""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hitl.cli.clock import now, seeded
from hitl.cli.output import tell
from hitl.cli.progress import CallProgress, watching

if TYPE_CHECKING:
    from hitl.manifest.release import ModelSpec
    from hitl.run.build import Workplace
    from hitl.run.inputs import ReleaseInputs
    from hitl.run.lane import Call
    from hitl.run.live import Keeping, LiveRun
    from hitl.run.pair import Shard
    from hitl.run.session import SessionReport, Tolerance
    from hitl.score.suite import Suite


@dataclass(frozen=True)
class RunOptions:
    """What a person may say about a live run."""

    out: Path = Path("reports")
    fresh: bool = False
    reuse_old: bool = False
    retry_errors: bool = False
    allow_python: bool = False
    shard: "Shard | None" = None
    is_run: bool = False
    """`hitl run`: ask scripted arms call by call too, even where no arm is live."""


@contextmanager
def live_run(
    inputs: "ReleaseInputs", options: RunOptions, keeping: "Keeping", suite: "Suite"
) -> "Iterator[LiveRun | None]":
    """Open the journal of a release's live arms and judge; None where nobody is asked.

    Raises:
        UsageError: the inputs changed since the run began, or another run writes the journal.
        DocumentError: a case or a script cannot be used as written; or the run begins and a key is missing or
            the cap cannot be kept.
    """
    from hitl.run.build import refuse_unusable
    from hitl.run.conduct import JUDGE
    from hitl.run.live import LiveRun, build_lane, journal_path
    from hitl.run.request import build_requests

    specs = asked_models(inputs, options, suite)
    if not specs:
        yield None
        return
    place = workplace(inputs, options)
    asked = tuple(build_requests(inputs.golden).values())
    refuse = partial(refuse_unusable, inputs.manifest, specs, place, inputs.path, asked)
    folder = options.out / inputs.manifest.release_id
    if options.fresh or not journal_path(folder, options.shard).exists():
        refuse()  # before a journal is begun
    offers = any(request.tools for request in asked)
    lanes = {
        name: build_lane(name, spec, place, offers_tools=offers and name != JUDGE)
        for name, spec in specs.items()
    }
    judge = lanes.pop(JUDGE, None)
    with LiveRun.open(
        inputs, lanes, folder, keeping, shard=options.shard, fresh=options.fresh
    ) as run:
        run.judge = judge
        run.before_asking = refuse
        if run.journal.cut:
            tell(
                f"the journal's last line was torn and is cut off ({run.journal.cut} bytes); its call is made again"
            )
        yield run


def asked_models(
    inputs: "ReleaseInputs", options: RunOptions, suite: "Suite"
) -> "dict[str, ModelSpec]":
    """Return the models that are asked, by lane: live arms, and the judge where a rule needs it."""
    from hitl.run.arm import spec_of
    from hitl.run.conduct import JUDGE
    from hitl.run.live import live_arms
    from hitl.score.judge.work import judged_positions

    manifest = inputs.manifest
    arms = live_arms(manifest, with_scripted=options.is_run)
    specs = {arm.value: spec_of(manifest, arm) for arm in arms}
    if manifest.judge is not None and not options.is_run and judged_positions(suite):
        specs[JUDGE] = manifest.judge.model
    return specs


def workplace(inputs: "ReleaseInputs", options: RunOptions) -> "Workplace":
    """Return what models may know of the world."""
    from hitl.run.build import Workplace

    manifest = inputs.manifest
    return Workplace(
        folder=inputs.folder,
        environment=dict(os.environ),
        limits=manifest.limits,
        seed=manifest.seed,
        at=now(),
        allow_python=options.allow_python,
    )


def ask_arms(run: "LiveRun", options: RunOptions) -> "SessionReport":
    """Make every call of the arms that is still owed."""
    chance = seeded(run.inputs.manifest.seed)("run order")
    return ask(run, run.owed(chance), options, "asking both arms")


def ask(
    run: "LiveRun", calls: "Sequence[Call]", options: RunOptions, words: str
) -> "SessionReport":
    """Make calls with progress; the first Ctrl-C waits for the calls under way, the second does not.

    Raises:
        DocumentError: a call is owed, and a key is missing or the cap cannot be kept.
        RunInterruptedError: somebody stopped it; the journal holds what was answered.
    """
    from hitl.errors import RunInterruptedError
    from hitl.run.session import Tolerance

    tolerance = Tolerance(
        run.inputs.manifest.limits.max_age_hours, options.reuse_old, options.retry_errors
    )
    with watching(words) as progress:
        report = asyncio.run(_interruptible(partial(_session, run, calls, tolerance, progress)))
    for note in report.notes if report else ():
        tell(note)
    missing = sum(call.key not in run.journal.places for call in calls)
    if missing or report is None:
        raise RunInterruptedError(
            f"interrupted after {len(calls) - missing} of {len(calls)} calls; every answer is kept in {run.journal.path}: run the same command again to go on"
        )
    return report


async def _session(
    run: "LiveRun",
    calls: "Sequence[Call]",
    tolerance: "Tolerance",
    progress: CallProgress,
    stop: asyncio.Event,
) -> "SessionReport":
    session = run.session(tolerance, now, progress.plan, progress.replied)
    return await session.answer(calls, stop)


async def _interruptible(
    work: "Callable[[asyncio.Event], Coroutine[object, object, SessionReport]]",
) -> "SessionReport | None":
    """Return what the work found; None if it was dropped, or if nothing was left to do when it was stopped."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    task = asyncio.create_task(work(stop))

    def interrupt() -> None:
        if stop.is_set():
            task.cancel()
            return
        stop.set()
        tell("stopping: waiting for the calls under way (Ctrl-C again drops them)")

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupt)
    try:
        report = await task
        return None if stop.is_set() else report
    except asyncio.CancelledError:
        return None
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
