"""Items of which the right answer is known: mixed into packets, they measure reviewers."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from hitl.document.lines import Lines
from hitl.document.schema import Document
from hitl.review.words import Action

MOST_KNOWN = 200
"""Items with a known answer that one review takes: each reviewer answers all of them."""


class Preferred(StrEnum):
    """Which output is better, in the order of the file."""

    FIRST = "first"
    SECOND = "second"
    TIE = "tie"


class KnownItem(Document):
    """One line of a qualification file."""

    input: str
    """What the model was asked."""
    context: str = ""
    """Evidence that it was handed."""
    outputs: Annotated[tuple[str, ...], Field(min_length=1, max_length=2)]
    """One output, or two that differ. In an open review the first stands where the new one does."""
    actions: tuple[Annotated[tuple[Action, ...], Field(min_length=1)], ...]
    """For each output, what it is right to do with it."""
    preference: Preferred | None = None
    """Which output is better; without it any preference is right."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if len(self.actions) != len(self.outputs):
            raise ValueError(
                f"{len(self.actions)} lists of actions for {len(self.outputs)} outputs; expected one list for each"
            )
        if self.preference is not None and len(self.outputs) == 1:
            raise ValueError("a preference needs two outputs; one is given")
        if len(set(self.outputs)) < len(self.outputs):
            raise ValueError("both outputs are the same; give one, or two that differ")
        return self


def load_known(path: Path) -> tuple[KnownItem, ...]:
    """Read a qualification file, JSON lines.

    Raises:
        DocumentError: every mistake in it, with its line.
    """
    lines = Lines(path, KnownItem)
    seen: dict[tuple[str, str, frozenset[str]], int] = {}
    known = []
    for number, item in lines:
        first = seen.setdefault((item.input, item.context, frozenset(item.outputs)), number)
        if first != number:
            lines.complain(number, "", f"shows what line {first} shows; remove one of them")
        known.append(item)
    if not known and not lines.mistakes:
        lines.complain(0, "", "holds no item; expected one JSON object a line")
    if len(known) > MOST_KNOWN:
        problem = f"holds {len(known)} items; expected at most {MOST_KNOWN}, because each reviewer answers all of them"
        lines.complain(0, "", problem)
    lines.check()
    return tuple(known)


def masked_known(items: Sequence[KnownItem], mask: Callable[[str], str]) -> tuple[KnownItem, ...]:
    """Return items with known answers masked like all others, so that nothing sets them apart.

    Args:
        items: as they are written in the file.
        mask: what the texts of the release go through.
    """
    return tuple(
        item.model_copy(
            update={
                "input": mask(item.input),
                "context": mask(item.context),
                "outputs": tuple(map(mask, item.outputs)),
            }
        )
        for item in items
    )
