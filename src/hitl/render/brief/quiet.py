"""What a brief says where nothing was found: of how much that was seen, and nothing where nothing was."""

from hitl.gate.verdict_words import State
from hitl.record.release import ReleaseRecord
from hitl.render import numbers


def no_failure(record: ReleaseRecord) -> str:
    """Return that no failure is new, of the cases that both arms answered."""
    asked = [min(part.previous.n, part.candidate.n) for part in record.subsets]
    if not sum(asked):
        return "No case has a reply of both arms, so new ways to fail are not known."
    silent = asked.count(0)
    rest = (
        f"; {silent:,} of {numbers.counted(len(asked), 'subset')} had no reply of both"
        if silent
        else ""
    )
    return f"No failure mode is new, and no case was lost (n = {numbers.counted(sum(asked), 'case')}{rest})."


def no_slice(record: ReleaseRecord) -> str:
    """Return that nothing got worse, of the subsets that were measured."""
    n = len(record.subsets)
    seen = sum(
        part.p_worse is not None and part.state is not State.UNMEASURED for part in record.subsets
    )
    if not seen:
        return "Nothing could be measured, so what got worse is not known."
    if seen == n:
        return "No subset and no slice got worse beyond chance."
    return f"No subset and no slice got worse beyond chance in {seen:,} of {n:,} subsets; the others could not be measured."


def no_shift(record: ReleaseRecord) -> str:
    """Return that no feature of the style moved, of those that could be tested; empty where none could."""
    tested = [name for name, part in record.style.items() if part.p_value is not None]
    if len(tested) == len(record.style):
        return "No feature of the style moved beyond chance." if tested else ""
    if not tested:
        return ""
    return f"Of {len(record.style):,} features of the style {len(tested):,} could be tested, and none of these moved beyond chance."
