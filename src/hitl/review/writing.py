"""A packed review as files."""

import json
from pathlib import Path

from hitl.document.schema import Document
from hitl.document.write import write_atomic
from hitl.errors import UsageError
from hitl.review.folder import (
    BALLOTS,
    DECISIONS,
    INVITATIONS,
    PACKETS,
    PLAN,
    RATINGS,
    SEALED,
    VOTES,
    WITHDRAWALS,
    packet_file,
)
from hitl.review.packed import Packed

_PRIVATE = 0o600
_BY_PEOPLE = (BALLOTS, WITHDRAWALS)
_ELSEWHERE = "choose another folder with --out, or move this one away"


def write_review(folder: Path, packed: Packed, *, with_invitations: bool) -> None:
    """Write a review into a folder, in the place of one that nobody has voted in.

    The plan goes first from the old review and comes last into the new one: whoever reads meanwhile, or after a crash,
    finds no review and never a mixture.

    Args:
        folder: made if need be.
        packed: what to write.
        with_invitations: whether tokens are written too, for the lead's eyes only; not needed where the secret is kept
            elsewhere.

    Raises:
        UsageError: the folder holds votes, or files that are no part of a review, or cannot be written.
    """
    _check_free(folder)
    try:
        _clear(folder)
    except OSError as error:
        raise UsageError(f"{folder}: the review that is there cannot be replaced ({error.strerror}); {_ELSEWHERE}") from error  # fmt: skip
    write_atomic(folder / SEALED, packed.sealed)
    for reviewer, packet in sorted(packed.packets.items()):
        write_atomic(packet_file(folder, reviewer), own_bytes(packet))
    if with_invitations:
        write_atomic(folder / INVITATIONS, own_bytes(packed.invitations), mode=_PRIVATE)
    write_atomic(folder / PLAN, own_bytes(packed.plan))


def own_bytes(document: Document) -> bytes:
    """Return a document as JSON in ASCII: the same document, the same bytes, none of which a terminal obeys."""
    return json.dumps(document.model_dump(mode="json"), indent=1, allow_nan=False).encode() + b"\n"


def _check_free(folder: Path) -> None:
    try:
        found = sorted(path.name for path in folder.iterdir())
        held = [name for name in found if _holds_votes(folder / name)]
    except FileNotFoundError:
        return
    except OSError as error:
        raise UsageError(f"{folder}: cannot be read ({error.strerror}); {_ELSEWHERE}") from error
    if held:
        raise UsageError(f"{folder}: people have voted in the review that is there ({', '.join(held)}), and it is not overwritten; {_ELSEWHERE}")  # fmt: skip
    if strange := [name for name in found if name not in (PLAN, SEALED, INVITATIONS, PACKETS, *_BY_PEOPLE)]:  # fmt: skip
        raise UsageError(f"{folder}: holds files that are no part of a review ({', '.join(strange[:5])}); {_ELSEWHERE}")  # fmt: skip
    if (folder / PACKETS).is_symlink():
        raise UsageError(f"{folder / PACKETS}: is a link; expected a folder: {_ELSEWHERE}")


def _holds_votes(path: Path) -> bool:
    """Whether something is there only because people voted or left; a link may lead to their votes."""
    if path.name in _BY_PEOPLE:
        return path.is_symlink() or not path.is_dir() or any(path.iterdir())
    return path.name.startswith(VOTES) or path.name in (RATINGS, DECISIONS)


def _clear(folder: Path) -> None:
    for name in (PLAN, SEALED, INVITATIONS):
        (folder / name).unlink(missing_ok=True)
    packets = folder / PACKETS
    if packets.is_dir():
        for path in [*packets.glob("*.json"), *packets.glob("*.html")]:
            path.unlink()
