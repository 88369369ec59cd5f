"""How the replies of both arms came, beside what they say: only what is worth a row."""

from collections.abc import Mapping
from dataclasses import dataclass

from hitl.record.parts import ArmIdentity
from hitl.record.release import ReleaseRecord
from hitl.render import numbers
from hitl.render.text import brief

MOST_NAMED = 8
"""Kinds, parameters or identities in one cell; the record has them all."""
_NAME = 80


@dataclass(frozen=True, slots=True)
class ArmFact:
    """One thing that can be told of both arms; empty where an arm has nothing to tell."""

    name: str
    previous: str
    candidate: str


def arm_facts(record: ReleaseRecord) -> tuple[ArmFact, ...]:
    """Return what is worth telling of the arms; nothing for recorded replies that were all answers."""
    previous, candidate = _facts(record.previous_model), _facts(record.candidate_model)
    rows = (ArmFact(name, said, candidate[name]) for name, said in previous.items())
    return tuple(row for row in rows if row.previous or row.candidate)


def asked_arms(record: ReleaseRecord) -> str:
    """Return which arms were asked for this release."""
    match record.previous_model.is_live, record.candidate_model.is_live:
        case True, True:
            return "both arms were asked for this release"
        case True, False:
            return "only the previous arm was asked for this release"
        case False, True:
            return "only the candidate arm was asked for this release"
        case _:
            return "neither arm was asked for this release"


def ending_lines(record: ReleaseRecord) -> tuple[str, ...]:
    """Return how the replies of an arm ended, for each arm of which not all were answers."""
    arms = (("previous", record.previous_model), ("candidate", record.candidate_model))
    return tuple(
        f"{name}: {_endings(arm)}{f'; failed calls: {faults}' if (faults := kinds(arm.faults)) else ''}"
        for name, arm in arms
        if set(_some(arm.endings)) - {"answered"}
    )


def kinds(counts: Mapping[str, int]) -> str:
    """Return counts by kind, the most frequent first.

    >>> kinds({"empty": 0, "refused": 2, "rate_limited": 1200})
    '1,200 rate limited, 2 refused'
    """
    every = sorted(_some(counts).items(), key=lambda one: (-one[1], one[0]))
    shown = [f"{count:,} {brief(name, _NAME).replace('_', ' ')}" for name, count in every]
    return _listed(shown)


def _facts(arm: ArmIdentity) -> dict[str, str]:
    is_plain = not arm.is_live and set(_some(arm.endings)) <= {"answered"}
    of = f" of {arm.n_replies:,} replies"
    return {
        "Replies by ending": "" if is_plain else _endings(arm),
        "Failed calls": kinds(arm.faults),
        "Took more than one attempt": f"{arm.n_retried:,}{of}" if arm.n_retried else "",
        "Older than the limit, used on demand": f"{arm.n_old:,}{of}" if arm.n_old else "",
        "Replies given": _given(arm),
        "Parameters taken, not honoured": _listed(
            [brief(name, _NAME) for name in arm.dropped_params]
        ),
        "Named by the server's metadata": _listed(
            [brief(name, _NAME) for name in arm.metadata_identities]
        ),
        "Redacted before storing": f"{arm.n_redacted:,}{of}" if arm.n_redacted else "",
        "Cost": _cost(arm),
        "Price": _price(arm),
    }


def _endings(arm: ArmIdentity) -> str:
    told = kinds(arm.endings)
    return f"{told} (n = {sum(arm.endings.values()):,})" if told else ""


def _given(arm: ArmIdentity) -> str:
    if arm.oldest_reply is None or arm.newest_reply is None:
        return ""
    first, last = (_moment(text) for text in (arm.oldest_reply, arm.newest_reply))
    return first if first == last else f"{first} to {last}"


def _moment(text: str) -> str:
    """Return an ISO time to the minute, with its zone as it was written."""
    line = brief(text, 40)
    day, mark, time = line.partition("T")
    if not mark:
        return line
    zone = "UTC" if time.endswith(("+00:00", "Z")) else time[-6:]
    return f"{day} {time[:5]} {zone}"


def _cost(arm: ArmIdentity) -> str:
    if arm.cost_usd is not None:
        return f"{numbers.quantity('cost_usd', arm.cost_usd)} (n = {arm.n_replies:,})"
    return "unknown" if arm.is_live else ""


def _price(arm: ArmIdentity) -> str:
    if arm.price is None:
        return ""
    into, out = (_rate(arm.price.get(f"usd_per_1m_{side}")) for side in ("input", "output"))
    source = arm.price.get("source")
    return f"{into} in, {out} out, USD for a million tokens" + (
        f" ({brief(source, 120)})" if isinstance(source, str) and source else ""
    )


def _rate(value: object) -> str:
    return numbers.number(float(value)) if isinstance(value, int | float) else numbers.UNKNOWN


def _some(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
