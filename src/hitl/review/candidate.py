"""What could be reviewed: inputs with the outputs of both arms, before anything is chosen, masked or turned."""

from dataclasses import dataclass

from hitl.digest import digest
from hitl.golden.case import Case, Severity
from hitl.review.words import Scope
from hitl.run.arm import Arm
from hitl.run.reply import Reply


@dataclass(frozen=True, slots=True)
class Output:
    """One arm's reply."""

    arm: Arm
    text: str
    tool_calls: str
    """As indented JSON; empty without any."""
    confidence: float | None
    action_type: str | None
    digest: str
    """Of the reply: see `reply_digest`."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One input that people could look at, with what the arms made of it."""

    case_id: str
    subset: str
    cluster: str
    """Candidates that share it are not independent."""
    repeat: int
    input: str
    context: str
    case_digest: str
    """Of input and context: see `case_digest`."""
    severity: Severity
    outputs: tuple[Output, ...]
    """Of one arm or both; an arm whose call failed has none."""
    scopes: frozenset[Scope]
    """Why it should be looked at; empty: for no reason but chance."""
    uncertainty: float
    """How unsure the model or the rules are, 0 to 1; the same whichever arm is which."""


@dataclass(frozen=True, slots=True)
class ReleaseNames:
    """What a review must not show, and what the key will say."""

    release_id: str
    workflow_id: str
    previous_model: str
    candidate_model: str
    names: frozenset[str]
    """Every name by which either model is known: declared, resolved, aliases."""


def reply_digest(reply: Reply) -> str:
    """Return the SHA-256 of what a reply shows to people: its text and its tool calls."""
    calls = [{"name": call.name, "arguments": call.arguments} for call in reply.tool_calls or ()]
    return digest({"text": reply.text, "tool_calls": calls})


def case_digest(case: Case) -> str:
    """Return the SHA-256 of what a case shows to people: its input and its evidence."""
    return digest(case.model_dump(mode="json", include={"input", "context"}))
