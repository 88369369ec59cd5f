"""What an exchange counts: records by what became of them, and faults by field with their first places."""

from collections import Counter
from dataclasses import dataclass, field

from hitl.decisions.redaction.redact import Redactor

FIRST = 3
"""Places told of each fault."""
_WORDS = 20
"""Words told of each fault."""
_MOST_WORDS = 1000
"""Different words counted of each fault."""
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Group:
    """Records that have one thing in common."""

    name: str
    n: int
    first: str
    """Where the first one stands."""


@dataclass(frozen=True, slots=True)
class Refused:
    """One kind of fault in one field."""

    field: str
    """A column of hitl; empty for a whole record."""
    problem: str
    """What is wrong; what is expected."""
    n: int
    first: tuple[str, ...]
    words: tuple[tuple[str, int], ...] = ()
    """Most frequent faulty values, without personal data."""

    def __str__(self) -> str:
        seen = ", ".join(f"{word!r} ({n:,})" for word, n in self.words)
        head = f"{self.first[0]}: {self.field}" if self.field else self.first[0]
        told = f"{head}: {self.problem}; {self.n:,} in all"
        told += f"; found {seen}" if seen else ""
        return told + (f"; also at {', '.join(self.first[1:])}" if self.first[1:] else "")


@dataclass(slots=True)
class _Fault:
    n: int = 0
    first: list[str] = field(default_factory=list)
    words: Counter[str] = field(default_factory=Counter)


class Tally:
    """Counts groups of records and faults, each with its first places."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._first: dict[tuple[str, str], str] = {}
        self._faults: dict[tuple[str, str], _Fault] = {}

    def count(self, kind: str, name: str, place: str) -> None:
        """Count one record of a kind."""
        self._counts[kind, name] += 1
        self._first.setdefault((kind, name), place)

    def groups(self, kind: str) -> tuple[Group, ...]:
        """Return what was counted of a kind, the largest first, its names without personal data."""
        redactor = Redactor()
        found = [
            Group(redactor.redact(name).text, n, self._first[kind, name])
            for (one, name), n in self._counts.items()
            if one == kind
        ]
        return tuple(sorted(found, key=lambda group: (-group.n, group.name)))

    def total(self, kind: str) -> int:
        """Return how many records of a kind were counted."""
        return sum(n for (one, _), n in self._counts.items() if one == kind)

    def refuse(self, field: str, problem: str, place: str, word: str = "") -> None:
        """Count one fault; `word` is the faulty value as it is written."""
        fault = self._faults.setdefault((field, problem), _Fault())
        fault.n += 1
        if len(fault.first) < FIRST:
            fault.first.append(place)
        if word and (word in fault.words or len(fault.words) < _MOST_WORDS):
            fault.words[word] += 1

    def refusals(self) -> tuple[Refused, ...]:
        """Return every kind of fault, by field, with what was found made fit to be shown."""
        redactor = Redactor()
        return tuple(
            Refused(column, problem, fault.n, tuple(fault.first), _shown(fault.words, redactor))
            for (column, problem), fault in sorted(self._faults.items())
        )


def _shown(words: Counter[str], redactor: Redactor) -> tuple[tuple[str, int], ...]:
    """Redact before cutting: half an address is still one, and no pattern finds it."""
    shown: Counter[str] = Counter()
    for word, n in sorted(words.items(), key=lambda item: (-item[1], item[0]))[:_WORDS]:
        shown[redactor.redact(word).text[:_LONGEST]] += n
    return tuple(shown.items())
