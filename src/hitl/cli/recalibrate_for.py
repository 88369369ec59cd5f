"""For which model thresholds are fitted: what the release, the options and the log say of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hitl.errors import UsageError

if TYPE_CHECKING:
    from hitl.manifest.release import ReleaseManifest
    from hitl.recalibrate.direction import Mode
    from hitl.recalibrate.scores import Scores
    from hitl.record.release import ReleaseRecord

_SHOWN = 8
_RECORD = "hitl/record/v1"


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """What a release says of its models; nothing where none is named."""

    release_id: str | None = None
    candidate: tuple[str, ...] = ()
    """Identities that the candidate may have."""
    previous: tuple[str, ...] = ()
    modes: "tuple[Mode, ...]" = ()
    """New ways in which the candidate fails; known where the release is a record."""


@dataclass(frozen=True, slots=True)
class Models:
    """The model to fit for, and the one beside it."""

    model: str | None
    """None where the log names none."""
    previous: str | None
    note: str = ""


def release_facts(path: Path | None) -> ReleaseFacts:
    """Read a release manifest or a record, whichever a file is.

    Raises:
        DocumentError: it is neither, or has mistakes.
    """
    if path is None:
        return ReleaseFacts()
    from hitl.document.load import load_document
    from hitl.document.source import is_folder
    from hitl.manifest.release import ReleaseManifest
    from hitl.record.store import load_record

    if is_folder(path) or _is_record(path):
        return _of_record(load_record(path))
    return _of_manifest(load_document(path, ReleaseManifest))


def models_of(
    scores: "Scores", facts: ReleaseFacts, model: str | None, previous: str | None
) -> Models:
    """Return the models that are meant.

    Raises:
        UsageError: the log cannot tell which decisions are the model's.
    """
    counts = model_counts(scores)
    found = _chosen(counts, facts, model)
    beside = previous or next((name for name in facts.previous if counts[name]), None)
    if beside is not None and beside == found:
        raise UsageError(f"--previous-model {beside} is the model to fit for; name the one before it, or leave it out")  # fmt: skip
    note = ""
    if found is None:
        note = "the log names no model, so the certificates name none: they stand for whichever model made these decisions"
    elif counts[None]:
        note = f"{counts[None]:,} decisions of which the log names no model are left out"
    return Models(found, beside, note)


def model_counts(scores: "Scores") -> "Counter[str | None]":
    """Return the decisions of each model."""
    lines = scores.table.by("model").lines()
    return Counter({line["model"]: line["n"] for line in lines})  # type: ignore[misc]  # a word, and a number


def _chosen(counts: "Counter[str | None]", facts: ReleaseFacts, model: str | None) -> str | None:
    if model is not None:
        if not counts[model]:
            raise UsageError(f"--model {model}: the log holds no decision by it; it holds {_listed(counts)}")  # fmt: skip
        return model
    if facts.candidate:
        return _of_release(counts, facts.candidate)
    named = [name for name in counts if name is not None]
    if len(named) > 1:
        raise UsageError(f"the log holds decisions of several models: {_listed(counts)}; say with --model or --release for which one to fit")  # fmt: skip
    return named[0] if named else None


def _of_release(counts: "Counter[str | None]", candidate: Sequence[str]) -> str:
    found = [name for name in candidate if counts[name]]
    if len(found) == 1:
        return found[0]
    names = ", ".join(candidate)
    if not found:
        raise UsageError(f"the log holds no decision by the release's candidate ({names}); it holds {_listed(counts)}; say with --model for which one to fit")  # fmt: skip
    raise UsageError(f"the release's candidate has several identities in the log ({', '.join(found)}); say with --model for which one to fit")  # fmt: skip


def _listed(counts: "Counter[str | None]") -> str:
    from hitl.render.text import one_line

    known = [(name, n) for name, n in counts.most_common() if name is not None and n]
    if not known:
        return "no model identity at all (`resolved_model`)"
    shown = ", ".join(f"{one_line(name)[:80]} ({n:,})" for name, n in known[:_SHOWN])
    return shown + (f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else "")


def _is_record(path: Path) -> bool:
    from hitl.document.source import read_bytes
    from hitl.record.store import RECORD_LIMIT

    # Records are larger than what people write, and JSON: the name of the format stands near the start.
    return _RECORD.encode() in read_bytes(path, RECORD_LIMIT)[:400]


def _of_manifest(manifest: "ReleaseManifest") -> ReleaseFacts:
    alias = manifest.alias_resolution
    candidate = [alias.expected] if alias is not None else []
    return ReleaseFacts(
        manifest.release_id,
        tuple(dict.fromkeys([*candidate, manifest.candidate_model.id])),
        (manifest.previous_model.id,),
    )


def _of_record(record: "ReleaseRecord") -> ReleaseFacts:
    from hitl.recalibrate.direction import Mode

    candidate, previous = record.candidate_model, record.previous_model
    modes = tuple(
        Mode(
            one.name,
            one.n_candidate,
            (one.subset, one.rule, *one.terms),
            next(iter(one.examples), ""),
        )
        for one in record.failure_modes
        if one.is_new
    )
    return ReleaseFacts(
        record.release_id,
        tuple(dict.fromkeys([*candidate.resolved, candidate.declared])),
        tuple(dict.fromkeys([*previous.resolved, previous.declared])),
        modes,
    )
