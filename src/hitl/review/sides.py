"""What an item shows, as a function of the unordered pair of outputs: in a blind review nothing depends on the arms."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hitl.digest import digest
from hitl.review.candidate import Candidate, Output
from hitl.review.tokens import keyed
from hitl.run.arm import Arm

NEW, OLD = "new", "old"
SAME = "new and old"
"""Label of an output that both arms gave."""


@dataclass(frozen=True, slots=True)
class Look:
    """One thing to look at: an output, or two that look the same."""

    text: str
    tool_calls: str
    confidence: float | None
    outputs: tuple[Output, ...]
    """Whose it is, the previous arm first; empty where nobody's."""
    digest: str
    """Of what is shown."""
    label: str = ""
    """Whose it is, in an open review."""


def look_digest(text: str, tool_calls: str) -> str:
    """Return the SHA-256 of what people see of an output, by which sides are put in order before they are turned.

    A stated confidence is not part of it: outputs that differ in nothing else look the same until it is asked for.
    """
    return digest({"text": text, "tool_calls": tool_calls})


def looks(candidate: Candidate) -> tuple[Look, ...]:
    """Return what a blind reviewer may see of a candidate: one look where both outputs look the same.

    Looks stand in the order of their digests. A confidence is shown only if both arms state one, and on a look that
    both share only if it is the same: one that a single arm has would name it.
    """
    stated = [output.confidence for output in candidate.outputs]
    is_stated = len(stated) > 1 and None not in stated
    found = tuple(sorted(_looks(candidate), key=lambda look: look.digest))
    return found if is_stated else tuple(replace(look, confidence=None) for look in found)


def open_looks(candidate: Candidate) -> tuple[Look, ...]:
    """Return what an open review shows: the candidate's output first, each labelled with whose it is."""
    found = [
        replace(look, label=label_of([output.arm for output in look.outputs]))
        for look in _looks(candidate)
    ]
    return tuple(sorted(found, key=lambda look: look.label == OLD))


def label_of(arms: Sequence[Arm]) -> str:
    """Return what an open review calls an output of these arms."""
    labels: dict[tuple[Arm, ...], str] = {(Arm.CANDIDATE,): NEW, (Arm.PREVIOUS,): OLD}
    return labels.get(tuple(arms), SAME)


def is_turned(secret: bytes, item_id: str, reviewer: str) -> bool:
    """Whether a reviewer sees the two sides of an item in the other order: a fair bit of a keyed hash."""
    return bool(keyed(secret, "turn", item_id, reviewer)[0] & 1)


def _looks(candidate: Candidate) -> tuple[Look, ...]:
    by_digest: dict[str, list[Output]] = {}
    for output in sorted(candidate.outputs, key=lambda output: output.arm is Arm.CANDIDATE):
        by_digest.setdefault(look_digest(output.text, output.tool_calls), []).append(output)
    return tuple(_look(name, outputs) for name, outputs in by_digest.items())


def _look(name: str, outputs: Sequence[Output]) -> Look:
    stated = {output.confidence for output in outputs}
    confidence = outputs[0].confidence if len(stated) == 1 else None
    return Look(outputs[0].text, outputs[0].tool_calls, confidence, tuple(outputs), name)
