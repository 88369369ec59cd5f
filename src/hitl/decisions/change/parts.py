"""The parts of a comparison of decision logs, as they stand in its file."""

from hitl.decisions.change.words import Cluster, Mix, Scale
from hitl.decisions.measures.parts import ModelPart
from hitl.decisions.measures.words import Metric, Stand, Unit
from hitl.document.schema import Count, Document, Share


class SidePart(Document):
    """The decisions of one side."""

    model: str | None = None
    """The model that was chosen; null where a side is a time."""
    n: Count
    """Decisions."""
    first_day: str | None = None
    """First day with a decision, UTC."""
    last_day: str | None = None
    """Last day with a decision, UTC."""
    n_reviewers: Count
    """People who are named."""
    models: tuple[ModelPart, ...]
    """Model identities, most decisions first."""


class SideLevel(Document):
    """A metric on one side."""

    value: float
    """The estimate."""
    low: float | None = None
    """Lower limit of the interval."""
    high: float | None = None
    """Upper limit."""
    k: Count | None = None
    """Decisions counted in the numerator, where it is a share."""
    n: Count
    """Decisions that the number stands on."""
    population: Count
    """Decisions that it is about."""
    unattributed: Share
    """Share of these that lack what the number needs."""


class Change(Document):
    """How far a metric moved from before to after, or why that cannot be said."""

    stand: Stand
    """`measured` or `refused`."""
    reason: str = ""
    """Why it is refused."""
    value: float | None = None
    """The estimate: a difference in the unit of the metric, or a ratio."""
    low: float | None = None
    """Lower limit of the interval."""
    high: float | None = None
    """Upper limit."""
    method: str = ""
    """How value and interval were found."""
    n: Count
    """Decisions of both sides that it stands on."""
    n_clusters: Count
    """Groups of decisions that the interval takes as independent."""


class MixSplit(Document):
    """Which part of a change is another mix of work, and which remains with the same mix.

    The mix is action type by tenth of confidence. `within`, `mix` and `unshared` add up to the
    change (of a ratio, they multiply to it).
    """

    stand: Stand
    """`measured` or `refused`."""
    reason: str = ""
    """Why it is refused."""
    within: Change | None = None
    """What remains if both sides had one mix, halfway between theirs, of the kinds of work that both have."""
    mix: float | None = None
    """What came with other shares of the same kinds of work."""
    unshared: float | None = None
    """What came with kinds of work that only one side has."""
    common: Share | None = None
    """Share of decisions whose kind of work both sides have; of the two sides, the smaller."""
    unattributed: Share | None = None
    """Share of decisions without action type or confidence; of the two sides, the larger."""


class ActionChange(Document):
    """A change within one action type."""

    action_type: str | None
    """The action type; null for decisions without one."""
    before: float
    """The metric before."""
    after: float
    """The metric after."""
    n_before: Count
    """Decisions before."""
    n_after: Count
    """Decisions after."""
    change: Change
    """After minus before, with an interval for this action type alone."""
    stands: bool | None = None
    """Whether it is there beyond chance though all action types were looked at (Holm); null where
    there is no interval."""


class MetricChange(Document):
    """One metric on both sides."""

    metric: Metric
    """What is measured."""
    unit: Unit
    """What its values count in."""
    scale: Scale
    """How its change is counted."""
    cluster: Cluster
    """What the interval takes as independent."""
    reason: str = ""
    """What limits it, or why there is no number."""
    before: SideLevel | None = None
    """Before."""
    after: SideLevel | None = None
    """After."""
    crude: Change
    """The change as it was seen."""
    split: MixSplit
    """Which part of it is mix."""
    by_action_type: tuple[ActionChange, ...] = ()
    """Within each action type that both sides have, most decisions first."""
    n_action_types_left_out: Count = 0
    """Action types beyond the number that is kept."""


class DistributionPart(Document):
    """How far a distribution moved."""

    mix: Mix
    """What is distributed."""
    stand: Stand
    """`measured` or `refused`."""
    reason: str = ""
    """Why it is refused, or what limits it."""
    psi: float | None = None
    """Population stability index, 0 if nothing moved."""
    limit: float | None = None
    """What chance alone reaches, at the confidence of the comparison."""
    is_beyond_chance: bool | None = None
    """Whether the index lies above it."""
    jensen_shannon: float | None = None
    """Jensen-Shannon divergence, 0 to 1 bit."""
    n_before: Count
    """Decisions before that have a value."""
    n_after: Count
    """Decisions after."""
    unattributed: Share
    """Share of decisions without a value; of the two sides, the larger."""


class Maturity(Document):
    """How outcomes and labels were made comparable in time."""

    days: Count
    """Age, in days before the log's last day, from which decisions count."""
    until: str | None = None
    """Last day that counts, UTC."""
    n_before: Count
    """Decisions before that are old enough."""
    n_after: Count
    """Decisions after that are old enough."""
    outcome_known_before: Share | None = None
    """Share of those that were approved, before, whose outcome is known."""
    outcome_known_after: Share | None = None
    """The same after."""
    label_known_before: Share | None = None
    """Share of those before that have a label."""
    label_known_after: Share | None = None
    """The same after."""
