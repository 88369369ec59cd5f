"""First pass over an export: every decision goes to a scratch file, and what was said of decisions stays in memory.

So a file of any size is parsed once, and the human part may stand before the decision, after it, or elsewhere.
"""

import json
from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from hitl.decisions.exchange.choose import Chooser
from hitl.decisions.exchange.readers import READERS, looks_like
from hitl.decisions.exchange.records import Record, iterate_records
from hitl.decisions.exchange.shape import Aside, Judgement, Proposal, Seen, Shape
from hitl.decisions.exchange.tally import Tally
from hitl.document.source import fail
from hitl.errors import DocumentError, Mistake

NOT_READ = "scores that no column reads"


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said of a decision."""

    place: str
    values: dict[str, object]


@dataclass(frozen=True, slots=True)
class Found:
    """One decision as it was found."""

    place: str
    keys: tuple[str, ...]
    trace: str
    is_marked: bool
    values: dict[str, object]


@dataclass(slots=True)
class Gathered:
    """An export after the first pass."""

    scratch: Path
    tally: Tally
    said: dict[str, list[Said]] = field(default_factory=lambda: defaultdict(list))
    """By the key of a decision."""
    said_of_trace: dict[str, list[Said]] = field(default_factory=lambda: defaultdict(list))
    decisions: dict[str, str] = field(default_factory=dict)
    """Trace → its decision, or an empty text if it has several."""
    marked: dict[str, str] = field(default_factory=dict)
    """The same of decisions that are marked as such."""

    def add(self, trace: str, name: str, *, is_marked: bool) -> None:
        """Remember that a trace has a decision; the same one may come again."""
        known = self.marked if is_marked else self.decisions
        known[trace] = name if known.get(trace, name) == name else ""

    def proposals(self) -> Iterator[Found]:
        """Yield every decision again, in the order of the files."""
        with self.scratch.open("rb") as lines:
            for line in lines:
                place, keys, trace, is_marked, values = json.loads(line)
                yield Found(place, tuple(keys), trace, is_marked, values)

    def is_part(self, found: Found) -> bool:
        """Say whether a model call is a part of a decision that another span of its trace names.

        One on which a person acted is a decision, though it does not say so.
        """
        if found.is_marked or found.trace not in self.marked:
            return False
        said = [one.values for key in found.keys for one in self.said.get(key, ())]
        return not any("human_action" in values for values in (found.values, *said))

    def has_decisions(self, trace: str) -> bool:
        """Say whether a trace has any decision."""
        return trace in self.marked or trace in self.decisions

    def has_one_decision(self, trace: str) -> bool:
        """Say whether a trace has exactly one decision, so that what is said of the trace is said of it."""
        return bool(self.marked.get(trace, self.decisions.get(trace)))


class Gatherer:
    """Reads the files of one import.

    Args:
        shape: of the files.
        people: sources that are people though the tool does not know it.
        gathered: what is filled.
        stream: of its scratch file.
        chooser: applies the mapping.
    """

    def __init__(
        self,
        shape: Shape,
        people: Container[str],
        gathered: Gathered,
        stream: IO[str],
        chooser: Chooser,
    ) -> None:
        self._shape = shape
        self._people = people
        self._reader = READERS[shape]
        self._chooser = chooser
        self._gathered = gathered
        self._stream = stream

    def read(self, files: Sequence[Path]) -> None:
        """Read every file.

        Raises:
            DocumentError: each file that cannot be read to its end, or has another shape.
        """
        mistakes: list[Mistake] = []
        for file in files:
            try:
                self._read_file(file)
            except DocumentError as error:
                mistakes += error.mistakes
        if mistakes:
            raise DocumentError(mistakes)

    def _read_file(self, file: Path) -> None:
        is_first = True
        for record in iterate_records(file, self._reader.is_mine):
            if record.value is None:
                expected = "cannot be read as a record; expected one JSON object each"
                self._refuse(record, expected, record.problem)
            elif self._reader.is_mine(record.value):
                for seen in self._reader.read(record.value):
                    self._take(seen, record.place)
                is_first = False
            elif is_first:
                raise fail(file, self._another_shape(record))
            else:
                self._refuse(record, f"are no records of {self._shape}", "")

    def _another_shape(self, record: Record) -> str:
        other = looks_like(record.value or {})
        if other:
            return f"is no export of {self._shape}: it looks like {other}; use --from {other}"
        names = ", ".join(str(name)[:40] for name in list(record.value or {})[:12]) or "no field"
        known = ", ".join(Shape)
        return f"is no export of {self._shape}: its first record has {names}; shapes that hitl reads: {known}"

    def _refuse(self, record: Record, problem: str, word: str) -> None:
        self._gathered.tally.count("refused", problem, record.place)
        self._gathered.tally.refuse("", problem, record.place, word)

    def _take(self, seen: Seen, place: str) -> None:
        if isinstance(seen, Aside):
            self._gathered.tally.count("aside", seen.reason, place)
        elif isinstance(seen, Judgement):
            self._take_judgement(seen, place)
        elif self._chooser.counts(seen.roots):
            self._take_proposal(seen, place)
        else:
            self._gathered.tally.count("aside", "set aside by `only` of the mapping", place)

    def _take_judgement(self, judgement: Judgement, place: str) -> None:
        tally = self._gathered.tally
        if judgement.source in self._people:
            judgement = replace(judgement, source="")
        values = self._chooser.of_judgement(judgement)
        if not values and not judgement.is_of_person:
            tally.count("unread", f"not by a person ({judgement.source})", place)
        elif not values:
            tally.count("unread", f"{NOT_READ}: {judgement.name}"[:120], place)
        elif judgement.target:
            self._gathered.said[judgement.target].append(Said(place, values))
        else:
            self._gathered.said_of_trace[judgement.trace].append(Said(place, values))

    def _take_proposal(self, proposal: Proposal, place: str) -> None:
        values = self._chooser.of_proposal(proposal)
        line = (place, proposal.keys, proposal.trace, proposal.is_marked, values)
        self._stream.write(json.dumps(line) + "\n")
        if proposal.trace:
            name = proposal.keys[0] if proposal.keys else ""
            self._gathered.add(proposal.trace, name, is_marked=proposal.is_marked)
