"""Write the review of the first candidate that lies beside its manifest: packets, sealed key, ballots. Synthetic throughout.

    python golden_sets/incident-triage/build_review.py [FOLDER]

Without FOLDER `manifests/incident-triage/review` is replaced. Nobody voted: the votes below follow a rule on what is
shown, with a few slips. The secret is published here, so this review hides nothing; yours must not be.
"""

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

os.environ["HITL_REVIEW_SECRET"] = "published with the example, good for nothing else"
os.environ["SOURCE_DATE_EPOCH"] = str(int(datetime(2026, 5, 19, 9, 0, tzinfo=UTC).timestamp()))

from hitl.cli.review_pack import PackAsk, pack  # the secret must stand before
from hitl.document.write import write_atomic
from hitl.golden.case import Severity
from hitl.review.ballot import signed_ballot
from hitl.review.folder import ballot_file
from hitl.review.packed import Packed
from hitl.review.parts import Invitation, Packet, PacketItem, Side
from hitl.review.votes import SideMark, Vote
from hitl.review.words import (
    Action,
    Assignment,
    Choice,
    ConsensusMethod,
    ErrorCategory,
    Mode,
    Role,
    SideName,
)
from hitl.review.writing import own_bytes

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RELEASE = ROOT / "manifests/incident-triage/release.yaml"
KNOWN = RELEASE.with_name("qualification.jsonl")
SLIPS = {"ann": 13, "bo": 9, "cy": 7}
"""One look in so many goes otherwise than the rule says, but for items with a known answer."""

README = """\
# A finished review (synthetic)

What `hitl review pack` wrote for `../release.yaml`, with the locked ballots of three raters and an adjudicator. **Nobody
voted**: `golden_sets/incident-triage/build_review.py` made the votes by a rule, with a secret that is published in it. It
shows the files and what `hitl review merge` does with them, and says nothing about any model.
"""


def build(folder: Path) -> None:
    """Write the review anew; the same sources give the same bytes."""
    with tempfile.TemporaryDirectory() as name:
        packed = pack(_ask(Path(name) / "review")).packed
        vote(packed, Path(name) / "review")
        write_atomic(Path(name) / "review" / "README.md", README.encode())
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(Path(name) / "review", folder)


def _ask(out: Path) -> PackAsk:
    return PackAsk(
        release=RELEASE,
        out=out,
        reports=Path("reports"),
        reviewers=",".join(SLIPS),
        adjudicator="dora",
        mode=Mode.PAIR,
        raters=len(SLIPS),
        assignment=Assignment.FIXED,
        items=20,
        minutes=None,
        seconds_per_item=60.0,
        consensus=ConsensusMethod.MAJORITY,
        least_agreement=0.4,
        qualification=KNOWN,
        offline=False,
        title="Triage of incidents",
    )


def vote(packed: Packed, folder: Path) -> None:
    """Cast, sign and lock everybody's votes; the adjudicator's on what raters see otherwise."""
    begun = datetime(2026, 5, 19, 10, 0, tzinfo=UTC)
    said: dict[str, set[str]] = {}
    people = sorted(packed.invitations.invitations, key=lambda one: one.role is Role.ADJUDICATOR)
    for one in people:
        packet = packed.packets[one.reviewer]
        votes = tuple(_votes(one, packet, begun))
        if one.role is Role.RATER:
            for cast in votes:
                said.setdefault(cast.item_id, set()).update(_views(packet, cast))
        else:
            votes = tuple(cast for cast in votes if _is_split(said.get(cast.item_id, set())))
        ballot = signed_ballot(packet, votes, one.token, "2026-05-20T16:00:00Z")
        write_atomic(ballot_file(folder, one.reviewer), own_bytes(ballot))


def _votes(one: Invitation, packet: Packet, at: datetime) -> Iterator[Vote]:
    for item in packet.items:
        chance = _chance(one.name, item.item_id)
        seconds = 18.0 + chance % 700 / 10
        at += timedelta(seconds=seconds)
        marks = tuple(_mark(one.name, item, side) for side in item.sides)
        yield Vote(
            item_id=item.item_id,
            marks=marks,
            preference=_preference(item, marks) if len(marks) == 2 else None,
            reason="",
            decided_at=at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            seconds=seconds,
        )


def _mark(name: str, item: PacketItem, side: Side) -> SideMark:
    action, category, severity = _opinion(side.text)
    often = None if item.input in known_inputs() else SLIPS.get(name)
    if often and _chance(name, item.item_id, side.text) % often == 0:
        slips = (Action.MODIFY, ErrorCategory.INCOMPLETE, None)
        action, category, severity = (
            slips if action is Action.APPROVE else (Action.APPROVE, None, None)
        )
    return SideMark(side=side.side, action=action, category=category, severity=severity)


@cache
def known_inputs() -> frozenset[str]:
    """Return what the items with a known answer ask."""
    return frozenset(json.loads(line)["input"] for line in KNOWN.read_text().splitlines())


def _opinion(text: str) -> tuple[Action, ErrorCategory | None, Severity | None]:
    """Return what the rule says of an output."""
    if "Restart the affected pods" in text:
        return Action.REJECT, ErrorCategory.UNSAFE, Severity.HIGH
    if '"evidence": "thin"' in text and '"confidence": 0.8' in text:
        return Action.REJECT, ErrorCategory.UNSUPPORTED, Severity.HIGH
    if "more data needed" in text:
        return Action.MODIFY, ErrorCategory.INCOMPLETE, Severity.MEDIUM
    if text.startswith("```"):
        return Action.MODIFY, ErrorCategory.FORMAT, Severity.LOW
    return Action.APPROVE, None, None


def _preference(item: PacketItem, marks: tuple[SideMark, ...]) -> Choice:
    """Return the output that is marked better, else the one that is shorter by a sentence, else a tie."""
    order = [Action.APPROVE, Action.MODIFY, Action.ESCALATE, Action.REJECT]
    first, second = (order.index(mark.action) for mark in marks)
    if first != second:
        return Choice.A if first < second else Choice.B
    longer = len(item.sides[0].text) - len(item.sides[1].text)
    if abs(longer) < 100:
        return Choice.TIE
    return Choice.B if longer > 0 else Choice.A


def _views(packet: Packet, cast: Vote) -> set[str]:
    """Return what a vote says of each output, whichever side it stood on."""
    item = next(item for item in packet.items if item.item_id == cast.item_id)
    texts = {side.side: side.text for side in item.sides}
    better = texts[SideName(cast.preference)] if cast.preference in ("A", "B") else "tie"
    marks = {json.dumps([texts[mark.side], mark.action]) for mark in cast.marks}
    return marks | {json.dumps(["better", better])}


def _is_split(views: set[str]) -> bool:
    """Say whether raters see an output otherwise."""
    seen = [json.loads(view)[0] for view in views]
    return len(seen) != len(set(seen))


def _chance(*words: str) -> int:
    return int.from_bytes(hashlib.sha256("\0".join(words).encode()).digest()[:6], "big")


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "manifests/incident-triage/review")
