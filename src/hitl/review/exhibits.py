"""What a review shows, one exhibit an item, before it is dealt out to reviewers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from hitl.digest import digest
from hitl.errors import EvidenceError, UsageError
from hitl.review.candidate import Candidate
from hitl.review.parts import KnownAnswer
from hitl.review.qualification import KnownItem, Preferred
from hitl.review.sides import NEW, OLD, SAME, Look, look_digest, looks, open_looks
from hitl.review.tokens import keyed_name
from hitl.review.words import Choice, Mode


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One item of a review."""

    item_id: str
    group: str
    """Exhibits that share it show one input: they go to the same people, far apart."""
    input: str
    context: str
    looks: tuple[Look, ...]
    """In the order of the key."""
    candidate: Candidate | None
    """What it shows; None where the answer is known."""
    probability: float
    """Chance with which it was chosen; 1 where the answer is known."""
    known: KnownAnswer | None = None


def exhibits_of(
    chosen: Sequence[tuple[Candidate, float]],
    known: Sequence[KnownItem],
    mode: Mode,
    secret: bytes,
) -> tuple[Exhibit, ...]:
    """Return everything that a review shows, in the order of item ids.

    Raises:
        EvidenceError: nothing was chosen, or neither arm has an output.
        UsageError: two items with a known answer show the same, or the outputs of one do.
    """
    if not chosen:
        raise EvidenceError(
            "nothing to review: no case has an output to look at; look at the release with `hitl gate`"
        )
    found = [exhibit for one, chance in chosen for exhibit in _of_case(one, chance, mode, secret)]
    found += [exhibit for item in known for exhibit in _of_known(item, mode, secret)]
    if len({exhibit.item_id for exhibit in found}) < len(found):
        raise UsageError(
            "two items show the same input with the same outputs and a known answer; remove one from the qualification file"
        )
    return tuple(sorted(found, key=lambda exhibit: exhibit.item_id))


def _of_case(
    candidate: Candidate, probability: float, mode: Mode, secret: bytes
) -> Iterator[Exhibit]:
    shown = open_looks(candidate) if mode is Mode.SHADOW else looks(candidate)
    if not shown:
        raise EvidenceError(
            f"case {candidate.case_id}: neither arm has an output; there is nothing to look at"
        )
    words = (candidate.case_id, str(candidate.repeat))
    group = keyed_name(secret, "group", *words)
    for part in _parts(shown, mode):
        item_id = keyed_name(secret, "item", *words, *sorted(look.digest for look in part))
        yield Exhibit(item_id, group, candidate.input, candidate.context, part, candidate, probability)  # fmt: skip


def _of_known(item: KnownItem, mode: Mode, secret: bytes) -> Iterator[Exhibit]:
    """Yield an item with a known answer, named and put in order like any other.

    The empty word cannot be the id of a case, so no case is named alike.
    """
    written = [Look(text, "", None, (), look_digest(text, "")) for text in item.outputs]
    if len({look.digest for look in written}) < len(written):
        raise UsageError(
            "qualification file: the two outputs of an item look the same once they are masked; make them differ in more than a name"
        )
    order = sorted(range(len(written)), key=lambda place: written[place].digest)
    if mode is Mode.SHADOW:
        order = list(range(len(written)))
        labels = (NEW, OLD) if len(written) == 2 else (SAME,)
        written = [replace(look, label=label) for look, label in zip(written, labels, strict=True)]
    shown = tuple(written[place] for place in order)
    words = ("", digest([item.input, item.context]))
    group = keyed_name(secret, "group", *words, *sorted(look.digest for look in shown))
    actions = {look.digest: item.actions[place] for place, look in enumerate(written)}
    for part in _parts(shown, mode):
        item_id = keyed_name(secret, "item", *words, *sorted(look.digest for look in part))
        answer = KnownAnswer(
            item_id=item_id,
            actions=tuple(actions[look.digest] for look in part),
            preference=_preference(item.preference, order) if len(part) == 2 else None,
        )
        yield Exhibit(item_id, group, item.input, item.context, part, None, 1.0, answer)


def _parts(shown: tuple[Look, ...], mode: Mode) -> tuple[tuple[Look, ...], ...]:
    return tuple((look,) for look in shown) if mode is Mode.SINGLE else (shown,)


def _preference(preferred: Preferred | None, order: Sequence[int]) -> Choice | None:
    match preferred:
        case None:
            return None
        case Preferred.TIE:
            return Choice.TIE
        case Preferred.FIRST | Preferred.SECOND:
            place = 0 if preferred is Preferred.FIRST else 1
            return (Choice.A, Choice.B)[order.index(place)]
        case _:
            assert_never(preferred)
