"""What was found as signs: corrected for all that were looked at, each with one sentence."""

from collections.abc import Mapping, Sequence

from hitl.review.reviewers.compare import Beside
from hitl.review.reviewers.parts import Part, Sign, SignName, SignState
from hitl.review.reviewers.planted import Found
from hitl.stats.multiple import holm

_TWO_SIDED = (SignName.CHANGE, SignName.DRIFT)
_WORDS = {
    SignName.CHANGE: "overrides",
    SignName.DRIFT: "overrides",
    SignName.APPROVES: "approves",
    SignName.FAST: "approves in less than 2 seconds",
    SignName.ESCALATES: "escalates",
    SignName.PLANTED: "approves planted errors:",
}


def signs_of(
    names: Sequence[str],
    found: Mapping[SignName, Sequence[Beside | Found]],
    alarm_rate: float,
) -> dict[str, tuple[Sign, ...]]:
    """Return the signs of each reviewer; the tests of all of them share one chance of a false alarm."""
    kept: list[tuple[int, SignName, Beside | Found]] = [
        (at, name, one) for name, own in found.items() for at, one in enumerate(own)
    ]
    p_values = [_p_value(name, one) for _, name, one in kept]
    tested = [p for p in p_values if p is not None]
    adjusted = iter(holm(tested))
    signs: dict[str, list[Sign]] = {name: [] for name in names}
    for (at, name, one), p in zip(kept, p_values, strict=True):
        corrected = next(adjusted) if p is not None else None
        signs[names[at]].append(_sign(name, one, p, corrected, alarm_rate))
    return {name: tuple(own) for name, own in signs.items()}


def _p_value(name: SignName, one: Beside | Found) -> float | None:
    if isinstance(one, Found):
        return one.p_value
    if one.apart is None:
        return None
    return one.apart.p_value if name in _TWO_SIDED else one.apart.p_high


def _sign(
    name: SignName, one: Beside | Found, p: float | None, corrected: float | None, rate: float
) -> Sign:
    state = SignState.UNKNOWN
    if corrected is not None:
        state = SignState.ALARM if corrected <= rate else SignState.QUIET
    beside = one if isinstance(one, Beside) else None
    ratio = beside.ratio if beside else None
    low, high = (ratio[1], ratio[2]) if ratio else (None, None)
    return Sign(
        name=name,
        state=state,
        mine=_part(one.mine),
        mine_before=_part(beside.mine_before) if beside and beside.mine_before else None,
        peers=_part(one.peers),
        peers_before=_part(beside.peers_before) if beside and beside.peers_before else None,
        ratio=ratio[0] if ratio else None,
        low=low,
        high=high,
        p_value=p,
        p_adjusted=corrected,
        n_peers=beside.apart.n_peers if beside and beside.apart else 0,
        message=_message(name, one, state),
    )


def _part(counts: tuple[int, int]) -> Part:
    return Part(k=counts[0], n=counts[1])


def _message(name: SignName, one: Beside | Found, state: SignState) -> str:
    if state is SignState.UNKNOWN:
        return f"{name.value}: cannot be said: {one.reason}"
    seen = f"{_WORDS[name]} {_rate(one.mine)}, the others {_rate(one.peers)}"
    if isinstance(one, Beside) and one.mine_before and one.peers_before:
        seen = (
            f"{_WORDS[name]} {_rate(one.mine_before)} → {_rate(one.mine)}, "
            f"the others {_rate(one.peers_before)} → {_rate(one.peers)}"
        )
    ratio = one.ratio if isinstance(one, Beside) else None
    beside = f"; odds × {ratio[0]:.2g} beside theirs [{ratio[1]:.2g}, {ratio[2]:.2g}]" if ratio else ""  # fmt: skip
    return seen + beside


def _rate(part: tuple[int, int]) -> str:
    k, n = part
    return f"{100 * k / n:.1f}% ({k} of {n})" if n else "no decision"
