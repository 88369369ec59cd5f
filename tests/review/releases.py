"""Releases to pack: candidates of both arms, by hand and at random, and the same release with its arms swapped."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hitl.digest import digest
from hitl.golden.case import Severity
from hitl.review.candidate import Candidate, Output, ReleaseNames
from hitl.review.choosing import Chosen
from hitl.review.packed import Packed, Person
from hitl.review.packing import pack_review
from hitl.review.parts import Packet, ReviewKey, Rules
from hitl.review.qualification import KnownItem
from hitl.review.seal import unseal
from hitl.review.tokens import unseal_share
from hitl.review.words import Blindness, Mode, Role
from hitl.run.arm import Arm
from tests.review.by_hand import RULES, SECRET

AT = datetime(2026, 5, 18, 9, 0, tzinfo=UTC)
NAMES = ReleaseNames(
    release_id="release-77-of-spring",
    workflow_id="incident-triage",
    previous_model="acme/wisdom-3-2026-01-05",
    candidate_model="zenith/quick-4.5",
    names=frozenset({"acme/wisdom-3-2026-01-05", "zenith/quick-4.5", "wisdom-3", "quick-4.5"}),
)
SWAP = {Arm.PREVIOUS: Arm.CANDIDATE, Arm.CANDIDATE: Arm.PREVIOUS}
PEOPLE = tuple(Person(name, Role.RATER) for name in ("alice", "bob", "carol"))
DORA = Person("dora", Role.ADJUDICATOR)


def an_output(arm: Arm, text: str, **changes: Any) -> Output:  # noqa: ANN401  # fields
    fields: dict[str, Any] = {"tool_calls": "", "confidence": None, "action_type": None}
    fields |= changes
    calls = fields["tool_calls"]
    return Output(arm=arm, text=text, digest=digest([arm.value, text, calls]), **fields)


def a_candidate(case_id: str, previous: str | None, candidate: str | None, **changes: Any) -> Candidate:  # noqa: ANN401  # fmt: skip
    texts = {Arm.PREVIOUS: previous, Arm.CANDIDATE: candidate}
    fields: dict[str, Any] = {
        "subset": "all",
        "cluster": case_id,
        "repeat": 0,
        "input": f"What about {len(case_id)}?",
        "context": "",
        "case_digest": digest(case_id),
        "severity": Severity.MEDIUM,
        "outputs": tuple(an_output(arm, text) for arm, text in texts.items() if text is not None),
        "scopes": frozenset(),
        "uncertainty": 0.5,
    }
    return Candidate(case_id=case_id, **fields | changes)


def pairs(n: int) -> list[Candidate]:
    return [a_candidate(f"case-{i:04d}", f"one of {i}", f"other of {i}") for i in range(n)]


def chosen(candidates: Sequence[Candidate]) -> Chosen:
    items = tuple((candidate, 1.0) for candidate in candidates)
    return Chosen(items, RULES.sample, dict(Counter(one.subset for one in candidates)))


def swapped(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the release in which each arm gave what the other did."""
    return [
        replace(one, outputs=tuple(replace(out, arm=SWAP[out.arm]) for out in one.outputs))
        for one in candidates
    ]


SWAPPED_NAMES = replace(
    NAMES, previous_model=NAMES.candidate_model, candidate_model=NAMES.previous_model
)


def rules(**changes: Any) -> Rules:  # noqa: ANN401  # fields of the rules
    if changes.get("mode") is Mode.SHADOW:
        report = RULES.blindness.model_copy(update={"label": Blindness.OPEN})
        changes = {"blindness": report} | changes
    return RULES.model_copy(update=changes)


def packed(
    candidates: Sequence[Candidate],
    *,
    people: Sequence[Person] = (*PEOPLE, DORA),
    names: ReleaseNames = NAMES,
    secret: bytes = SECRET,
    known: Sequence[KnownItem] = (),
    title: str = "Answers on incidents",
    at: datetime = AT,
    **declared: Any,  # noqa: ANN401  # fields of the rules
) -> Packed:
    declared = {"raters": 2} | declared
    items = chosen(candidates)
    return pack_review(items, names, rules(**declared), people, secret, at, title, known)


def opened(review: Packed) -> ReviewKey:
    """Return the key, opened as it is once everybody has locked."""
    review_id = review.plan.review_id
    shares = [unseal_share(one.token, review_id) for one in review.invitations.invitations]
    return unseal(review.sealed, shares, review_id)


def packet_of(review: Packed, name: str) -> Packet:
    return next(
        review.packets[one.reviewer] for one in review.invitations.invitations if one.name == name
    )


def raters_of(review: Packed) -> dict[str, list[str]]:
    """Return the names of the raters of each item."""
    found: dict[str, list[str]] = {}
    for one in review.invitations.invitations:
        if one.role is Role.RATER:
            for item in review.packets[one.reviewer].items:
                found.setdefault(item.item_id, []).append(one.name)
    return found
