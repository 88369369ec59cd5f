"""Several journals of one run, each of one part of the cases, put together."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from hitl.document.source import is_missing
from hitl.errors import EvidenceError, UsageError
from hitl.run.journal.file import Journal, read_header
from hitl.run.journal.line import Header
from hitl.run.lane import Call
from hitl.run.pair import refuse_misplaced


def merge_journals(target: Journal, sources: Sequence[Path], calls: Sequence[Call]) -> int:
    """Take the replies of other journals in; return how many.

    Raises:
        UsageError: a journal is missing, was begun with other inputs, or holds another answer to the same call.
        EvidenceError: some calls of the run are in none of them; names how many and how to go on.
    """
    owed = {call.key: call for call in calls}
    taken, unseen = 0, target.spent - target.charged
    for path in sources:
        if is_missing(path):
            raise UsageError(f"{path}: no such journal; name the journal.jsonl of each part")
        own = target.header
        shard = read_header(path).shard
        with Journal(path, Header(release_id=own.release_id, shard=shard, settings=own.settings, golden_set=own.golden_set)) as part:  # fmt: skip
            n = _take(target, part, owed)
            taken += n
            unseen += part.spent - part.charged_for_kept if n else 0.0
    if taken and unseen > 0:  # of calls that a crash cut off: they may have cost, and have no reply
        target.keep_ceiling(target.charged + unseen)
    missing = len(owed.keys() - target.places.keys())
    if missing:
        raise EvidenceError(
            f"{missing} of {len(owed)} calls are in none of the journals; run the missing parts and merge again, "
            "or run without --merge to have them made here"
        )
    return taken


def _take(target: Journal, part: Journal, owed: Mapping[str, Call]) -> int:
    refuse_misplaced(part, owed)
    taken = sum(_take_reply(target, part, key, owed) for key in list(part.places))
    for probe in part.probes:
        if probe not in target.probes:
            target.keep_probe(probe)
    if part.header.golden_set not in (target.wanted.golden_set, target.header.golden_set):
        target.keep_golden_set(part.header.golden_set)
    return taken


def _take_reply(target: Journal, part: Journal, key: str, owed: Mapping[str, Call]) -> bool:
    """Take one reply in, unless it is there; an answer takes the place of a failed call, never of another answer."""
    place, known = part.places[key], target.places.get(key)
    if key not in owed:
        raise UsageError(f"{part.path}: its reply to case {place.case_id} belongs to other inputs; run that part again")  # fmt: skip
    if known is None or (known.is_error and not place.is_error):
        target.keep(key, place.lane, part.reply(key), place.charged)
        return True
    if not place.is_error and target.reply(key) != part.reply(key):
        raise UsageError(
            f"{part.path}: holds another answer of the {place.lane} arm to case {place.case_id} than was merged before; "
            "leave one of the two journals out: choosing between answers is no measurement"
        )
    return False
