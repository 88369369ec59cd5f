"""Random releases: texts of all kinds, repeats, missing replies, outputs that look the same, tool calls, confidences."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from hitl.golden.case import Severity
from hitl.review.candidate import Candidate, Output
from hitl.review.qualification import KnownItem, Preferred
from hitl.review.words import Action, Assignment, Mode, Scope
from hitl.run.arm import Arm
from tests.review.releases import a_candidate, an_output

CASE = "case-of-{}-nobody-may-read"
SUBSET = "subset-nobody-may-read"
KIND = "action-type-nobody-may-read"
TEXTS = st.one_of(
    st.sampled_from(["", "Yes.", "No.", "# Heading\n- one\n- two", "\u202eright to left", "e\u0301", "\u00e9", "\U0001f600" * 3]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
)  # fmt: skip
"""A few texts come up again and again, so that outputs look the same in some items."""
CONFIDENCES = st.one_of(st.none(), st.sampled_from([0.0, 0.25, 1.0]), st.floats(0, 1))


@dataclass(frozen=True)
class World:
    """A release to pack, and how to review it."""

    candidates: list[Candidate]
    known: list[KnownItem]
    mode: Mode
    n_raters: int
    raters: int
    assignment: Assignment


@st.composite
def outputs(draw: st.DrawFn, arm: Arm) -> Output:
    calls = draw(st.sampled_from(["", '[\n  {"name": "page"}\n]']))
    kind = draw(st.sampled_from([None, KIND]))
    return an_output(arm, draw(TEXTS), tool_calls=calls, confidence=draw(CONFIDENCES), action_type=kind)  # fmt: skip


@st.composite
def candidates(draw: st.DrawFn) -> list[Candidate]:
    numbers = draw(st.lists(st.integers(0, 999), min_size=1, max_size=6, unique=True))
    found = []
    for number in numbers:
        for repeat in range(draw(st.integers(1, 2))):
            arms = draw(st.sampled_from([tuple(Arm), tuple(Arm), (Arm.PREVIOUS,), (Arm.CANDIDATE,)]))  # fmt: skip
            fields: dict[str, Any] = {
                "subset": SUBSET,
                "repeat": repeat,
                "input": draw(TEXTS),
                "context": draw(TEXTS),
                "severity": draw(st.sampled_from(Severity)),
                "outputs": tuple(draw(outputs(arm)) for arm in arms),
                "uncertainty": draw(st.sampled_from([0.0, 0.5, 1.0])),
                "scopes": draw(st.frozensets(st.sampled_from(list(Scope)[:5]))),
            }
            found.append(a_candidate(CASE.format(number), None, None, **fields))
    return found


@st.composite
def known_items(draw: st.DrawFn) -> list[KnownItem]:
    texts = draw(st.lists(st.tuples(TEXTS, TEXTS), max_size=3, unique_by=frozenset))
    return [
        KnownItem(
            input=f"known {number}",
            outputs=tuple(dict.fromkeys(pair)),
            actions=tuple((Action.APPROVE,) for _ in dict.fromkeys(pair)),
            preference=Preferred.FIRST if len(set(pair)) == 2 else None,
        )
        for number, pair in enumerate(texts)
    ]


@st.composite
def worlds(draw: st.DrawFn, modes: tuple[Mode, ...] = (Mode.PAIR, Mode.SINGLE)) -> World:
    found = draw(candidates())
    raters = draw(st.integers(1, 3))
    n_raters = draw(st.integers(raters, max(raters, min(5, raters * len(found)))))
    assignment = draw(st.sampled_from(Assignment))
    reaches_all = assignment is Assignment.FIXED or n_raters == raters
    known = draw(known_items()) if reaches_all else []
    return World(found, known, draw(st.sampled_from(modes)), n_raters, raters, assignment)
