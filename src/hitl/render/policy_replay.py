"""What policies would have done with logged decisions, on a terminal."""

from rich.console import Console

from hitl.policy.lanes import LANES
from hitl.policy.replay.parts import Comparison, Late, Misses, PolicyReplay, Replay, UnreadRule
from hitl.render import numbers
from hitl.render.policy_table import (
    NO_TYPE,
    NOBODY,
    a_table,
    add_row,
    head,
    named,
    quiet_hours,
    say,
)
from hitl.render.text import brief

_MOST_CHANGES = 20
_ID = 30


def print_replay(found: Replay, console: Console) -> None:
    """Print each policy's work, then what changes."""
    seeded = (
        f", {numbers.counted(found.n_seeded, 'planted row')} left out" if found.n_seeded else ""
    )
    hours = (
        f", {found.first_hour} to {found.last_hour}" if found.first_hour else ", none with a time"
    )
    say(console, f"{numbers.counted(found.n, 'decision')}{seeded}{hours}")
    if found.n_quiet_hours:
        say(console, quiet_hours(found.n_quiet_hours))
    for policy in found.policies:
        _policy(policy, console)
    for comparison in found.comparisons:
        _comparison(comparison, console)


def _policy(found: PolicyReplay, console: Console) -> None:
    head(
        console,
        f"Policy {brief(found.id, 60) or 'without a name'}, version {brief(found.version, 40)}",
    )
    _unread(found, console)
    table = a_table(["Action type"], ["n", *(lane.value for lane in LANES), "audited"])
    for one in found.types:
        name = named(one.action_type, NO_TYPE) + ("" if one.is_known else " (unknown)")
        shares = (numbers.percent(one.shares[lane]) for lane in LANES)
        add_row(table, [name, numbers.count(one.n), *shares, numbers.count(one.n_audited)])
    console.print(table)
    _volume(found, console)
    _misses(found.misses, console)
    _late(found.late, console)


def _unread(found: PolicyReplay, console: Console) -> None:
    for one in found.unread:
        say(console, _rule(one))
    if found.n_because_unread:
        n = numbers.counted(found.n_because_unread, "decision")
        say(console, f"because of fields that no row has, {n} went to a person that would have run;"
            " log these fields, or leave the rules out with --set-aside-unread")  # fmt: skip


def _rule(one: UnreadRule) -> str:
    fields = ", ".join(brief(name, 40) for name in (one.lacked or one.fields))
    what = "is left out" if one.is_set_aside else "counts as holding"
    lacks = "no row has" if one.lacked else f"{numbers.counted(one.n, 'decision')} lack"
    return f"warning: {brief(one.rule, 60)} {what}: {lacks} {fields}"


def _volume(found: PolicyReplay, console: Console) -> None:
    table = a_table(["Who looks"], ["before", "after", "an hour", "busiest hour", "in it"])
    for one in found.pools:
        per_hour = numbers.UNKNOWN if one.per_hour is None else f"{one.per_hour:.2f}"
        add_row(table, [named(one.pool, NOBODY), numbers.count(one.n_first), numbers.count(one.n_after),
                        per_hour, one.busiest_hour or numbers.UNKNOWN, numbers.count(one.busiest_n)])  # fmt: skip
    console.print(table)


def _misses(found: tuple[Misses, ...], console: Console) -> None:
    table = a_table(["Would run alone"], ["n", "labels\nwrong", "error rate", "wrong in all"])
    for one in found:
        wrong = f"{one.n_wrong:,} of {one.n_labelled:,}"
        add_row(table, [_name(one), numbers.count(one.n_alone), wrong, _rate(one), _expected(one)])
    console.print(table)
    for one in found:
        if one.share_unknown:
            say(console, f"unmeasured: {_name(one)}: {numbers.percent(one.share_unknown)} of them: {one.reason}")  # fmt: skip


def _name(one: Misses) -> str:
    return "all" if one.is_total else named(one.action_type, NO_TYPE)


def _rate(one: Misses) -> str:
    if one.rate is None:
        return "unmeasured"
    return f"{numbers.percent(one.rate)} ({numbers.percent_range(one.rate_low, one.rate_high)})"


def _expected(one: Misses) -> str:
    if one.expected_low is None or one.expected_high is None:
        return numbers.UNKNOWN
    limits = f"{one.expected_low:,.0f} to {one.expected_high:,.0f}"
    return limits if one.expected is None else f"{one.expected:,.0f} ({limits})"


def _late(found: tuple[Late, ...], console: Console) -> None:
    table = a_table(["Lane", "Who looks", "limit", "then"], ["late", "in time", "unknown"])
    for one in found:
        limit = "no limit" if one.limit_minutes is None else f"{one.limit_minutes:g} min"
        then = "not said" if one.then is None else one.then.value
        counts = (numbers.count(n) for n in (one.n_late, one.n_in_time, one.n_unknown))
        add_row(table, [one.lane.value, named(one.pool, NOBODY), limit, then, *counts])
    if found:
        console.print(table)


def _comparison(found: Comparison, console: Console) -> None:
    what = "Beside the log" if found.against == "log" else "Beside the other policy"
    if found.reason:
        head(console, f"{what}: unmeasured: {found.reason}")
        return
    unknown = f", {found.n_unknown:,} unknown" if found.n_unknown else ""
    head(console, f"{what}: {found.n_same:,} the same, {found.n_stricter:,} stricter, {found.n_laxer:,} laxer{unknown}")  # fmt: skip
    if found.changes:
        _changes(found, console)
    pools = a_table(["Who looks"], ["n before", "n after", "change"])
    for pool in found.pools:
        add_row(pools, [named(pool.pool, NOBODY), numbers.count(pool.before),
                        numbers.count(pool.after), f"{pool.after - pool.before:+,}"])  # fmt: skip
    console.print(pools)


def _changes(found: Comparison, console: Console) -> None:
    table = a_table(["Action type", "from", "to"], ["n"])
    table.add_column("the first", overflow="fold")
    for change in found.changes[:_MOST_CHANGES]:
        before = "not said" if change.before is None else change.before.value
        ids = ", ".join(brief(name, _ID) for name in change.examples)
        add_row(table, [named(change.action_type, NO_TYPE), before, change.after.value,
                        numbers.count(change.n), ids])  # fmt: skip
    console.print(table)
    more = len(found.changes) - _MOST_CHANGES
    if more > 0:
        say(console, f"and {numbers.counted(more, 'more change')}; --json has them")
