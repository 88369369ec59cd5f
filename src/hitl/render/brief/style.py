"""The new style in numbers: one sentence a shift, and a row for every feature."""

from dataclasses import dataclass

from hitl.record.release import ReleaseRecord
from hitl.record.style import StylePart
from hitl.render import numbers
from hitl.render.brief.style_sense import SENSES, Measured, Sense
from hitl.score.style_words import Feature

_TWICE = 1.2
"""From this factor on a change is said as a factor and not in per cent."""
_SHARES = frozenset({Measured.SHARE, Measured.LETTERS})


@dataclass(frozen=True, slots=True)
class StyleRow:
    """One feature as a row of a table."""

    title: str
    previous: str
    candidate: str
    difference: str
    range: str
    n: str
    is_shift: bool


@dataclass(frozen=True, slots=True)
class StyleShift:
    """A shift beyond chance: what it is, and what it asks of reviewers (empty: nothing)."""

    sentence: str
    advice: str


def style_shifts(record: ReleaseRecord) -> tuple[StyleShift, ...]:
    """Return the shifts beyond chance, in the order of the features."""
    return tuple(
        StyleShift(_sentence(about, part), about.if_more if _rises(part) else about.if_less)
        for about, part in _known(record)
        if part.is_beyond_chance
    )


def style_rows(record: ReleaseRecord) -> tuple[StyleRow, ...]:
    """Return every feature, the shifts beyond chance first."""
    rows = [_row(about, part) for about, part in _known(record)]
    return tuple(sorted(rows, key=lambda row: not row.is_shift))


def style_note(record: ReleaseRecord) -> str:
    """Return what the numbers of the style mean, or why there are none."""
    tested = sum(part.p_value is not None for part in record.style.values())
    if not record.style:
        return (
            "Nothing is known of how the replies are written: they hold labels and no text, or the "
            "record is from before this was measured."
        )
    if not tested:
        return "No shift could be tested: that takes eight independent cases whose text both arms have."
    level = numbers.level(record.confidence)
    return (
        f"Means over cases; differences with their {level} interval, each by itself. What is called a shift is "
        f"corrected for the {numbers.counted(tested, 'feature')} that could be tested (Holm): where nothing "
        f"changed, any shift at all is named in about {numbers.level(1 - record.confidence)} of releases."
    )


def unmeasured_style(record: ReleaseRecord) -> tuple[str, ...]:
    """Return the features that could not be compared, in one line for each reason."""
    parts = _known(record)
    one_arm = [_title(about) for about, part in parts if part.n_cases == 0]
    thin = [_title(about) for about, part in parts if part.n_cases and part.p_value is None]
    return tuple(
        f"{reason}: {', '.join(titles)}."
        for reason, titles in (
            ("Style that the replies of both arms to the same case do not say", one_arm),
            ("Style of which fewer than eight independent cases are known", thin),
        )
        if titles
    )


def _known(record: ReleaseRecord) -> list[tuple[Sense, StylePart]]:
    """Return the features that this version has a name for, in their order."""
    return [
        (SENSES[feature], record.style[feature.value])
        for feature in Feature
        if feature.value in record.style
    ]


def _rises(part: StylePart) -> bool:
    return part.difference is not None and (part.difference.estimate or 0.0) > 0


def _sentence(about: Sense, part: StylePart) -> str:
    before, after = _value(about, part.previous), _value(about, part.candidate)
    unit = {
        Measured.LENGTH: " characters",
        Measured.COUNT: " a reply",
        Measured.RATE: " in 100 words",
    }.get(about.measured, "")
    size = f"{_difference(about, part)}, {_range(about, part)}; n = {_n(part)}"
    match about.measured:
        case Measured.SHARE:
            return f"{about.title}: in {after} of the replies against {before} ({size})"
        case Measured.LETTERS:
            return f"{about.title}: {after} of the letters against {before} ({size})"
        case _:
            return f"{_change(about, part)} ({after} against {before}{unit}; {size})"


def _change(about: Sense, part: StylePart) -> str:
    """Return how the numbers of a reply changed, as a factor or in per cent."""
    is_length = about.measured is Measured.LENGTH
    start, many = ("Replies are", "long") if is_length else ("Replies have", f"many {about.title}")
    if not part.previous or part.candidate is None:
        return f"Replies have {about.title}, of which there were none"
    if part.candidate == 0.0:
        return f"Replies have no {about.title} any more"
    factor = part.candidate / part.previous
    if factor >= _TWICE:
        return f"{start} {factor:,.1f} times as {many}"
    word = {(True, True): "longer", (True, False): "shorter", (False, True): f"more {about.title}"}.get(
        (is_length, factor > 1), f"fewer {about.title}"
    )  # fmt: skip
    return f"{start} {_per_cent(abs(factor - 1) * 100)} {word}"


def _per_cent(share: float) -> str:
    """Return a change that is neither nothing nor all, and so never reads as 0 or 100 %.

    >>> _per_cent(96.2), _per_cent(0.3), _per_cent(99.7)
    ('96 %', 'less than 1 %', 'more than 99 %')
    """
    if share < 1.0:
        return "less than 1 %"
    return "more than 99 %" if 99.0 < share < 100.0 else f"{share:.0f} %"  # fmt: skip


def _row(about: Sense, part: StylePart) -> StyleRow:
    ends = {
        Measured.LENGTH: ", characters",
        Measured.COUNT: " a reply",
        Measured.RATE: " in 100 words",
        Measured.SHARE: ", share of the replies",
        Measured.LETTERS: ", share of the letters",
    }
    return StyleRow(
        title=_title(about) + ends[about.measured],
        previous=_value(about, part.previous),
        candidate=_value(about, part.candidate),
        difference=_difference(about, part),
        range=_range(about, part),
        n=_n(part),
        is_shift=part.is_beyond_chance,
    )


def _title(about: Sense) -> str:
    return about.title[:1].upper() + about.title[1:]


def _value(about: Sense, value: float | None) -> str:
    if about.measured is Measured.RATE:
        return numbers.grade(value)
    return numbers.percent(value) if about.measured in _SHARES else numbers.number(value)


def _moved(about: Sense, value: float | None) -> str:
    if about.measured is Measured.RATE:
        return numbers.grade_change(value)
    return numbers.points(value) if about.measured in _SHARES else numbers.signed(value)


def _difference(about: Sense, part: StylePart) -> str:
    return _moved(about, part.difference.estimate if part.difference else None)


def _range(about: Sense, part: StylePart) -> str:
    if part.difference is None:
        return numbers.UNKNOWN
    if about.measured in _SHARES:
        return numbers.points_range(part.difference)
    return f"{_moved(about, part.difference.low)} to {_moved(about, part.difference.high)}"


def _n(part: StylePart) -> str:
    cases = numbers.counted(part.n_cases, "case")
    if part.n_clusters in {0, part.n_cases}:
        return cases
    return f"{cases}, {part.n_clusters:,} independent"
