"""`hitl run`: the paired run, its journal and its parts; no verdict."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from hitl.cli.clock import seeded
from hitl.cli.live import RunOptions, ask_arms, live_run
from hitl.cli.output import print_json, tell
from hitl.cli.session import functions_of, keeping_of, suite_of, tell_of_functions

if TYPE_CHECKING:
    from hitl.document.schema import Json
    from hitl.run.live import LiveRun
    from hitl.run.session import SessionReport


def run_release(path: Path, options: RunOptions, merge: Sequence[Path], *, as_json: bool) -> int:
    """Ask both arms, or put the journals of several parts together.

    Raises:
        EvidenceError: both arms are recorded, an arm is down, the cap is reached, or parts are missing.
    """
    from hitl.errors import EvidenceError
    from hitl.run.inputs import load_release

    inputs = load_release(path)
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
        if run is None:
            raise EvidenceError(
                f"{path}: both arms are recorded, so there is nobody to ask; run `hitl gate {path}`"
            )
        report = merged(run, merge) if merge else ask_arms(run, options)
        files = {} if options.shard else run.export(suite.index)
        summary: dict[str, Json] = {
            "release_id": inputs.manifest.release_id,
            "journal": str(run.journal.path),
            "replies": {arm.value: str(file) for arm, file in files.items()},
            "n_calls": report.n_owed,
            "n_asked": report.n_asked,
            "n_reused": report.n_reused,
            "n_errors": sum(place.is_error for place in run.journal.places.values()),
            "spent_usd": run.journal.spent if run.knows_cost else None,
        }
    if as_json:
        print_json(summary)
    tell_summary(run, report, path, options)
    return 0


def merged(run: "LiveRun", parts: Sequence[Path]) -> "SessionReport":
    """Take the answers of other journals into this one."""
    from hitl.run.merge import merge_journals
    from hitl.run.session import SessionReport

    owed = run.owed(seeded(run.inputs.manifest.seed)("run order"))
    taken = merge_journals(run.journal, parts, owed)
    tell(f"took {taken} replies from {len(parts)} journals")
    return SessionReport(n_owed=len(owed), n_reused=len(owed))


def tell_summary(run: "LiveRun", report: "SessionReport", path: Path, options: RunOptions) -> None:
    """Say what was done and what comes next."""
    errors = sum(place.is_error for place in run.journal.places.values())
    cost = f"{run.journal.spent:.4f} USD so far" if run.knows_cost else "cost unknown"
    tell(
        f"{report.n_owed} calls: {report.n_asked} made now, {report.n_reused} answered before, {errors} failed for good; {cost}"
    )
    tell(f"journal: {run.journal.path}")
    if options.shard:
        tell(
            f"when all {options.shard.of} parts are done: hitl run {path} --merge JOURNAL --merge JOURNAL ..."
        )
    else:
        tell(f"now run: hitl gate {path} --out {options.out}")
