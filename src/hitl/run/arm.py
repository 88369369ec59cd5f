"""Replies of one arm, from wherever its model is."""

from collections import deque
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import assert_never

from hitl.document.load import load_document
from hitl.document.source import is_missing
from hitl.errors import DocumentError, EvidenceError, Mistake, UsageError
from hitl.golden.case import Case
from hitl.manifest.release import ModelSpec, Provider, ReleaseManifest
from hitl.run.recorded import recorded_replies
from hitl.run.reply import Reply
from hitl.run.script import Script
from hitl.run.scripted import scripted_replies


class Arm(StrEnum):
    """The two sides of a run."""

    PREVIOUS = "previous"
    CANDIDATE = "candidate"


def spec_of(manifest: ReleaseManifest, arm: Arm) -> ModelSpec:
    """Return an arm's model of the manifest."""
    return manifest.previous_model if arm is Arm.PREVIOUS else manifest.candidate_model


def source_file(model: ModelSpec, folder: Path) -> Path | None:
    """Return the file that an arm's replies come from, if it is one."""
    name = model.replies if model.provider is Provider.RECORDED else model.script
    return folder / name if name else None


def finished_replies(folder: Path, arm: Arm) -> Iterator[Reply]:
    """Yield the replies that a finished live run left in a record's folder.

    Raises:
        EvidenceError: there is no finished run.
    """
    path = folder / "evidence" / f"{arm}.jsonl.gz"
    if is_missing(path):
        raise EvidenceError(f"{path}: no finished run of the {arm} arm; run `hitl run` first")
    return recorded_replies(path)


def arm_mistakes(model: ModelSpec, folder: Path) -> tuple[Mistake, ...]:
    """Return every line of a recorded arm that is not a reply."""
    if model.provider is not Provider.RECORDED:
        return ()
    try:
        deque(recorded_replies(folder / str(model.replies)), maxlen=0)
    except DocumentError as error:
        return error.mistakes
    return ()


def arm_replies(
    model: ModelSpec, folder: Path, cases: Iterable[Case], repeats: int, seed: int
) -> Iterator[Reply]:
    """Yield the replies of one arm.

    Raises:
        EvidenceError: the replies file is missing.
        UsageError: the model is asked live, which is no part of this.
        DocumentError: a line is not a reply, or the script has a mistake.
    """
    match model.provider:
        case Provider.RECORDED:
            path = folder / str(model.replies)
            if is_missing(path):
                raise EvidenceError(
                    f"{path}: no such replies file; record the arm `{model.id}` first, or correct `replies`"
                )
            return map(_without_grade, recorded_replies(path))
        case Provider.SCRIPTED:
            script = load_document(folder / str(model.script), Script)
            return scripted_replies(script, model, cases, repeats, seed)
        case Provider.OPENAI | Provider.ANTHROPIC | Provider.COMMAND | Provider.PYTHON:
            raise UsageError(
                f"`{model.id}` is asked live (provider `{model.provider}`) and has no replies here; run `hitl run` first"
            )
        case _:
            assert_never(model.provider)


def _without_grade(reply: Reply) -> Reply:
    """Take a stored grade out: only a run's own files may say how a reply was graded before it was redacted."""
    return reply if reply.graded is None else reply.model_copy(update={"graded": None})
