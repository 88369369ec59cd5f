"""`hitl gate --aa`: the current arm against itself."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from hitl.cli.clock import seeded
from hitl.cli.output import counted, people, print_json, tell
from hitl.cli.session import suite_of

if TYPE_CHECKING:
    from hitl.gate.self_test import SelfTest
    from hitl.run.inputs import ReleaseInputs
    from hitl.score.suite import Suite


def show_self_test(path: Path, runs: int, out: Path, *, as_json: bool) -> int:
    """Run the gate on the previous arm against itself and print how often it would stop the release."""
    from hitl.cli.reviewing import ratings_of, read_review
    from hitl.errors import EvidenceError
    from hitl.gate.self_test import self_test
    from hitl.run.arm import Arm, arm_replies, finished_replies
    from hitl.run.inputs import load_release
    from hitl.score.arm import grade_arm

    inputs = load_release(path)
    manifest, suite = inputs.manifest, suite_of(inputs)
    people_said = ratings_of(read_review(inputs, seeded(manifest.seed)), suite, inputs)
    model = manifest.previous_model
    replies = (
        finished_replies(out / manifest.release_id, Arm.PREVIOUS)
        if model.is_live
        else arm_replies(model, inputs.folder, suite.cases, manifest.repeats, manifest.seed)
    )
    rated = (
        {part.id: people_said.view(Arm.PREVIOUS, part.id) for part in suite.subsets}
        if people_said
        else None
    )
    arm = grade_arm(suite, counted(replies, "previous replies"), rated=rated)
    if arm.n_replies == 0:
        raise EvidenceError("the previous arm has no reply to run against itself; record it first")
    result = self_test(
        suite, arm, manifest, list(counted(range(runs), "runs")), seeded(manifest.seed)
    )
    if as_json:
        print_json({"release_id": manifest.release_id, **asdict(result)})
    else:
        print_self_test(result)
    tell_of_review(inputs, suite)
    return 0


def tell_of_review(inputs: "ReleaseInputs", suite: "Suite") -> None:
    """Say why a release is stopped for want of people's approval, which is no false alarm."""
    from hitl.cli.review_outlook import ReviewState, review_outlook
    from hitl.render.text import show

    found = review_outlook(inputs, suite)
    if found.subsets and found.state is not ReviewState.CLOSED:
        tell(f"hitl: a stop that only people's approval can lift is no false alarm: {show(found.said)}")  # fmt: skip


def print_self_test(result: "SelfTest") -> None:
    """Print the false-alarm rates as a table."""
    from rich.table import Table
    from rich.text import Text

    from hitl.render.text import show

    table = Table(
        title=f"The current arm against itself, {result.runs} runs ({result.method})",
        title_justify="left",
    )
    for name in ("subset", "authority", "cases", "did not pass", "failed"):
        table.add_column(name, overflow="fold")
    for line in result.lines:
        shares = (
            f"{part.estimate:.1%} [{part.low:.1%}, {part.high:.1%}]"
            for part in (line.not_passed, line.failed)
        )
        cells = line.subset, line.authority.value, str(line.n_cases), *shares
        table.add_row(*(Text(show(cell)) for cell in cells))
    console = people()
    console.print(table)
    stopped = result.stopped
    console.print(
        f"Nothing changed, and the release was stopped in {stopped.estimate:.1%} [{stopped.low:.1%}, {stopped.high:.1%}] of {result.runs} runs."
    )
    if result.method == "repeats":
        console.print(
            "Each side holds half of the repeats, so the gate itself is sharper than this."
        )
    if result.method == "splitting":
        console.print(
            "Each case has one reply, so other cases stood in for a second one: this is an upper bound. Record repeats for a sharper answer."
        )
