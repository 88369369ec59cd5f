"""Reviews on the command line: packed from the files of a release, voted on with the tokens that were handed out."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from hitl.cli.door import main
from hitl.review.ballot import signed_ballot
from hitl.review.folder import ballot_file, load_invitations, load_review
from hitl.review.parts import Packet
from hitl.review.votes import Ballot
from hitl.review.words import Role
from hitl.review.writing import own_bytes
from tests.cli.reviewed import Opinion, a_vote, approve
from tests.cli.workspace import Row, Workspace

SECRET = "a secret of the tests, with enough characters"
EPOCH = "1781600000"
BEFORE = "2026-06-16T11:00:00Z"
LOCKED = "2026-06-16T12:00:00Z"


class Lead:
    """Who packs, hands out and merges; and the reviewers, who do as they are told here."""

    def __init__(self, release: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
        self.release, self.folder = release, release.root / "reviews" / "upgrade"
        self._capsys = capsys

    def say(self, *words: object) -> tuple[int, str, str]:
        """Run a command; return its code, stdout and stderr."""
        self._capsys.readouterr()
        code = main([str(word) for word in words])
        said = self._capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    def pack(self, *options: object) -> tuple[int, str, str]:
        return self.say("review", "pack", self.release.write(), "--out", self.folder, *options)

    def packed(self, *options: object) -> str:
        code, out, err = self.pack(*options)
        assert code == 0, err
        return out

    def merge(self, *options: object) -> tuple[int, str, str]:
        return self.say("review", "merge", self.folder, *options)

    @property
    def tokens(self) -> dict[str, str]:
        """Tokens by name, of the invitations."""
        found = load_invitations(self.folder)
        assert found
        return {one.name: one.token for one in found.invitations}

    @property
    def hashes(self) -> dict[str, str]:
        found = load_invitations(self.folder)
        assert found
        return {one.name: one.reviewer for one in found.invitations}

    def vote(
        self,
        opinion: Opinion = approve,
        *,
        names: Iterable[str] | None = None,
        blank: Callable[[str], bool] = lambda case: False,
        reason: Callable[[str, str], str] = lambda name, case: "",
    ) -> None:
        """Lock the ballots of some reviewers, or of all raters."""
        review, hashes = load_review(self.folder), self.hashes
        raters = {ref.reviewer for ref in review.plan.packets if ref.role is Role.RATER}
        for name in names if names is not None else hashes:
            if names is None and hashes[name] not in raters:
                continue
            packet = review.packets[hashes[name]]
            self.cast(name, packet, opinion, blank, reason)

    def cast(
        self,
        name: str,
        packet: Packet,
        opinion: Opinion,
        blank: Callable[[str], bool],
        reason: Callable[[str, str], str],
    ) -> None:
        votes = [
            a_vote(name, item, packet.mode, opinion, reason).model_copy(update={"decided_at": BEFORE})
            for item in packet.items
            if not blank(item.input)
        ]  # fmt: skip
        self.put(signed_ballot(packet, votes, self.tokens[name], LOCKED))

    def put(self, ballot: Ballot, name: str | None = None) -> None:
        path = ballot_file(self.folder, name or ballot.reviewer)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(own_bytes(ballot))

    def files(self) -> dict[str, bytes]:
        """Return every file of the review."""
        return files_of(self.folder)

    def ratings(self) -> Row:
        return json.loads((self.folder / "ratings.json").read_text())  # type: ignore[no-any-return]  # JSON


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def plan_of(folder: Path) -> Any:  # noqa: ANN401  # JSON
    return json.loads((folder / "review.json").read_text())
