"""Ballots in the folder: those that the page signs, and those that came from packets without a server."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from hitl.digest import canonical
from hitl.document.write import write_atomic
from hitl.review.ballot import ballot_problems
from hitl.review.folder import DECISIONS, RATINGS, ballot_file, withdrawal_file
from hitl.review.parts import Packet, ReviewPlan
from hitl.review.votes import Ballot
from hitl.web.store.database import Store
from hitl.web.store.notes import locks

_FREE_SPACE = "make room or give the folder back its rights, then lock again"


class BallotBox:
    """The folder `ballots`; a ballot that is there makes its reviewer's votes final."""

    def __init__(self, folder: Path, plan: ReviewPlan, packets: Mapping[str, Packet]) -> None:
        self._folder = folder
        self._plan = plan
        self._packets = packets
        self._read: dict[str, tuple[tuple[int, int], Ballot | None]] = {}

    def has(self, reviewer: str) -> bool:
        """Return whether a reviewer's ballot is there, sound or not."""
        return _is_there(self._path(reviewer))

    def is_opened(self) -> bool:
        """Return whether the review was merged, which opens the key: a vote from then on could be no blind one."""
        return any(_is_there(self._folder / name) for name in (RATINGS, DECISIONS))

    def is_released(self, reviewer: str) -> bool:
        """Return whether a reviewer was left out, and their part of the key released."""
        return _is_there(withdrawal_file(self._folder, reviewer))

    def put(self, ballot: Ballot) -> None:
        """Write a ballot.

        Raises:
            UsageError: it cannot be written.
        """
        content = canonical(ballot.model_dump(mode="json")) + b"\n"
        write_atomic(self._path(ballot.reviewer), content, _FREE_SPACE)

    def ballots(self) -> Mapping[str, Ballot]:
        """Return the sound ballots that are there, by reviewer.

        What a forged or damaged one says is shown to nobody; merging names its faults.
        """
        found = {ref.reviewer: self._ballot(ref.reviewer) for ref in self._plan.packets}
        return {reviewer: ballot for reviewer, ballot in found.items() if ballot is not None}

    def _ballot(self, reviewer: str) -> Ballot | None:
        path = self._path(reviewer)
        try:
            seen = path.stat()
            state = (seen.st_mtime_ns, seen.st_size)
            known = self._read.get(reviewer)
            if known is not None and known[0] == state:
                return known[1]
            content = path.read_bytes()
        except OSError:
            return None
        ballot = self._sound(reviewer, content)
        self._read[reviewer] = (state, ballot)
        return ballot

    def _sound(self, reviewer: str, content: bytes) -> Ballot | None:
        try:
            ballot = Ballot.model_validate_json(content)
        except ValidationError:
            return None
        problems = ballot_problems(ballot, self._packets[reviewer], self._plan)
        return None if problems or ballot.reviewer != reviewer else ballot

    def _path(self, reviewer: str) -> Path:
        return ballot_file(self._folder, reviewer)


def _is_there(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def settle_ballots(store: Store, box: BallotBox) -> None:
    """Write the ballots that were locked before the server stopped and are not in the folder."""
    with store.reading() as connection:
        kept = locks(connection)
    for reviewer, ballot in kept.items():
        if not box.has(reviewer):
            box.put(Ballot.model_validate_json(ballot))
