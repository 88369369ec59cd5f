"""Does this change need the gate? The decision criteria, answered from what the release names."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Facts:
    """What a release says of its workflow; each is read from its files, none is asked."""

    structured_output: tuple[str, ...]
    """Subsets whose replies are read as JSON."""
    suggestions: tuple[str, ...]
    """Subsets that check tool calls or the posture of steps."""
    refusals: tuple[str, ...]
    """Subsets that check the outcome class."""
    moving_aliases: tuple[str, ...]
    """Model ids of the release that can move."""
    budgets: tuple[str, ...]
    """Subsets with a limit on latency, cost or length."""
    consequences: tuple[str, ...]
    """Subsets with critical or zero-tolerance cases, or action types that cannot be undone."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One question, its answer, and what the answer is read from."""

    question: str
    answer: bool
    because: str


_QUESTIONS = (
    ("structured_output", "Does structured output drive routing?", "checked as JSON"),
    ("suggestions", "Are tools or remediation suggested?", "posture or tool calls checked"),
    ("refusals", "Do refusals and uncertainty matter?", "outcome class checked"),
    ("moving_aliases", "Can the model's alias move?", "not a dated identity"),
    ("budgets", "Do latency or cost matter?", "limits stated"),
    (
        "consequences",
        "Does the workflow bear consequences?",
        "critical, zero tolerance or irreversible",
    ),
)


def answer_criteria(facts: Facts) -> tuple[Criterion, ...]:
    """Answer each decision criterion with what it was read from."""
    answers = []
    for name, question, meaning in _QUESTIONS:
        found: tuple[str, ...] = getattr(facts, name)
        because = f"{meaning}: {', '.join(found)}" if found else "nothing in the release says so"
        answers.append(Criterion(question, bool(found), because))
    return tuple(answers)


def needs_gate(criteria: tuple[Criterion, ...]) -> bool:
    """Say whether the change needs the gate: one yes is enough."""
    return any(criterion.answer for criterion in criteria)
