"""One decision as it stands when its lane is chosen."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from numbers import Integral, Real

from hitl.policy.expression import HINDSIGHT, NAMED

_OWN = ("decision_id", "action_type", "confidence", "risk", "at", "resolved_model",
        "model_active_since", "failure")  # fmt: skip
_DERIVED = frozenset({"model_age_days"})
RESERVED = frozenset((*NAMED, *HINDSIGHT))
"""Names of the log, for which content never stands in."""
_NOTHING: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True)
class Decision:
    """What an agent proposes; a field that is not known is None, and never counts in favour of running alone."""

    decision_id: str | None
    """Unique; the audit sample is drawn by it."""
    action_type: str | None
    """What kind of action is proposed, a name under `action_types`."""
    confidence: float | None
    """What the model says of itself, 0 to 1."""
    risk: str | None = None
    """Risk that somebody stated; it raises the risk of the action type and never lowers it."""
    at: datetime | None = None
    """When it was proposed, with its zone."""
    resolved_model: str | None = None
    """The model identity that answered."""
    model_active_since: datetime | None = None
    """Since when that model is at work here, with its zone."""
    failure: str | None = None
    """How the model failed, a name under `fallbacks`; None if it answered."""
    trace: Mapping[str, object] = field(default_factory=dict)
    """Other fields of the decision log, such as `output_tokens` or `workflow_version`."""
    content: Mapping[str, object] = field(default_factory=dict)
    """What is proposed, and about what: JSON values by name."""

    def fields(self, age_days: float | None) -> dict[str, object]:
        """Return what a rule may see; what is not known is left out, so that a rule over it cannot be evaluated.

        The names of the content stand beside the fields for short, and never in their place.
        """
        seen = {str(name): value for name, value in self.content.items() if name not in RESERVED}
        known = {name: getattr(self, name) for name in _OWN}
        known["model_age_days"] = age_days
        for name, value in (*self.trace.items(), *known.items()):
            if value is not None and name not in HINDSIGHT:
                seen[name] = value.isoformat() if isinstance(value, datetime) else value
        seen["content"] = self.content
        return seen


def read_decision(row: Mapping[str, object]) -> Decision:
    """Return a row of a decision log, or any mapping, as a decision.

    Names of the log are its fields; every other name is content. Values of another kind than their field's
    are not known, but for the confidence, which stays as it is and is judged when the lane is chosen.
    """
    trace = {name: row[name] for name in NAMED if name in row and name not in (*_OWN, *_DERIVED)}
    inner = row.get("content")
    # A cell without a value is missing: as a null it would be unequal to everything, and pass.
    content = {
        name: value for name, value in row.items() if value is not None and name not in RESERVED
    }
    content.pop("content", None)
    if isinstance(inner, Mapping):
        content |= inner
    return Decision(
        decision_id=as_identity(row.get("decision_id")),
        action_type=as_text(row.get("action_type")),
        confidence=row.get("confidence"),  # type: ignore[arg-type]  # judged by `read_confidence`
        risk=as_stated(row.get("risk")),
        at=as_moment(row.get("at")),
        resolved_model=as_text(row.get("resolved_model")),
        model_active_since=as_moment(row.get("model_active_since")),
        failure=as_stated(row.get("failure")),
        trace=trace or _NOTHING,
        content=content,
    )


def as_text(value: object) -> str | None:
    """Return text that says something; None for anything else."""
    return value if isinstance(value, str) and value else None


def as_identity(value: object) -> str | None:
    """Return an id as text, from text or a whole number; None for anything else."""
    if value.__class__ is bool:
        return None
    return str(int(value)) if isinstance(value, Integral) else as_text(value)


def as_stated(value: object) -> str | None:
    """Return a word of a closed set as written; only nothing at all is None, so that nonsense is not read as nothing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    return (value or None) if isinstance(value, str) else repr(value)[:80]


def as_moment(value: object) -> datetime | None:
    """Return a moment in UTC from a datetime or ISO 8601 text with a zone; None for anything else."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    try:
        return value.astimezone(UTC) if value.tzinfo is not None else None
    except (OverflowError, ValueError):
        return None


def read_confidence(value: object) -> float | None:
    """Return a confidence from 0 to 1; None if it is missing, NaN, outside that range, or no number at all."""
    if value.__class__ is not float:
        if isinstance(value, bool) or not isinstance(value, Real):
            return None
        try:
            value = float(value)
        except (OverflowError, ValueError, TypeError):
            return None
    return value if 0.0 <= value <= 1.0 else None
