"""What `hitl review reviewers` reads, prints and writes."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hitl.cli.output import people, print_json, tell

if TYPE_CHECKING:
    from hitl.decisions.mapping import LogColumns
    from hitl.decisions.source import Log
    from hitl.review.reviewers.parts import Reviewer, ReviewersReport, Sign
    from hitl.review.reviewers.report import ReviewersAsk


def found_reviewers(
    logs: Sequence[str],
    mapping: "Path | LogColumns | None",
    ask: "ReviewersAsk",
    *,
    hash_names: bool,
) -> "ReviewersReport":
    """Return what logs show of their reviewers, with decisions to talk about beside each alarm.

    Raises:
        DocumentError: every fault of the log or its mapping.
        UsageError: models that the log does not have.
    """
    from hitl.cli.clock import now
    from hitl.cli.log_compare import shown_sources
    from hitl.cli.log_options import opened_log
    from hitl.decisions.habits import longest_runs
    from hitl.decisions.reduce import count_log
    from hitl.review.reviewers.report import reviewers_report

    with opened_log(logs, now(), mapping) as log:
        counts, runs = count_log(log), longest_runs(log)
        named = reviewers_report(counts, runs, ask, shown_sources(logs))
        with_examples = tuple(_with_examples(log, one, named.model) for one in named.reviewers)
    found = named.model_copy(update={"reviewers": with_examples})
    return found.hashed() if hash_names else found


def _with_examples(log: "Log", one: "Reviewer", model: str | None) -> "Reviewer":
    signs = tuple(
        sign.model_copy(update={"examples": _examples(log, one.reviewer, sign, model)})
        for sign in one.signs
    )
    return one.model_copy(update={"signs": signs})


def _examples(log: "Log", reviewer: str, sign: "Sign", model: str | None) -> tuple[str, ...]:
    from hitl.decisions.examples import decisions_of
    from hitl.review.reviewers.parts import SignName, SignState

    actions = {
        SignName.CHANGE: ("modify", "reject"),
        SignName.DRIFT: ("modify", "reject"),
        SignName.APPROVES: ("approve",),
        SignName.FAST: ("approve",),
        SignName.ESCALATES: ("escalate",),
        SignName.PLANTED: (),
    }[sign.name]
    if sign.state is not SignState.ALARM or not actions:
        return ()
    return decisions_of(log, reviewer, model, actions, only_fast=sign.name is SignName.FAST)


def write_reviewers(found: "ReviewersReport", folder: Path) -> None:
    """Write `reviewers.json` and `reviewers.md`.

    Raises:
        UsageError: the folder cannot be written.
    """
    from hitl.document.write import write_all
    from hitl.render.review.reviewers_markdown import reviewers_markdown

    files = {
        "reviewers.json": found.model_dump_json(indent=1).encode() + b"\n",
        "reviewers.md": reviewers_markdown(found).encode(),
    }
    write_all(folder, files)
    tell(f"wrote {folder / 'reviewers.json'} and {folder / 'reviewers.md'}")


def show_reviewers(found: "ReviewersReport", *, as_json: bool) -> None:
    """Print the report: for people, or for machines."""
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    from hitl.render.review.reviewers_terminal import print_reviewers

    print_reviewers(found, people())
