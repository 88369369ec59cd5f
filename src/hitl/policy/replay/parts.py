"""The document of a replay: what policies would have done with logged decisions."""

from typing import Literal

from hitl.document.schema import Count, Document, OpenShare, Share
from hitl.policy.lanes import Lane
from hitl.policy.people import WhenLate


class TypeLanes(Document):
    """Where the decisions of one action type go."""

    action_type: str | None
    """As the log has it; null where it does not say."""
    is_known: bool
    """Whether the policy knows it."""
    n: Count
    """Decisions."""
    lanes: dict[Lane, Count]
    """Decisions by lane."""
    shares: dict[Lane, Share]
    """The same as shares."""
    n_audited: Count
    """Decisions that run and are drawn for an audit."""


class PoolVolume(Document):
    """What one pool has to look at."""

    pool: str | None
    """Null where nobody is named."""
    n_first: Count
    """Decisions that wait for it before they run."""
    n_after: Count
    """Decisions that it looks at after they ran."""
    n_without_time: Count
    """Of these, decisions of which nobody knows when; they count in no hour."""
    per_hour: float | None
    """Mean over all hours of the log, nights included; null where no decision has a time."""
    busiest_hour: str | None
    """Hour with the most, ISO 8601 in UTC, the first of several."""
    busiest_n: Count
    """Decisions in that hour."""


class Misses(Document):
    """Wrong decisions among those that would run alone, from labels weighted by review probability."""

    action_type: str | None
    """Null for decisions of which the log does not say, and for all together."""
    is_total: bool = False
    """Whether it is about all action types together."""
    n_alone: Count
    """Decisions that would run alone."""
    n_labelled: Count
    """Those with a label."""
    n_wrong: Count
    """Those whose label says wrong."""
    share_unknown: Share | None
    """Share of `n_alone` of which no label speaks; null where none runs alone."""
    rate: float | None = None
    """Error rate of the others."""
    rate_low: float | None = None
    """Lower limit."""
    rate_high: float | None = None
    """Upper limit."""
    expected: float | None = None
    """Wrong decisions that would run; null while a part cannot be said."""
    expected_low: float | None = None
    """Lower limit: as if nothing of which no label speaks were wrong."""
    expected_high: float | None = None
    """Upper limit: as if all of which no label speaks were wrong."""
    effective_n: float | None = None
    """A random sample of so many labels would say as much."""
    reason: str = ""
    """Why something cannot be said."""


class Late(Document):
    """How logged waits stand to the longest wait of the policy."""

    lane: Lane
    """Lane that the policy gives."""
    pool: str | None
    """Pool that it names."""
    limit_minutes: float | None
    """Longest wait; null where the policy names none."""
    then: WhenLate | None
    """What would have happened; null where the policy says nothing."""
    n_late: Count
    """Decisions that waited longer, or for which nobody came."""
    n_in_time: Count
    """Decisions that did not."""
    n_unknown: Count
    """Decisions of which the log has no wait, or the policy no limit: not in time, unknown."""


class UnreadRule(Document):
    """A rule that asks for what the log lacks; it counts as holding there."""

    rule: str
    """`dynamic_risk:1`, or `indicator:` and its name."""
    fields: tuple[str, ...]
    """What it asks for."""
    lacked: tuple[str, ...]
    """Those of which no row of the log has a value."""
    n: Count
    """Decisions that lack one of its fields."""
    is_set_aside: bool
    """Whether the replay leaves the rule out, because it was told to."""


class PolicyReplay(Document):
    """What one policy would have done."""

    id: str
    """Name of the policy; empty if it has none."""
    version: str
    """Its version."""
    types: tuple[TypeLanes, ...]
    """Action types, most decisions first."""
    lanes: dict[Lane, Count]
    """All decisions by lane."""
    pools: tuple[PoolVolume, ...]
    """Who has to look at how much."""
    misses: tuple[Misses, ...]
    """All together, then by action type."""
    late: tuple[Late, ...]
    """Logged waits beside the longest ones."""
    unread: tuple[UnreadRule, ...]
    """Rules that ask for what the log lacks."""
    n_because_unread: Count
    """Decisions for a person first that would run but for rules of whose fields the log has none."""


class Change(Document):
    """Decisions of one type that go elsewhere."""

    action_type: str | None
    """As the log has it."""
    before: Lane | None
    """Where they went; null where the log does not say."""
    after: Lane
    """Where they go under the first policy."""
    n: Count
    """Decisions."""
    examples: tuple[str, ...]
    """Ids of the first of them, redacted."""


class PoolShift(Document):
    """How one pool's work changes."""

    pool: str | None
    """Null where nobody is named."""
    before: Count
    """Decisions that it looked at, or would have."""
    after: Count
    """Decisions that it has to look at under the first policy."""


class Comparison(Document):
    """The first policy beside something else."""

    against: Literal["log", "policy"]
    """The lanes of the log, or the second policy."""
    reason: str = ""
    """Why it cannot be said; then nothing else is."""
    n_same: Count = 0
    """Decisions that keep their lane."""
    n_laxer: Count = 0
    """Decisions that fewer people see."""
    n_stricter: Count = 0
    """Decisions that more people see."""
    n_unknown: Count = 0
    """Decisions of which the log says no lane."""
    changes: tuple[Change, ...] = ()
    """Every change of lane by action type, most decisions first."""
    pools: tuple[PoolShift, ...] = ()
    """Work by pool, the largest rise first."""


class Replay(Document):
    """What policies would have done with logged decisions."""

    format: Literal["hitl/policy-replay/v1"]
    """`hitl/policy-replay/v1`."""
    sources: tuple[str, ...]
    """Files and tables of the log."""
    n: Count
    """Decisions that were replayed."""
    n_seeded: Count
    """Planted rows, which were not."""
    first_hour: str | None
    """Hour of the first decision, ISO 8601 in UTC."""
    last_hour: str | None
    """Hour of the last."""
    n_quiet_hours: Count
    """Hours between them in stretches of more than a week without any decision; no rate counts them."""
    confidence: OpenShare
    """Two-sided confidence of every interval."""
    policies: tuple[PolicyReplay, ...]
    """The policy, then the one that it is compared with, if any."""
    comparisons: tuple[Comparison, ...]
    """With the log, then with the second policy, if any."""
