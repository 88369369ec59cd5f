"""Second pass: decisions with what was said of them, as rows; every fault is counted with its place."""

import hashlib
import json
from collections.abc import Iterable, Iterator

from hitl.decisions.exchange.convert import Reading, Value, WrongValueError, convert
from hitl.decisions.exchange.gather import Found, Gathered, Said
from hitl.decisions.exchange.names import REVIEW
from hitl.decisions.schema import BY_NAME, COLUMNS

Row = dict[str, Value]
_UNSAID = ("people answered and nothing says what they decided; name the field that decides under `columns` of the "
           "mapping, such as `human_action: answerContent.decision` or `human_action: score.NAME`")  # fmt: skip

_OF_A_DECISION = ("reviewer_id", "decided_at", "review_seconds")
"""Where the mapping says that a word is no human action, nobody has decided."""
_NAMELESS = ("is missing, and the same row stands again: nothing tells two decisions from one that was exported twice; "
             "name an id under `columns` of the mapping")  # fmt: skip
_SHARED = "are said of several decisions by one id; say them of one"
_AMBIGUOUS = "are said of a whole trace that has several decisions; say them of one"


class Joiner:
    """Makes rows of what was gathered."""

    def __init__(self, gathered: Gathered, reading: Reading) -> None:
        self._gathered = gathered
        self._tally = gathered.tally
        self._reading = reading
        self._digests: dict[str, bytes] = {}
        """Of the first row of each id."""
        self._nameless: set[bytes] = set()
        """Of rows without an id."""
        self._used: dict[str, str] = {}
        """Key of a judgement → name of its decision."""
        self._ambiguous: set[str] = set()
        """Places of what was said of no single decision."""
        self._has_fault = False

    def rows(self) -> Iterator[tuple[str, Row]]:
        """Yield (place, row) of each decision that has no fault, then count what was said of none."""
        for found in self._gathered.proposals():
            if self._gathered.is_part(found):
                self._tally.count(
                    "aside", "a model call inside a decision that another span names", found.place
                )
                continue
            row = self._row(found)
            if row is not None:
                yield (
                    found.place,
                    {column.name: row[column.name] for column in COLUMNS if column.name in row},
                )
        self._count_strays()

    def _row(self, found: Found) -> Row | None:
        self._has_fault = False
        row = self._converted(found.values, found.place)
        told = list(self._said_of(found))
        for said in sorted(told, key=lambda one: str(one.values.get("decided_at") or "")):
            self._merge(row, said)
        is_again = not self._has_fault and self._is_again(row, found.place)
        if self._has_fault:
            self._tally.count("faulty", "row", found.place)
            return None
        return None if is_again else row

    def _said_of(self, found: Found) -> Iterator[Said]:
        for key in found.keys:
            if key in self._gathered.said:
                if self._used.setdefault(key, found.keys[0]) != found.keys[0]:
                    self._refuse("", _SHARED, self._gathered.said[key][0].place)
                yield from self._gathered.said[key]
        if not found.trace or found.trace not in self._gathered.said_of_trace:
            return
        if self._gathered.has_one_decision(found.trace):
            yield from self._gathered.said_of_trace[found.trace]
            return
        self._has_fault = True
        for said in self._gathered.said_of_trace[found.trace]:
            if said.place not in self._ambiguous:
                self._ambiguous.add(said.place)
                self._tally.refuse("", _AMBIGUOUS, said.place)

    def _converted(self, values: dict[str, object], place: str) -> Row:
        row: Row = {}
        for name, raw in values.items():
            try:
                value = convert(BY_NAME[name], raw, self._reading)
            except WrongValueError as error:
                self._refuse(name, str(error), place, error.word)
                continue
            if value is not None:
                row[name] = value
        if "human_action" in values and "human_action" not in row:
            for name in _OF_A_DECISION:
                row.pop(name, None)
        return row

    def _merge(self, row: Row, said: Said) -> None:
        """Several people may agree: then the first one's review counts; where they differ nobody's does."""
        values = self._converted(said.values, said.place)
        if not said.values.keys() - REVIEW:
            self._refuse("human_action", _UNSAID, said.place)
            return
        for name in values:
            if name not in REVIEW and row.get(name, values[name]) != values[name]:
                problem = "contradict each other on one decision; keep the one that counts, or set some aside"
                self._refuse(name, problem, said.place, f"{row[name]} / {values[name]}")
        if "human_action" in row:
            values = {name: value for name, value in values.items() if name not in REVIEW}
        row |= values

    def _is_again(self, row: Row, place: str) -> bool:
        name = row.get("decision_id")
        digest = hashlib.sha256(json.dumps(row, sort_keys=True).encode()).digest()
        if not isinstance(name, str):
            if digest in self._nameless:
                self._refuse("decision_id", _NAMELESS, place)
            self._nameless.add(digest)
            return False
        known = self._digests.get(name)
        if known is None:
            self._digests[name] = digest
            return False
        if known == digest:
            self._tally.count("aside", "the same row again", place)
        else:
            self._refuse(
                "decision_id",
                "stand twice with different rows; a decision counts once",
                place,
                name,
            )
        return True

    def _refuse(self, column: str, problem: str, place: str, word: str = "") -> None:
        self._has_fault = True
        self._tally.refuse(column, problem, place, word)

    def _count_strays(self) -> None:
        for key, told in self._gathered.said.items():
            self._count(told, "joined" if key in self._used else "stray")
        for trace, told in self._gathered.said_of_trace.items():
            self._count(told, "joined" if self._gathered.has_decisions(trace) else "stray")

    def _count(self, told: Iterable[Said], kind: str) -> None:
        for said in told:
            self._tally.count(kind, "judgement", said.place)
