"""A review's folder: its names, and reading it back with every digest checked."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hitl.digest import digest, digest_bytes
from hitl.document.source import is_missing
from hitl.errors import DocumentError, Mistake
from hitl.review.folder_reading import read_own, read_strict, told
from hitl.review.parts import Invitations, Packet, PacketRef, ReviewPlan, Withdrawal
from hitl.review.votes import Ballot

PLAN = "review.json"
SEALED = "key.sealed"
INVITATIONS = "invitations.json"
PACKETS = "packets"
BALLOTS = "ballots"
WITHDRAWALS = "withdrawals"
VOTES = "votes.sqlite"
RATINGS = "ratings.json"
DECISIONS = "decisions.jsonl"

_AGAIN = "copy the folder again as it was packed, or pack the review anew"


@dataclass(frozen=True, slots=True)
class ReviewFolder:
    """A review as it lies on disk; what was packed fits together, ballots are read and not judged."""

    path: Path
    plan: ReviewPlan
    packets: Mapping[str, Packet]
    """By reviewer."""
    sealed: bytes
    ballots: Mapping[str, Ballot]
    """By reviewer, of those who locked."""
    withdrawals: Mapping[str, Withdrawal] = field(default_factory=dict)
    """By reviewer, of those whose part of the key was released without a ballot."""

    @property
    def released(self) -> Mapping[str, str]:
        """Parts of the key that were released without a ballot, by reviewer."""
        return {name: one.share for name, one in self.withdrawals.items()}


def packet_file(folder: Path, reviewer: str) -> Path:
    """Return where a reviewer's packet lies."""
    return folder / PACKETS / f"{reviewer}.json"


def offline_file(folder: Path, reviewer: str) -> Path:
    """Return where a reviewer's packet lies as a page that needs no server."""
    return folder / PACKETS / f"{reviewer}.html"


def ballot_file(folder: Path, reviewer: str) -> Path:
    """Return where a reviewer's ballot lies."""
    return folder / BALLOTS / f"{reviewer}.json"


def withdrawal_file(folder: Path, reviewer: str) -> Path:
    """Return where it lies that a reviewer was left out."""
    return folder / WITHDRAWALS / f"{reviewer}.json"


def load_review(folder: Path) -> ReviewFolder:
    """Read a review, and hold everything that was packed against what it commits to.

    Raises:
        DocumentError: every fault at once: a file that is missing, a link, edited, of another review, or in another's
            place.
    """
    plan = read_own(folder / PLAN, ReviewPlan)
    mistakes = list(_plan_mistakes(plan, folder / PLAN))
    sealed = told(mistakes, read_strict, folder / SEALED)
    if sealed is not None and digest_bytes(sealed) != plan.key_digest:
        problem = f"is not the key that {PLAN} commits to: its SHA-256 is {digest_bytes(sealed)}, expected {plan.key_digest}; {_AGAIN}"
        mistakes.append(Mistake(str(folder / SEALED), 0, "", problem))
    packets = _packets(folder, plan, mistakes)
    ballots = told(mistakes, load_ballots, folder) or {}
    withdrawals = _withdrawals(folder, plan, ballots, mistakes)
    if mistakes or sealed is None:
        raise DocumentError(mistakes)
    return ReviewFolder(folder, plan, packets, sealed, ballots, withdrawals)


def load_ballots(folder: Path) -> Mapping[str, Ballot]:
    """Return the ballots that lie in a review's folder, by reviewer; they are read here and judged by the merge.

    Raises:
        DocumentError: every file that is no ballot, lies under another's name, or is a second one of a reviewer.
    """
    mistakes: list[Mistake] = []
    ballots: dict[str, Ballot] = {}
    paths = _documents(folder / BALLOTS, mistakes)
    for path in paths:
        ballot = told(mistakes, read_own, path, Ballot)
        if ballot is None:
            continue
        if path.stem == ballot.reviewer:
            ballots[ballot.reviewer] = ballot
        else:
            mistakes.append(Mistake(str(path), 0, "reviewer", _misnamed(folder, ballot, paths)))
    if mistakes:
        raise DocumentError(mistakes)
    return ballots


def load_invitations(folder: Path) -> Invitations | None:
    """Return the invitations that still lie in a review's folder; None once they are deleted, as they should be.

    Raises:
        DocumentError: the file cannot be used.
    """
    path = folder / INVITATIONS
    return None if is_missing(path) and not path.is_symlink() else read_own(path, Invitations)


def _withdrawals(
    folder: Path, plan: ReviewPlan, ballots: Collection[str], mistakes: list[Mistake]
) -> Mapping[str, Withdrawal]:
    known = {ref.reviewer for ref in plan.packets}
    found = {}
    for path in _documents(folder / WITHDRAWALS, mistakes):
        one = told(mistakes, read_own, path, Withdrawal)
        if one is None:
            continue
        if one.review_id != plan.review_id or one.reviewer not in known or path.stem != one.reviewer:  # fmt: skip
            problem = f"is of another review or reviewer than {PLAN} and its name say; move it out of the folder"
            mistakes.append(Mistake(str(path), 0, "reviewer", problem))
        elif one.reviewer in ballots:
            problem = "this reviewer has a ballot too, and nobody can say that it was given before the key could open; keep one of the two"
            mistakes.append(Mistake(str(path), 0, "reviewer", problem))
        found[one.reviewer] = one
    return found


def _misnamed(folder: Path, ballot: Ballot, beside: Collection[Path]) -> str:
    own = ballot_file(folder, ballot.reviewer)
    if own in beside:
        return f"is a second ballot of {ballot.reviewer}, whose ballot is {own.name}; keep the one that the reviewer confirms"
    return f"is the ballot of {ballot.reviewer}; expected in {own.name}: rename it"


def _documents(folder: Path, mistakes: list[Mistake]) -> list[Path]:
    """Return the JSON files of a folder inside a review, in the order of their names."""
    try:
        if folder.is_symlink():
            mistakes.append(Mistake(str(folder), 0, "", f"is a link; expected a folder: {_AGAIN}"))
            return []
        return sorted(path for path in folder.iterdir() if path.suffix == ".json" and not path.name.startswith("."))  # fmt: skip
    except FileNotFoundError:
        return []
    except OSError as error:
        mistakes.append(Mistake(str(folder), 0, "", f"cannot be read ({error.strerror}); check its permissions"))  # fmt: skip
        return []


def _packets(folder: Path, plan: ReviewPlan, mistakes: list[Mistake]) -> dict[str, Packet]:
    rules_digest = digest(plan.rules.model_dump(mode="json"))
    expected = {packet_file(folder, ref.reviewer): ref for ref in plan.packets}
    for stray in _documents(folder / PACKETS, mistakes):
        if stray not in expected:
            problem = f"is the packet of nobody in {PLAN}; move it out of the folder"
            mistakes.append(Mistake(str(stray), 0, "", problem))
    packets = {}
    for path, ref in expected.items():
        packet = told(mistakes, read_own, path, Packet)
        if packet is None:
            continue
        packets[ref.reviewer] = packet
        faults = _packet_faults(packet, ref, plan, rules_digest)
        mistakes.extend(Mistake(str(path), 0, name, problem) for name, problem in faults)
    return packets


def _packet_faults(
    packet: Packet, ref: PacketRef, plan: ReviewPlan, rules_digest: str
) -> Iterator[tuple[str, str]]:
    held: tuple[tuple[str, str, str], ...] = (
        ("review_id", packet.review_id, plan.review_id),
        ("reviewer", packet.reviewer, ref.reviewer),
        ("role", packet.role, ref.role),
        ("mode", packet.mode, plan.rules.mode),
        ("title", packet.title, plan.title),
        ("rules_digest", packet.rules_digest, rules_digest),
        ("key_digest", packet.key_digest, plan.key_digest),
    )
    for name, found, wanted in held:
        if found != wanted:
            yield name, f"found {_short(found)}; {PLAN} has {_short(wanted)}: one of the two was edited or is of another review; {_AGAIN}"  # fmt: skip
    if len(packet.items) != ref.n_items:
        yield "items", f"holds {len(packet.items)} items; {PLAN} has {ref.n_items}: {_AGAIN}"
    if len({item.item_id for item in packet.items}) < len(packet.items):
        yield "items", f"holds an item twice: {_AGAIN}"
    if digest(packet.model_dump(mode="json")) != ref.packet_digest:
        yield "", f"is not the packet that {PLAN} commits to: it was edited; {_AGAIN}"


def _plan_mistakes(plan: ReviewPlan, path: Path) -> Iterator[Mistake]:
    reviewers = [ref.reviewer for ref in plan.packets]
    if len(set(reviewers)) < len(reviewers):
        yield Mistake(str(path), 0, "packets", f"names a reviewer twice: {_AGAIN}")
    # Two reviewers with one token are one person whose votes would count twice.
    if min(len({ref.public_key for ref in plan.packets}), len({ref.token_digest for ref in plan.packets})) < len(set(reviewers)):  # fmt: skip
        yield Mistake(str(path), 0, "packets", f"gives two reviewers the same token: {_AGAIN}")


def _short(word: str) -> str:
    return word if len(word) <= 16 else f"{word[:16]}..."
