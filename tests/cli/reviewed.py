"""A release whose replies people approve or not: packed, voted on by what is read on each side, locked, gated.

Each reply says its case and its arm, so that those who vote here know what no reviewer would.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hitl.golden.case import Case
from hitl.review.ballot import signed_ballot
from hitl.review.candidate import Candidate, Output, ReleaseNames, case_digest, reply_digest
from hitl.review.choosing import Chosen
from hitl.review.folder import ballot_file
from hitl.review.packed import Packed, Person
from hitl.review.packing import pack_review
from hitl.review.parts import PacketItem, Rules, Side
from hitl.review.qualification import KnownItem
from hitl.review.votes import SideMark, Vote
from hitl.review.words import (
    Action,
    Blindness,
    Choice,
    ErrorCategory,
    Mode,
    Role,
    Scope,
)
from hitl.review.writing import own_bytes, write_review
from hitl.run.arm import Arm
from hitl.run.reply import Reply
from tests.cli.workspace import Row, Workspace
from tests.review.by_hand import BEFORE, LOCKED, RULES, SECRET
from tests.review.releases import AT

PEOPLE = ("alice", "bob", "carol")
Opinion = Callable[[str, str, str], str]
"""Action of a reviewer on the reply to a case by an arm: (name, case id, arm)."""


def approve(name: str, case: str, arm: str) -> str:
    """Approve everything."""
    return "approve"


def said_of(arm: str, number: int, repeat: int = 0) -> str:
    """Return the text of a reply."""
    return f"{arm} says {number} for the {repeat + 1}. time"


class Reviewed:
    """A workspace with one subset that people approve."""

    def __init__(self, root: Path, n: int = 80) -> None:
        self.workspace = Workspace(root)
        self.folder = root / "reviews" / "upgrade"
        release = self.workspace
        release.cases["core"] = [
            {"id": f"c{number:03}", "input": f"question {number}", "expect": [{"review": "approve"}]}
            for number in range(n)
        ]  # fmt: skip
        release.previous = [_row("previous", number) for number in range(n)]
        release.candidate = [_row("candidate", number) for number in range(n)]
        release.manifest["review"] = "reviews/upgrade"

    @property
    def manifest(self) -> Row:
        """The release manifest."""
        return self.workspace.manifest

    def candidates(self, left_out: Iterable[str] = ()) -> list[Candidate]:
        """Return what could be reviewed, with the digests of what stands in the files now."""
        rows: dict[tuple[str, int], dict[Arm, Row]] = {}
        for arm, replies in ((Arm.PREVIOUS, self.workspace.previous), (Arm.CANDIDATE, self.workspace.candidate)):  # fmt: skip
            for row in replies:
                rows.setdefault((row["case_id"], row.get("repeat", 0)), {})[arm] = row
        cases = {row["id"]: Case.model_validate(row, strict=False) for rows in self.workspace.cases.values() for row in rows}  # fmt: skip
        return [
            _candidate(cases[case_id], repeat, found)
            for (case_id, repeat), found in sorted(rows.items())
            if case_id not in set(left_out)
        ]

    def pack(
        self,
        candidates: list[Candidate] | None = None,
        *,
        people: Iterable[str] = PEOPLE,
        names: ReleaseNames | None = None,
        known: Sequence[KnownItem] = (),
        **declared: Any,  # noqa: ANN401  # fields of the rules
    ) -> Packed:
        """Pack and write the review."""
        found = self.candidates() if candidates is None else candidates
        population = Counter(one.subset for one in found)
        chosen = Chosen(tuple((one, 1.0) for one in found), RULES.sample, dict(population))
        persons = [Person(name, Role.RATER) for name in people]
        packed = pack_review(
            chosen, names or self.names(), rules(**declared), persons, SECRET, AT, "Answers", known
        )
        write_review(self.folder, packed, with_invitations=True)
        return packed

    def names(self, **changes: Any) -> ReleaseNames:  # noqa: ANN401  # fields
        """Return what the key says of the release."""
        manifest = self.manifest
        own = ReleaseNames(
            release_id=manifest["release_id"],
            workflow_id=manifest["workflow_id"],
            previous_model=manifest["previous_model"]["id"],
            candidate_model=manifest["candidate_model"]["id"],
            names=frozenset(),
        )
        return replace(own, **changes)

    def vote(
        self,
        packed: Packed,
        opinion: Opinion = approve,
        *,
        blank: Callable[[str, str], bool] = lambda name, case: False,
        absent: Iterable[str] = (),
        reason: Callable[[str, str], str] = lambda name, case: "",
    ) -> None:
        """Cast, sign and lock everybody's votes but those of who is absent."""
        for one in packed.invitations.invitations:
            if one.name in set(absent):
                continue
            packet = packed.packets[one.reviewer]
            votes = [
                a_vote(one.name, item, packet.mode, opinion, reason)
                for item in packet.items
                if not blank(one.name, case_of(item))
            ]
            ballot = signed_ballot(packet, votes, one.token, LOCKED)
            path = ballot_file(self.folder, one.reviewer)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(own_bytes(ballot))

    def reviewed(self, opinion: Opinion = approve, **options: Any) -> None:  # noqa: ANN401
        """Pack, vote and lock."""
        self.vote(self.pack(), opinion, **options)

    def gate(self) -> tuple[int, Row]:
        """Gate the release; return exit code and record."""
        code = self.workspace.gate()
        return code, self.workspace.record


def rules(**declared: Any) -> Rules:  # noqa: ANN401  # fields of the rules
    """Return the rules of a blind review of three raters an item."""
    blind = RULES.blindness.model_copy(
        update={"label": Blindness.BLIND, "accuracy": 0.51, "low": 0.44, "high": 0.58, "n_pairs": 200, "reason": "nothing told the arms apart"}
    )  # fmt: skip
    if declared.get("mode") is Mode.SHADOW:
        blind = blind.model_copy(update={"label": Blindness.OPEN})
    return RULES.model_copy(update={"raters": 3, "blindness": blind} | declared)


def a_vote(
    name: str, item: PacketItem, mode: Mode, opinion: Opinion, reason: Callable[[str, str], str]
) -> Vote:
    """Return a vote by an opinion of arms, cast on the sides that are shown."""
    marks = tuple(_mark(side, opinion(name, case_of(item), arm_of(side))) for side in item.sides)
    is_pair = len(marks) == 2 and mode is not Mode.SINGLE
    good = [mark.side for mark in marks if mark.action is Action.APPROVE]
    choice = Choice(good[0].value) if len(good) == 1 else Choice.TIE
    return Vote(
        item_id=item.item_id,
        marks=marks,
        preference=choice if is_pair else None,
        reason=reason(name, case_of(item)),
        seconds=30.0,
        decided_at=BEFORE,
    )


def arm_of(side: Side) -> str:
    """Return whose output a side shows; of both arms, where it is the same, the text begins with neither."""
    return side.text.split(" ")[0]


def case_of(item: PacketItem) -> str:
    """Return the case that an item shows."""
    return f"c{int(item.input.removeprefix('question ').split()[0]):03}"


def _mark(side: Side, action: str) -> SideMark:
    needs = action in ("modify", "reject")
    return SideMark(
        side=side.side,
        action=Action(action),
        category=ErrorCategory.WRONG if needs else None,
    )


def _row(arm: str, number: int, repeat: int = 0) -> Row:
    return {"case_id": f"c{number:03}", "repeat": repeat, "text": said_of(arm, number, repeat), "latency_ms": 100.0}  # fmt: skip


def _candidate(case: Case, repeat: int, rows: dict[Arm, Row]) -> Candidate:
    outputs = []
    for arm, row in sorted(rows.items(), key=lambda pair: pair[0] is Arm.CANDIDATE):
        reply = Reply.model_validate(row, strict=False)
        outputs.append(Output(arm, reply.text or "", "", None, None, reply_digest(reply)))
    return Candidate(
        case_id=case.id,
        subset="core",
        cluster=case.id,
        repeat=repeat,
        input=str(case.input),
        context="",
        case_digest=case_digest(case),
        severity=case.severity,
        outputs=tuple(outputs),
        scopes=frozenset({Scope.JUDGED}),
        uncertainty=0.5,
    )
