"""How the candidate fails, with replies to look at; every text in it is hostile and cut."""

from collections.abc import Sequence
from dataclasses import dataclass

from hitl.record.parts import Failure, FailureMode
from hitl.record.release import ReleaseRecord
from hitl.render.brief.quiet import no_failure
from hitl.render.cases import gravest_first, verdict_title
from hitl.render.text import Cut, brief, cut

MOST_MODES = 6
EACH = 2
"""Examples of one mode."""
MOST_LOST = 3
"""Lost cases that are shown where no mode is new."""
_INPUT, _REPLY, _RULES = 300, 500, 4


@dataclass(frozen=True, slots=True)
class Example:
    """One failed case with both replies."""

    case_id: str
    subset: str
    verdict: str
    input: Cut
    expected: tuple[str, ...]
    previous_mark: str
    previous: Cut
    candidate_mark: str
    candidate: Cut


@dataclass(frozen=True, slots=True)
class Mode:
    """One new way to fail."""

    name: str
    found: str
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Failures:
    """What reviewers should have seen once."""

    summary: str
    modes: tuple[Mode, ...]
    lost: tuple[Example, ...]
    """The gravest lost cases, where no mode is new."""


def failures_of(record: ReleaseRecord) -> Failures:
    """Return the new failure modes with examples; without any, the gravest lost cases."""
    new = new_modes(record)
    modes = tuple(_mode(mode, record.failures) for mode in new[:MOST_MODES])
    lost = [failure for failure in record.failures if failure.verdict == "regressed"]
    if new:
        more = (
            f" The {MOST_MODES} with the largest excess are shown." if len(new) > MOST_MODES else ""
        )
        noun = "way to fail is" if len(new) == 1 else "ways to fail are"
        return Failures(
            f"{len(new):,} {noun} new beyond what the previous model did.{more}", modes, ()
        )
    shown = tuple(_example(failure) for failure in gravest_first(tuple(lost))[:MOST_LOST])
    if not lost:
        return Failures(no_failure(record), (), ())
    noun = "case was" if len(lost) == 1 else "cases were"
    return Failures(
        f"No failure mode is new beyond chance; {len(lost):,} {noun} lost, of which the gravest are shown.",
        (),
        shown,
    )


def new_modes(record: ReleaseRecord) -> list[FailureMode]:
    """Return the modes that the candidate has beyond chance, the largest excess first."""
    new = [mode for mode in record.failure_modes if mode.is_new]
    return sorted(new, key=lambda mode: mode.n_previous - mode.n_candidate)


def _mode(mode: FailureMode, failures: Sequence[Failure]) -> Mode:
    known = {(failure.subset, failure.case_id): failure for failure in failures}
    chosen = [known[mode.subset, name] for name in mode.examples if (mode.subset, name) in known]
    words = f"; typical words: {brief(', '.join(mode.terms[:5]), 200)}" if mode.terms else ""
    return Mode(
        name=brief(mode.name, 200),
        found=f"{brief(mode.subset, 120)}: {mode.n_candidate:,} with the candidate, {mode.n_previous:,} with the previous model{words}",
        examples=tuple(_example(failure) for failure in chosen[:EACH]),
    )


def _example(failure: Failure) -> Example:
    return Example(
        case_id=brief(failure.case_id, 120),
        subset=brief(failure.subset, 120),
        verdict=verdict_title(failure.verdict).capitalize(),
        input=cut(failure.input, _INPUT),
        expected=tuple(brief(rule, 160) for rule in failure.expected[:_RULES]),
        previous_mark=failure.previous.mark,
        previous=_reply(failure.previous.text, failure.previous.cut),
        candidate_mark=failure.candidate.mark,
        candidate=_reply(failure.candidate.text, failure.candidate.cut),
    )


def _reply(text: str, before: int) -> Cut:
    """Cut a reply again; what the record left out counts too."""
    short = cut(text, _REPLY)
    return Cut(short.text, short.left_out + before)
