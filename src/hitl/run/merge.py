"""Several journals of one run, each of one part of the cases, put together."""

from collections.abc import Sequence
from pathlib import Path

from hitl.document.source import is_missing
from hitl.errors import EvidenceError, UsageError
from hitl.run.calls import Call
from hitl.run.journal import Journal, read_header
from hitl.run.journal_line import Header


def merge_journals(target: Journal, sources: Sequence[Path], calls: Sequence[Call]) -> int:
    """Take the replies of other journals in; return how many.

    Raises:
        UsageError: a journal is missing, was begun with other inputs, or holds another answer to the same call.
        EvidenceError: some calls of the run are in none of them; names how many and how to go on.
    """
    owed = {call.key for call in calls}
    taken = 0
    for path in sources:
        if is_missing(path):
            raise UsageError(f"{path}: no such journal; name the journal.jsonl of each part")
        own = target.header
        shard = read_header(path).shard
        with Journal(path, Header(release_id=own.release_id, shard=shard, settings=own.settings, golden_set=own.golden_set)) as part:  # fmt: skip
            taken += _take(target, part, owed)
    missing = len(owed - target.places.keys())
    if missing:
        raise EvidenceError(
            f"{missing} of {len(owed)} calls are in none of the journals; run the missing parts and merge again, "
            "or run without --merge to have them made here"
        )
    return taken


def _take(target: Journal, part: Journal, owed: set[str]) -> int:
    taken = 0
    for key, place in part.places.items():
        if key not in owed:
            raise UsageError(f"{part.path}: its reply to case {place.case_id} belongs to other inputs; run that part again")  # fmt: skip
        reply = part.reply(key)
        if key not in target.places:
            target.keep(key, place.lane, reply, 0.0)
            taken += 1
        elif target.reply(key) != reply:
            raise UsageError(
                f"{part.path}: holds another answer of the {place.lane} arm to case {place.case_id} than was merged before; "
                "leave one of the two journals out: choosing between answers is no measurement"
            )
    for probe in part.probes:
        if probe not in target.probes:
            target.keep_probe(probe)
    if taken:
        target.keep_ceiling(target.spent + part.spent)
    return taken
