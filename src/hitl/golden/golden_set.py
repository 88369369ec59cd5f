"""The golden set document, as people write it."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, field_validator

from hitl.document.schema import Document, Identifier, Slug
from hitl.golden.case import Case
from hitl.golden.expectation import Expectation, OutcomeClass
from hitl.manifest.surface import ChangeSurface


class Rubric(Document):
    """A pinned text that a judge grades by."""

    version: str
    """Version of the text."""
    text: Annotated[str, Field(min_length=1)]
    """What the judge is told."""
    scale: tuple[int, int] = (1, 5)
    """Lowest and highest grade; whole numbers."""

    @field_validator("scale")
    @classmethod
    def _rises(cls, scale: tuple[int, int]) -> tuple[int, int]:
        if scale[0] >= scale[1]:
            raise ValueError("the lowest grade comes first and below the highest, such as [1, 5]")
        return scale


def _one_or_many(value: object) -> str:
    return "<path>" if isinstance(value, str) else "<list>"


def _path_or_case(value: object) -> str:
    return "<path>" if isinstance(value, str) else "<case>"


CaseSource = Annotated[
    Annotated[str, Tag("<path>")] | Annotated[Case, Tag("<case>")], Discriminator(_path_or_case)
]
CaseSources = Annotated[
    Annotated[str, Tag("<path>")] | Annotated[tuple[CaseSource, ...], Tag("<list>")],
    Discriminator(_one_or_many),
]


class Subset(Document):
    """A behaviour class: cases that are judged together."""

    id: Slug
    """Unique in the golden set."""
    behavior: str = ""
    """Behaviour class, a free word."""
    surfaces: tuple[ChangeSurface, ...] = ()
    """Change surfaces that it guards; empty: all."""
    cases: CaseSources
    """A path or a list of paths (.jsonl, .jsonl.gz), relative to this file, or inline cases."""
    prompt: str | None = None
    """A Jinja template around the input, relative to this file."""
    outcome: OutcomeClass | None = None
    """Expected outcome class of every case that names none."""
    expect: tuple[Expectation, ...] = ()
    """Rules for every case of the subset."""
    control_fields: tuple[Identifier, ...] = ()
    """Fields of the reply that drive routing or escalation (added to the set's)."""

    @property
    def sources(self) -> tuple[str | Case, ...]:
        """Case files and inline cases, in the order written."""
        return (self.cases,) if isinstance(self.cases, str) else self.cases


class GoldenSet(Document):
    """All cases of one workflow, in behaviour-class subsets."""

    format: Literal["hitl/golden-set/v1"]
    """`hitl/golden-set/v1`."""
    id: Slug
    """Name of the set."""
    version: str
    """Version of the set; the digest of its content stands in the record."""
    workflow_id: Identifier
    """Workflow that the set is for."""
    owner: str | None = None
    """Who looks after it."""
    description: str | None = None
    """Free text."""
    rubrics: dict[Identifier, Rubric] = Field(default_factory=dict)
    """Pinned texts that judges grade by, by name."""
    control_fields: tuple[Identifier, ...] = ()
    """Fields of the reply that drive routing or escalation: the model should not own them."""
    subsets: Annotated[tuple[Subset, ...], Field(min_length=1)]
    """Behaviour classes."""
