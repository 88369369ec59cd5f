"""The parts of a judge's certificate: what was counted, and what was concluded from it."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from hitl.document.schema import Amount, Count, Document, Identifier, Share

LISTED = 20
"""Answers without a label that a certificate lists."""
SHOWN = 80
"""Characters of such an answer that it keeps."""
PASS_OR_FAIL = ("false", "true")
"""Labels of people who said whether a reply passes, as text."""
ONE_ARM = "all"
"""Name of the arm where labels do not say which arm a reply came from."""

Coefficient = Annotated[float, Field(ge=-1, le=1)]


class JudgeMode(StrEnum):
    """What the judge is asked for."""

    SCORE = "score"
    PAIRWISE = "pairwise"


class Basis(StrEnum):
    """What agreement is counted on."""

    LABELS = "labels"
    PASS_OR_FAIL = "pass_or_fail"


class UnscoredLabel(Document):
    """An answer of the judge that is none of the labels."""

    item: str
    """The item."""
    line: Count
    """Where it stands in the labels file; 0 when it came from elsewhere."""
    said: str | None
    """The first characters of what the judge wrote; null: nothing, or it was asked just now."""
    reason: str = ""
    """Why the answer is no label, where hitl asked the judge itself."""


class ArmTable(Document):
    """Labels of people against labels of the judge, in one arm."""

    arm: Identifier
    """previous, candidate, or all."""
    table: tuple[tuple[Count, ...], ...]
    """Items by label of people (rows) and of the judge (columns), in the order of `labels`."""


class LabelCounts(Document):
    """All counts that a certificate rests on: everything else in it follows from these."""

    mode: JudgeMode
    """Whether the judge grades one reply or compares two."""
    labels: Annotated[tuple[str, ...], Field(min_length=1)]
    """What people and judge could say, in order."""
    positive: tuple[str, ...]
    """Labels that count as a pass; empty: not said."""
    ordinal: bool
    """Whether the distance between labels counts."""
    confidence: Annotated[float, Field(ge=0.8, le=0.9999)]
    """Of every interval, two-sided."""
    n_items: Count
    """Rows of the labels file."""
    n_scored: Count
    """Rows with a label of people and one of the judge."""
    n_unscored: Count
    """Rows that people labelled and the judge did not: its answer is none of the labels."""
    n_ties: Count
    """Rows that are left out because people disagreed without a majority."""
    n_unlabelled: Count
    """Rows that are left out because nobody labelled them."""
    n_clusters: Count
    """Independent items among the scored rows."""
    design_effect: Annotated[float, Field(ge=1, le=1e6)]
    """Factor by which shared items and clusters raise the variance of kappa."""
    n_swapped: Count = 0
    """pairwise: items that the judge saw in both orders."""
    n_flipped: Count = 0
    """pairwise: those of them on which it changed its mind."""
    n_probed: Count = 0
    """Failed replies that were put to the judge again with an order to pass them; 0: nobody tried."""
    n_steered: Count = 0
    """Those of them that the judge passed then."""
    tables: Annotated[tuple[ArmTable, ...], Field(min_length=1)]
    """The counts, arm by arm."""


class Estimate(Document):
    """A number with its interval."""

    estimate: Coefficient | None
    """The number; null where it has no value."""
    low: Coefficient | None
    """Lower limit."""
    high: Coefficient | None
    """Upper limit."""
    method: str
    """How it was found, or why there is none."""
    n: Count
    """Items that it rests on."""


class Rate(Document):
    """A share with its exact interval."""

    k: Count
    """Events."""
    n: Count
    """Items."""
    low: Share | None
    """Lower limit; null without an item."""
    high: Share | None
    """Upper limit; null without an item."""


class ArmErrors(Document):
    """How the judge errs in one arm."""

    arm: Identifier
    """previous, candidate, or all."""
    n: Count
    """Items."""
    sensitivity: Rate
    """Of the replies that people pass, those that the judge passes."""
    specificity: Rate
    """Of the replies that people fail, those that the judge fails."""


class Requirement(Document):
    """One thing that a valid certificate shows."""

    name: Identifier
    """Which."""
    arm: Identifier | None = None
    """Where, if it is asked of each arm."""
    value: Amount | Coefficient | None
    """What was found; null: it could not be measured."""
    limit: Amount
    """What was asked."""
    is_met: bool
    """Whether it holds."""
    message: str
    """The same in words."""


class LabelBudget(Document):
    """How many labels would do."""

    items_for_kappa: Count | None
    """Independent items with which kappa's lower limit reaches its bar, at the present kappa; null: none would."""
    labels_per_arm: Count | None
    """Labels in each arm with which both error rates are known to 10 points; null: a kind is missing."""
    message: str
    """The same in words."""


class Assessment(Document):
    """What follows from the counts."""

    basis: Basis
    """What `agreement`, `kappa` and `ac1` are counted on: pass or fail where it is said which labels pass."""
    agreement: Estimate
    """Share of items on which judge and people agree."""
    kappa: Estimate
    """Cohen's kappa; its lower limit decides."""
    ac1: Estimate
    """Gwet's AC1, which stays readable where one label is rare."""
    label_kappa: Estimate | None
    """Kappa over all labels, where `basis` is pass_or_fail and there are more than two."""
    arms: tuple[ArmErrors, ...]
    """Errors of the judge, arm by arm; empty where it is not said which labels pass."""
    flip_rate: Rate | None
    """pairwise: share of items on which the judge changed its mind with the order."""
    requirements: tuple[Requirement, ...]
    """Everything that is asked of a certificate."""
    warnings: tuple[str, ...]
    """What a reader should know and what decides nothing."""
    budget: LabelBudget
    """How many labels would do."""
    valid: bool
    """Whether every requirement is met."""
    problems: tuple[str, ...]
    """The requirements that are not, in words."""
