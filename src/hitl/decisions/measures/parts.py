"""The parts of a baseline, as they stand in its file."""

from pydantic import Field

from hitl.decisions.measures.words import Met, Metric, Stand, Unit
from hitl.document.schema import Count, Document, Share


class Measured(Document):
    """One number about a group of decisions, or why there is none."""

    metric: Metric
    """What is measured."""
    stand: Stand
    """`measured` or `refused`."""
    reason: str = ""
    """Why it is refused, or what limits it."""
    unit: Unit
    """What the value counts in."""
    value: float | None = None
    """The estimate."""
    low: float | None = None
    """Lower limit of the interval."""
    high: float | None = None
    """Upper limit."""
    method: str = ""
    """How value and interval were found."""
    k: Count | None = None
    """Decisions counted in the numerator, where it is a share."""
    n: Count
    """Decisions that the number stands on."""
    population: Count
    """Decisions that it is about."""
    unattributed: Share | None = None
    """Share of these that lack what the number needs; null where there are none."""


class ReliabilityBin(Document):
    """Decisions of about the same confidence: what was said, and how often it was right."""

    low: Share
    """Least confidence."""
    high: Share
    """Most."""
    n_decisions: Count
    """Decisions with such a confidence."""
    n: Count
    """Those with a label."""
    said: float
    """Mean confidence of those."""
    right: float | None = None
    """Share right, weighted by review probability where it is known."""
    right_low: float | None = None
    """Lower limit."""
    right_high: float | None = None
    """Upper limit."""


class Calibration(Document):
    """Whether confidence can be taken at its word, in one group."""

    bins: tuple[ReliabilityBin, ...]
    """Tenths of confidence in which there is a decision."""
    error: float | None = None
    """Calibration error of the log."""
    null_low: float | None = None
    """Where it would lie by chance alone if confidence were true: lower limit."""
    null_high: float | None = None
    """Upper limit; only an error above it says that confidence is wrong."""
    is_miscalibrated: bool | None = None
    """Whether it lies above; null where it cannot be said."""
    note: str = ""
    """What limits it."""


class Group(Document):
    """Decisions that share some keys."""

    by: dict[str, str | None]
    """Key → value, null where the log does not say; empty for all decisions."""
    n: Count
    """Decisions."""
    measures: tuple[Measured, ...]
    """Every metric, in the order of the documentation."""
    calibration: Calibration | None = None
    """Where the group has confidence and labels."""


class Attribution(Document):
    """How many decisions a key can be told of."""

    key: str
    """A column of the log."""
    n: Count
    """Decisions that have it."""
    population: Count
    """Decisions that should."""
    is_enough: bool
    """Whether this reaches the floor; below it no number by this key is given."""


class TargetPart(Document):
    """One of the six operating metrics beside its target."""

    name: str
    """Name under `targets` of a policy."""
    at_least: float | None = None
    """Lowest allowed value."""
    at_most: float | None = None
    """Highest allowed value."""
    value: float | None = None
    """The estimate."""
    low: float | None = None
    """Lower limit."""
    high: float | None = None
    """Upper limit."""
    n: Count
    """Decisions that it stands on."""
    met: Met
    """How it lies to the target."""
    reason: str = ""
    """Why it is unmeasured or undecided."""


class ModelPart(Document):
    """One model identity of the log."""

    resolved_model: str | None
    """The model that answered; null where the log does not say."""
    n: Count
    """Decisions."""
    first_day: str | None
    """First day, UTC."""
    last_day: str | None
    """Last day, UTC."""
    is_alias: bool
    """Named by an alias: no version, so nothing can be said of a version."""


class LogPart(Document):
    """What the baseline was measured on."""

    sources: tuple[str, ...]
    """Files and tables, as they were named."""
    n: Count
    """Decisions that count."""
    n_aside: Count
    """Rows that the mapping set aside."""
    n_outside: Count = 0
    """Rows outside the days that were asked for, or without a time where days were asked for."""
    n_seeded: Count
    """Planted rows, which count for the detection rate alone."""
    first_day: str | None = None
    """First day, UTC."""
    last_day: str | None = None
    """Last day, UTC."""
    attribution: tuple[Attribution, ...] = ()
    """What can be told of how many decisions."""
    models: tuple[ModelPart, ...] = Field(default=())
    """Model identities, most decisions first."""
    notes: tuple[str, ...] = ()
    """What stands out in the rows and makes numbers look better or surer than they are."""
    n_models_left_out: Count = 0
    """Model identities beyond the number that is listed."""
