"""What `hitl review pack` chooses, packs, writes and says."""

import os
import secrets
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hitl.cli.output import people, print_json, tell
from hitl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hitl.cli.review_gather import Offered
    from hitl.review.choosing import Chosen
    from hitl.review.packed import Packed, Person
    from hitl.review.parts import BlindnessReport, Rules
    from hitl.review.qualification import KnownItem
    from hitl.review.words import Assignment, ConsensusMethod, Mode

SECRET = "HITL_REVIEW_SECRET"
"""Environment variable that sides, order and tokens are drawn from; random if it is not set."""
_LEAST_SECRET = 32
LEAST_AGREEMENT = 0.40
"""Lower limit of agreement below which ratings decide nothing: fair agreement, and no more."""
QUALIFICATION_PASS = 0.70
IDLE_SECONDS = 60.0
USUAL_RATERS = 3
_LONGEST_NAME = 120
_LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class PackAsk:
    """What was asked for."""

    release: Path
    out: Path | None
    reports: Path
    reviewers: str | None
    adjudicator: str | None
    mode: "Mode"
    raters: int | None
    assignment: "Assignment"
    items: int | None
    minutes: float | None
    seconds_per_item: float
    consensus: "ConsensusMethod"
    least_agreement: float
    qualification: Path | None
    offline: bool
    title: str

    def names(self) -> tuple[str, ...]:
        """Return the raters; three without a name if nobody is named."""
        if self.reviewers is None:
            return tuple(f"reviewer-{number}" for number in range(1, USUAL_RATERS + 1))
        return tuple(name.strip() for name in self.reviewers.split(",") if name.strip())

    def check(self) -> None:
        """Refuse people without a name that can be shown, and a title that cannot be.

        Raises:
            UsageError: every name or title that is empty, too long or cannot be printed.
        """
        if problems := list(self._problems()):
            raise UsageError("\n".join(problems))

    def _problems(self) -> "Iterator[str]":
        if not self.names():
            yield "--reviewers names nobody; expected names separated by commas, such as ann,bo,cy"
        for name in (*self.names(), self.adjudicator or ""):
            if len(name) > _LONGEST_NAME or not name.isprintable():
                yield f"{name[:40]!r} is no name of a reviewer; expected at most {_LONGEST_NAME} characters that can be printed on one line"
        if not self.title.strip() or len(self.title) > _LONGEST_TITLE or not self.title.isprintable():  # fmt: skip
            yield f"--title {self.title[:40]!r}: expected 1 to {_LONGEST_TITLE} characters that can be printed on one line"

    @property
    def n_raters(self) -> int:
        """Raters of each item."""
        return self.raters if self.raters is not None else min(USUAL_RATERS, len(self.names()))


@dataclass(frozen=True)
class PackedReview:
    """A review that was written."""

    folder: Path
    packed: "Packed"
    has_invitations: bool
    why: dict[str, int]
    """Items by why they are there; an item may have several reasons."""
    warnings: tuple[str, ...]


def pack(ask: PackAsk) -> PackedReview:
    """Gather, mask, scan, choose, pack and write.

    Raises:
        DocumentError: a file of the release or of known answers cannot be used.
        UsageError: people or a budget that cannot work, a secret that is too short, or a folder that holds votes.
        EvidenceError: there is nothing to review.
    """
    from hitl.cli.clock import now, seeded
    from hitl.cli.review_gather import offered
    from hitl.decisions.redaction.redact import Redactor
    from hitl.review.choosing import Budget, choose
    from hitl.review.leaks import scan
    from hitl.review.masking import Masker
    from hitl.review.packing import pack_review
    from hitl.review.shown import show_candidates
    from hitl.review.visible import visible
    from hitl.review.words import Mode
    from hitl.review.writing import write_review

    ask.check()
    at, own_secret = now(), _own_secret()
    found = offered(ask.release, ask.reports, at)
    manifest, policy = found.inputs.manifest, found.inputs.policy
    masker, chance = Masker(found.names.names), seeded(manifest.seed)
    redactor = Redactor(policy.redact if policy else None)
    known = _known(ask, lambda text: masker.mask(redactor.redact(visible(text)).text).text)
    shown = show_candidates(found.candidates, masker, redactor)
    is_open = ask.mode is Mode.SHADOW
    report = scan(shown.candidates, chance("leak scan"), is_open, found.names.names)
    report = report.model_copy(update={"n_masked": shown.n_masked, "n_redacted": shown.n_redacted})
    budget = Budget(ask.items, ask.minutes, ask.seconds_per_item, ask.n_raters)
    chosen = choose(shown.candidates, budget, chance("review sample"), manifest.seed)
    packed = pack_review(
        chosen,
        found.names,
        _rules(ask, chosen, report),
        _people(ask),
        own_secret or secrets.token_bytes(_LEAST_SECRET),
        at,
        masker.mask(ask.title).text,
        known,
    )
    folder = ask.out or Path("reviews") / manifest.release_id
    write_review(folder, packed, with_invitations=own_secret is None)
    if ask.offline:
        _write_offline(folder, packed)
    return PackedReview(
        folder, packed, own_secret is None, _why(chosen), tuple(_warnings(found, chosen))
    )


def show_packed(found: PackedReview, *, as_json: bool) -> None:
    """Print what was packed: for the lead, who hands the tokens out, or for machines, without tokens that are not on disk."""
    packed = found.packed
    for warning in found.warnings:
        tell(f"hitl: {warning}")
    if as_json:
        print_json(
            {
                "folder": str(found.folder),
                "plan": packed.plan.model_dump(mode="json"),
                "why": found.why,
                "invitations": packed.invitations.model_dump(mode="json")
                if found.has_invitations
                else None,
                "warnings": list(found.warnings),
            }
        )
        return
    from hitl.render.review.terminal import print_packed

    print_packed(packed.plan, found.folder, people(), packed.invitations)
    why = ", ".join(f"{n:,} {name}" for name, n in found.why.items())
    tell(f"items by why they are there (several reasons count each): {why}")


def _own_secret() -> bytes | None:
    """Return the secret of the environment; None without one.

    Raises:
        UsageError: it is too short to be one.
    """
    value = os.environ.get(SECRET)
    if value is None or value == "":
        return None
    if len(value.encode()) < _LEAST_SECRET:
        raise UsageError(f"{SECRET} holds {len(value.encode())} bytes; expected {_LEAST_SECRET} or more that nobody can guess, such as the output of `openssl rand -hex 32`; or unset it")  # fmt: skip
    return value.encode()


def _people(ask: PackAsk) -> "tuple[Person, ...]":
    from hitl.review.packed import Person
    from hitl.review.words import Role

    raters = tuple(Person(name, Role.RATER) for name in ask.names())
    return raters + ((Person(ask.adjudicator, Role.ADJUDICATOR),) if ask.adjudicator else ())


def _known(ask: PackAsk, mask: "Callable[[str], str]") -> "tuple[KnownItem, ...]":
    if ask.qualification is None:
        return ()
    from hitl.review.qualification import load_known, masked_known

    return masked_known(load_known(ask.qualification), mask)


def _rules(ask: PackAsk, chosen: "Chosen", report: "BlindnessReport") -> "Rules":
    from hitl.review.parts import Rules

    return Rules(
        mode=ask.mode,
        raters=ask.n_raters,
        assignment=ask.assignment,
        consensus=ask.consensus,
        least_agreement=ask.least_agreement,
        qualification_pass=QUALIFICATION_PASS,
        idle_seconds=IDLE_SECONDS,
        sample=chosen.design,
        blindness=report,
    )


def _write_offline(folder: Path, packed: "Packed") -> None:
    from hitl.document.write import write_atomic
    from hitl.render.review.offline import offline_page
    from hitl.review.folder import offline_file

    refs = {ref.reviewer: ref for ref in packed.plan.packets}
    for name, packet in packed.packets.items():
        page = offline_page(packet, refs[name], packed.plan.rules.idle_seconds)
        write_atomic(offline_file(folder, name), page.encode())


def _why(chosen: "Chosen") -> dict[str, int]:
    from hitl.review.words import Scope

    counts = Counter(scope for one, _ in chosen.items for scope in one.scopes)
    return {scope.value: counts[scope] for scope in Scope if counts[scope]}


def _warnings(found: "Offered", chosen: "Chosen") -> "Iterator[str]":
    """Yield what the budget leaves unmeasured."""
    from hitl.review.words import Scope

    owed = Counter(one.subset for one in found.candidates if Scope.JUDGED in one.scopes)
    taken = Counter(one.subset for one, _ in chosen.items if Scope.JUDGED in one.scopes)
    for subset, n in sorted(owed.items()):
        if lacking := n - taken[subset]:
            yield f"subset {subset}: {lacking} of {n} items that people are to approve are not in the packets, and it will be unmeasured; allow more items or minutes"
