"""An export of another tool becomes a decision log of hitl, whole or not at all."""

import json
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from hitl.decisions.exchange import agent_inbox
from hitl.decisions.exchange.choose import Chooser
from hitl.decisions.exchange.convert import Reading, reading_of
from hitl.decisions.exchange.gather import Gathered, Gatherer
from hitl.decisions.exchange.join import Joiner
from hitl.decisions.exchange.records import find_files
from hitl.decisions.exchange.reviewers import Pseudonyms
from hitl.decisions.exchange.rows import write_rows
from hitl.decisions.exchange.shape import Shape
from hitl.decisions.exchange.tally import Group, Refused, Tally
from hitl.decisions.mapping import LogColumns
from hitl.decisions.schema import COLUMNS
from hitl.errors import DocumentError, Mistake

_WORDS: Mapping[Shape, Mapping[str, Mapping[str, str]]] = {
    Shape.AGENT_INBOX: {"human_action": agent_inbox.WORDS}
}
"""Words of a shape that leave no doubt, by column."""


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """How an export is read."""

    shape: Shape
    at: datetime
    """Now, with its zone: later times are faults."""
    mapping: LogColumns = field(default_factory=LogColumns)
    mapping_name: str = "mapping"
    """What messages call the mapping."""
    people: frozenset[str] = frozenset()
    """Sources of judgements that are people though the tool does not know it, such as `API`."""
    pseudonyms: Pseudonyms | None = None
    """Reviewers keep their ids if None."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of every record of an export."""

    files: tuple[str, ...]
    rows: int
    """Decisions without a fault; they are written if nothing is refused."""
    faulty: int
    """Decisions with a fault."""
    unreadable: int
    """Records that are none."""
    joined: int
    """Judgements that belong to a decision of these files."""
    strays: tuple[Group, ...]
    """Judgements that name no decision of these files."""
    unread: tuple[Group, ...]
    """Judgements that fill no column, by reason."""
    asides: tuple[Group, ...]
    """Records that are no decisions, by reason."""
    refusals: tuple[Refused, ...]
    filled: tuple[tuple[str, int], ...]
    """Columns that any row has, with the number of rows."""

    @property
    def records(self) -> int:
        """Every span, run, score and answer that was seen."""
        told = (*self.strays, *self.unread, *self.asides)
        return self.rows + self.faulty + self.unreadable + self.joined + sum(one.n for one in told)

    @property
    def is_written(self) -> bool:
        """Whether the log was written: nothing was refused."""
        return not self.refusals


def import_log(files: Sequence[str], plan: ImportPlan, out: Path) -> Imported:
    """Read exports and write one log; with any refusal nothing is written.

    Args:
        files: files and patterns; decisions and what people said of them may stand in different ones.
        plan: the shape and how it is read.
        out: the log; its name says the form.

    Raises:
        DocumentError: a file that cannot be read or has another shape, a mapping that names what no record
            has, or no decision at all.
        UsageError: the log cannot be written.
    """
    paths = find_files(files)
    reading = reading_of(plan.mapping, plan.at, _WORDS.get(plan.shape, {}))
    with tempfile.TemporaryDirectory(prefix="hitl-import-") as name:
        scratch = Path(name)
        gathered = _gathered(paths, plan, scratch / "found.jsonl")
        filled, lines = _joined(gathered, reading, plan.pseudonyms, scratch / "rows.jsonl")
        imported = _report(paths, gathered.tally, filled)
        if not imported.rows and not imported.refusals:
            raise _nothing(imported, plan.shape)
        if imported.is_written:
            write_rows(lines, out, [name for name, _ in imported.filled])
    return imported


def _gathered(paths: Sequence[Path], plan: ImportPlan, scratch: Path) -> Gathered:
    gathered = Gathered(scratch, Tally())
    chooser = Chooser(plan.mapping)
    with scratch.open("w", encoding="ascii") as stream:
        Gatherer(plan.shape, plan.people, gathered, stream, chooser).read(paths)
    if scratch.stat().st_size:
        chooser.check(plan.mapping_name)
    return gathered


def _joined(
    gathered: Gathered, reading: Reading, pseudonyms: Pseudonyms | None, lines: Path
) -> tuple[Counter[str], Path]:
    filled: Counter[str] = Counter()
    with lines.open("w", encoding="utf-8") as stream:
        for place, row in Joiner(gathered, reading).rows():
            if pseudonyms and "reviewer_id" in row:
                row["reviewer_id"] = pseudonyms.of("reviewer", str(row["reviewer_id"]))
            filled.update(row.keys())
            gathered.tally.count("row", "row", place)
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")
    return filled, lines


def _report(paths: Sequence[Path], tally: Tally, filled: Counter[str]) -> Imported:
    return Imported(
        files=tuple(map(str, paths)),
        rows=tally.total("row"),
        faulty=tally.total("faulty"),
        unreadable=tally.total("refused"),
        joined=tally.total("joined"),
        strays=tally.groups("stray"),
        unread=tally.groups("unread"),
        asides=tally.groups("aside"),
        refusals=tally.refusals(),
        filled=tuple((column.name, filled[column.name]) for column in COLUMNS if filled[column.name]),
    )  # fmt: skip


def _nothing(imported: Imported, shape: Shape) -> DocumentError:
    told = ", ".join(f"{group.n:,} {group.name}" for group in imported.asides[:5]) or "no record"
    judged = imported.joined + sum(group.n for group in (*imported.strays, *imported.unread))
    scores = f", {judged:,} judgements" if judged else ""
    problem = f"hold no decision: no call of a model in this export of {shape} ({told}{scores})"
    return DocumentError([Mistake(", ".join(imported.files[:3]), 0, "", problem)])
