"""A message to whoever has to decide: what, how bad, by when, and what happens until then."""

from dataclasses import dataclass
from typing import assert_never

from hitl.gate.verdict_words import Verdict
from hitl.policy.lanes import Lane
from hitl.policy.people import WhenLate
from hitl.policy.schema import Policy
from hitl.record.release import ReleaseRecord
from hitl.render.handover.parts import Escalation, Matter, RecordRef
from hitl.render.markdown_text import code, prose
from hitl.render.text import brief, one_line
from hitl.render.words import last_good

_LINE = 600
_TIER = {"critical": 3, "high": 2, "medium": 1, "low": 1, "unknown": 2}
"""Tier of a case, which no policy routes: by severity."""
_LATE = {
    WhenLate.ESCALATE: "it goes to the next tier",
    WhenLate.FALLBACK: "the fallback answer is given",
    WhenLate.HOLD: "it waits on",
    WhenLate.PAGE: "it waits on, and somebody is called",
}
NO_POLICY = "no policy was named, so nothing says who decides by when; name one with --policy"


def escalation_of(
    record: ReleaseRecord, ref: RecordRef, matter: Matter, policy: Policy | None
) -> Escalation:
    """Return the message; without a policy it says that nobody knows by when."""
    desk = _desk(matter, policy)
    to = _deciders(record, desk, policy)
    meanwhile = _standing(record) if matter.kind == "case" else _when_late(desk, policy)
    subject = brief(f"{matter.severity.upper()}: {matter.what}", 160)
    why = f" {one_line(record.headline)}" if matter.kind == "case" else ""
    lines = [
        subject,
        f"Release {ref.release_id}: {ref.verdict}.{why}",
        f"Decides: {', '.join(to)}. {_by(desk)}",
        f"Until then: {meanwhile}",
        f"Look: hitl explain {ref.path}"
        + (f" --case {matter.id}" if matter.kind == "case" else ""),
    ]
    return Escalation(
        subject=subject,
        message="\n".join(brief(line, _LINE) for line in lines) + "\n",
        to=to,
        tier=desk.tier,
        within_minutes=desk.sla_minutes,
        meanwhile=brief(meanwhile, _LINE),
        matter=matter,
        record=ref,
    )


def escalation_markdown(found: Escalation) -> str:
    """Return the message as Markdown."""
    first, *rest = found.message.rstrip("\n").split("\n")
    lines = [f"**{prose(first, _LINE)}**", *(prose(line, _LINE) for line in rest)]
    return "\n\n".join([*lines, f"<sub>Record {code(found.record.digest, 64)}</sub>"]) + "\n"


@dataclass(frozen=True, slots=True)
class _Desk:
    """Who an escalated matter goes to, as far as a policy says."""

    pool: str
    tier: int | None
    sla_minutes: float | None


def _desk(matter: Matter, policy: Policy | None) -> _Desk:
    """Return where the policy sends an escalation of this matter, whatever lane it took before."""
    if policy is None:
        return _Desk(matter.pool, None, None)
    rules = policy.lane_rules
    if matter.kind == "case":
        tier = _TIER.get(matter.severity, _TIER["unknown"])
        return _Desk("", tier, rules.sla(tier, None))
    action = policy.action_types.get(matter.action_type)
    pool = rules.reviewers(action, Lane.ESCALATE) if action else matter.pool or None
    tier = rules.tier_of(Lane.ESCALATE, pool)
    return _Desk(pool or "", tier, rules.sla(tier, pool))


def _deciders(record: ReleaseRecord, desk: _Desk, policy: Policy | None) -> tuple[str, ...]:
    named = [f"pool {desk.pool}"] if desk.pool else []
    if policy is not None and desk.tier is not None:
        own = policy.lane_rules.tier(desk.tier)
        named += [name for name in (*own.responsible, *own.accountable) if name != desk.pool]
    named.append(f"{record.owner.get('name', '')} ({record.owner.get('contact', '')})")
    return tuple(dict.fromkeys(one_line(name) for name in named))


def _by(desk: _Desk) -> str:
    if desk.tier is None:
        return f"By when: {NO_POLICY}."
    if desk.sla_minutes is None:
        return f"By when: the policy sets no time for tier {desk.tier}."
    return f"Somebody has to look within {desk.sla_minutes:g} minutes (tier {desk.tier})."


def _when_late(desk: _Desk, policy: Policy | None) -> str:
    late = policy.timeouts.get(desk.pool) or policy.timeouts.get(Lane.ESCALATE) if policy else None
    if late is None:
        return "nothing says what happens when nobody looks; it must not run by itself"
    after = f" after {late.after_minutes:g} minutes" if late.after_minutes is not None else ""
    return f"if nobody looks, {_LATE[late.then]}{after}; silence approves nothing"


def _standing(record: ReleaseRecord) -> str:
    match record.verdict:
        case Verdict.SHIP:
            return "the verdict lets the candidate go out within its rollout scope"
        case Verdict.HOLD:
            return f"the candidate must not go out; {last_good(record)} stays"
        case Verdict.REVERT:
            return f"go back to {last_good(record)} and keep it pinned"
        case _:
            assert_never(record.verdict)
