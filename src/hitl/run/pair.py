"""Which calls a run owes, in which order: both arms of a case side by side, the cases in a seeded random order."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hitl.errors import DocumentError, Mistake, UsageError
from hitl.run.journal.file import Journal, changed_message
from hitl.run.lane import Call, Lane, call_key
from hitl.run.model import Request


@dataclass(frozen=True, slots=True)
class Shard:
    """One part of the cases, so that several machines can share a run."""

    number: int
    """1 to `of`."""
    of: int

    def holds(self, case_id: str) -> bool:
        """Whether a case belongs to this part; the same on every machine, whatever the order of files."""
        return int.from_bytes(hashlib.sha256(case_id.encode()).digest()[:8], "big") % self.of == self.number - 1  # fmt: skip

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


def parse_shard(text: str) -> Shard:
    """Read `k/n`.

    Raises:
        UsageError: it is not two whole numbers with 1 <= k <= n.
    """
    number, _, of = text.partition("/")
    if number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of):
        return Shard(int(number), int(of))
    raise UsageError(f"--shard {text}: expected k/n with 1 <= k <= n, such as 2/5")


def owed_calls(
    requests: Mapping[str, Request],
    lanes: Sequence[Lane],
    repeats: int,
    chance: np.random.Generator,
) -> list[Call]:
    """Return every call of a run.

    The two arms of one case stand next to each other, in random order: whatever the hour and the load do to
    latency and refusals, they do to both arms alike.
    """
    turns = [(case, repeat) for case in sorted(requests) for repeat in range(repeats)]
    first = chance.permutation(len(turns))
    swaps = chance.integers(0, len(lanes), size=len(turns)) if lanes else ()
    calls = []
    for at, turn in enumerate(first):
        case, repeat = turns[turn]
        request = requests[case]
        for step in range(len(lanes)):
            lane = lanes[(step + int(swaps[at])) % len(lanes)]
            key = call_key(lane.name, lane.model.endpoint, request, repeat)
            calls.append(Call(lane.name, request, repeat, key))
    return calls


def refuse_changed_cases(journal: Journal, calls: Iterable[Call], lanes: Iterable[str]) -> None:
    """Refuse to mix replies to what was asked then with replies to what would be asked now.

    Raises:
        UsageError: cases changed or are gone; names them.
        DocumentError: a line names another arm or case than the call that its key stands for.
    """
    arms = frozenset(lanes)
    owed = {call.key: call for call in calls}
    refuse_misplaced(journal, owed)
    strays = {p.case_id for key, p in journal.places.items() if p.lane in arms and key not in owed}
    if strays:
        named = ", ".join(sorted(strays)[:10]) + (f" and {len(strays) - 10} more" if len(strays) > 10 else "")  # fmt: skip
        words = f"what is asked in {len(strays)} case{'s' if len(strays) > 1 else ''} ({named}): changed, gone, or asked with more repeats then"
        raise UsageError(changed_message(journal.path, [words]))


def refuse_misplaced(journal: Journal, owed: Mapping[str, Call]) -> None:
    """Refuse replies that stand under the key of another call.

    Raises:
        DocumentError: a line names another arm or case than the call that its key stands for.
    """
    mistakes = [
        Mistake(str(journal.path), 0, f"the {place.lane} arm's reply to case {place.case_id}", "its key is that of another call: the journal was edited; start over with --fresh")
        for key, place in journal.places.items()
        if (call := owed.get(key)) and (place.lane, place.case_id, place.repeat) != (call.lane, call.request.case_id, call.repeat)
    ]  # fmt: skip
    if mistakes:
        raise DocumentError(mistakes)
