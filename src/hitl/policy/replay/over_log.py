"""Replay: what would a policy have done with the decisions of a log?"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hitl.decisions.check import check_log
from hitl.decisions.redaction.redact import Redactor
from hitl.decisions.reduce import duplicate_ids
from hitl.decisions.rows import Batch, Staged, stage_rows
from hitl.decisions.scores import LabelsByAction, labels_by_action
from hitl.decisions.source import Log
from hitl.errors import DocumentError, Mistake
from hitl.policy.lanes import LANES
from hitl.policy.replay.changes import Load, Moves
from hitl.policy.replay.fields import (
    RuleFields,
    lacked_fields,
    own_fields,
    rule_fields,
    typed_fields,
    without_rules,
)
from hitl.policy.replay.misses import CONFIDENCE, expected_misses
from hitl.policy.replay.parts import Comparison, PolicyReplay, Replay, UnreadRule
from hitl.policy.replay.tally import PolicyTally, Replayer, logged_load
from hitl.policy.replay.volume import Span, iso_hour, late_parts, pool_volumes, span_of, type_lanes
from hitl.policy.schema import Policy

_READ = ("decision_id", "at", "action_type", "confidence", "risk", "lane", "reviewer_pool", "human_action",
         "wait_seconds", "correct", "review_probability")  # fmt: skip
_LONGEST_ID = 200
Watch = Callable[[Iterable[Batch], int], Iterable[Batch]]
"""Passes batches on; the second argument is how many decisions they hold."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One policy with what the log lacks of what it asks for."""

    policy: Policy
    rules: tuple[RuleFields, ...]
    lacking: tuple[RuleFields, ...]
    """Rules with a field of which no row has a value."""
    lacked: dict[str, tuple[str, ...]]
    sets_aside: bool

    def replayer(self) -> Replayer:
        """Return what asks the policy."""
        bare = without_rules(self.policy, self.lacking) if self.lacking else None
        if self.sets_aside and bare is not None:
            return Replayer(bare, self.rules)
        return Replayer(self.policy, self.rules, bare)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What one or two policies would have done, as counts."""

    staged: Staged
    asked: tuple[Asked, ...]
    tallies: tuple[PolicyTally, ...]
    logged: Load
    from_log: Moves
    from_other: Moves

    @property
    def span(self) -> Span | None:
        """First and last hour; None where no decision has a time."""
        return span_of(self.staged.log)


def stage_for(
    log: Log,
    policies: tuple[Policy, ...],
    also: tuple[str, ...] = (),
    *,
    sets_aside: bool = False,
) -> tuple[Staged, tuple[Asked, ...]]:
    """Lay down what policies ask for of a log whose rows are all usable.

    Args:
        log: an opened log.
        policies: what will be asked.
        also: hitl's columns that are read beside those that a replay needs.
        sets_aside: leave out rules of whose fields no row has a value.

    Raises:
        DocumentError: every fault of a column that is read, and decision ids that stand in several rows.
    """
    rules = [policy.lane_rules for policy in policies]
    asked = (name for one in rules for name in typed_fields(one))
    typed = tuple(dict.fromkeys([*_READ, *also, *asked]))
    check_log(log, (*typed, "seeded_error")).check()
    _check_ids(log)
    own = tuple(dict.fromkeys(name for one in rules for name in own_fields(one)))
    staged = stage_rows(log, typed, own)
    return staged, tuple(_asked(policy, staged, sets_aside=sets_aside) for policy in policies)


def replay_log(
    log: Log,
    policies: tuple[Policy, ...],
    watch: Watch = lambda batches, _: batches,
    *,
    sets_aside: bool = False,
) -> Replayed:
    """Ask one or two policies about every decision of a log, each as of its own time.

    Args:
        log: an opened log.
        policies: the policy, and the one that it is compared with, if any.
        watch: sees every batch go by.
        sets_aside: leave out rules of whose fields no row has a value, instead of taking them as holding.

    Raises:
        DocumentError: the log cannot be used as it is.
    """
    staged, asked = stage_for(log, policies, sets_aside=sets_aside)
    replayers = [one.replayer() for one in asked]
    logged: Load = Counter()
    from_log, from_other = Moves(), Moves()
    for batch in watch(staged.batches(), staged.n):
        lanes = [one.take(batch).lane for one in replayers]
        from_log.take(batch["action_type"], batch["lane"], lanes[0], batch["decision_id"])
        if len(lanes) > 1:
            from_other.take(batch["action_type"], lanes[1], lanes[0], batch["decision_id"])
        logged.update(logged_load(batch))
    tallies = tuple(one.tally for one in replayers)
    return Replayed(staged, asked, tallies, logged, from_log, from_other)


def replay_document(found: Replayed) -> Replay:
    """Return a replay as its document; the same log and policies give the same bytes."""
    span = found.span
    pairs = list(zip(found.asked, found.tallies, strict=True))
    log = found.staged.log
    labelled = labels_by_action(log)
    return Replay(
        format="hitl/policy-replay/v1",
        sources=tuple(name for part in log.parts for name in part.names),
        n=found.staged.n,
        n_seeded=found.staged.n_seeded,
        first_hour=iso_hour(span.first) if span else None,
        last_hour=iso_hour(span.last) if span else None,
        n_quiet_hours=span.quiet_hours if span else 0,
        confidence=CONFIDENCE,
        policies=tuple(_policy(asked, tally, span, labelled) for asked, tally in pairs),
        comparisons=tuple(_comparisons(found)),
    )


def _comparisons(found: Replayed) -> Iterable[Comparison]:
    redactor = Redactor(found.asked[0].policy.redact)

    def clean(name: str) -> str:
        return redactor.redact(name).text[:_LONGEST_ID]

    after = found.tallies[0].load
    if "lane" in found.staged.log.present:
        yield found.from_log.compared(found.logged, after, clean)
    else:
        yield Comparison(against="log", reason="the log has no column `lane`, so nobody knows where decisions went")  # fmt: skip
    if len(found.tallies) > 1:
        yield found.from_other.compared_with_policy(found.tallies[1].load, after, clean)


def _policy(
    asked: Asked, tally: PolicyTally, span: Span | None, labelled: LabelsByAction
) -> PolicyReplay:
    types = type_lanes(tally, asked.policy)
    rules = asked.policy.lane_rules
    return PolicyReplay(
        id=rules.name,
        version=rules.version,
        types=types,
        lanes={lane: sum(one.lanes[lane] for one in types) for lane in LANES},
        pools=pool_volumes(tally.load, span),
        misses=expected_misses(tally.alone, labelled),
        late=late_parts(tally),
        unread=tuple(_unread(asked, tally)),
        n_because_unread=tally.because.total(),
    )


def _unread(asked: Asked, tally: PolicyTally) -> Iterable[UnreadRule]:
    for rule in asked.rules:
        if n := tally.unread[rule.name]:
            is_out = asked.sets_aside and rule in asked.lacking
            lacked = asked.lacked[rule.name]
            yield UnreadRule(rule=rule.name, fields=rule.fields, lacked=lacked, n=n, is_set_aside=is_out)  # fmt: skip


def _asked(policy: Policy, staged: Staged, *, sets_aside: bool) -> Asked:
    rules = rule_fields(policy.lane_rules)
    lacked = {rule.name: lacked_fields(rule, staged) for rule in rules}
    lacking = tuple(rule for rule in rules if lacked[rule.name])
    return Asked(policy, rules, lacking, lacked, sets_aside)


def _check_ids(log: Log) -> None:
    repeated = duplicate_ids(log)
    if repeated:
        shown = ", ".join(f"{name[:60]!r} ({rows} rows)" for name, rows in repeated[:5])
        problem = f"the same decision stands in several rows: {shown}; keep one row a decision"
        raise DocumentError([Mistake(log.place, 0, "decision_id", problem)])
