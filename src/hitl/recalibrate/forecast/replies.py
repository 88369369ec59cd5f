"""Replies of both arms as decisions, before any policy was asked about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RoutedReply:
    """One reply to a golden case, as a decision that a policy can route."""

    case: str
    """Id of the case; several replies to a case are repeats of it."""
    cluster: str
    """Cases of one cluster are one piece of evidence."""
    action_type: str | None
    """What the reply proposes; None where it does not say."""
    confidence: float | None
    """What the model says of itself; None where it does not."""
    is_right: bool | None
    """Whether it passed; None where nobody could grade it."""
    content: Mapping[str, object] = field(default_factory=dict)
    """What is proposed, and about what."""
    cost: float | None = None
    """What the reply cost, in USD."""
    risk: str | None = None
    """Risk that the reply states."""
    failure: str | None = None
    """How the model failed, a name under `fallbacks`; None if it answered."""
    fields: Mapping[str, object] = field(default_factory=dict)
    """Other fields of a decision that rules may ask for, such as `output_tokens` or `output_format`; `resolved_model` too, for
    the calibrator of a policy is for one model alone."""


@dataclass(frozen=True, slots=True)
class RoutedArms:
    """The replies of both arms."""

    previous: tuple[RoutedReply, ...]
    candidate: tuple[RoutedReply, ...]
    n_unanswered: int = 0
    """Golden cases to which an arm lacks a usable reply: missing, or a call that failed."""
