"""A review made by hand: packets, a sealed key and tokens, and votes that are said of arms and cast on sides."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from hitl.digest import digest, digest_bytes
from hitl.golden.case import Severity
from hitl.review.ballot import signed_ballot
from hitl.review.folder import ReviewFolder
from hitl.review.merging import merge_review
from hitl.review.parts import (
    BlindnessReport,
    KeyItem,
    KeySide,
    KnownAnswer,
    Packet,
    PacketItem,
    PacketRef,
    ReviewKey,
    ReviewPlan,
    Rules,
    SampleDesign,
    Side,
)
from hitl.review.seal import seal
from hitl.review.sides import label_of, look_digest
from hitl.review.tokens import access_token, public_key, reviewer_hash, token_digest, unseal_share
from hitl.review.votes import Ballot, RatedItem, Ratings, SideMark, Vote
from hitl.review.words import (
    Action,
    Assignment,
    Blindness,
    Choice,
    ConsensusMethod,
    ErrorCategory,
    Mode,
    Role,
    Scope,
    SideName,
)
from hitl.run.arm import Arm

SECRET = b"a secret of thirty-two bytes or more"
REVIEW = "ab" * 16
LOCKED = "2026-05-18T12:00:00Z"
BEFORE = "2026-05-18T11:00:00Z"
PREVIOUS, CANDIDATE = Arm.PREVIOUS, Arm.CANDIDATE

Said = tuple[str | None, str | None, str | None]
"""Action on the previous arm's output, on the candidate's, and win, tie or loss of the candidate."""

RULES = Rules(
    mode=Mode.PAIR,
    raters=3,
    assignment=Assignment.FIXED,
    consensus=ConsensusMethod.MAJORITY,
    least_agreement=0.4,
    qualification_pass=0.7,
    idle_seconds=60.0,
    sample=SampleDesign(
        n_population=100,
        n_certain=0,
        n_drawn=0,
        n_qualification=0,
        budget_items=None,
        budget_minutes=None,
        seconds_per_item=60.0,
        seed=1,
        method="by hand",
    ),
    blindness=BlindnessReport(
        label=Blindness.UNPROVEN,
        accuracy=None,
        low=None,
        high=None,
        confidence=0.95,
        n_pairs=0,
        reason="not looked at",
    ),
)


def item_id(number: int) -> str:
    return f"{number:032x}"


def a_pair(number: int, **changes: object) -> KeyItem:
    """Return an item whose first side is the candidate's where its number is odd."""
    arms = [PREVIOUS, CANDIDATE] if number % 2 == 0 else [CANDIDATE, PREVIOUS]
    return a_key_item(number, tuple((arm,) for arm in arms), **changes)


def a_key_item(number: int, arms: Sequence[tuple[Arm, ...]], **changes: object) -> KeyItem:
    sides = tuple(
        KeySide(
            arms=whose,
            replies={arm: digest([number, arm.value]) for arm in whose},
            confidence=dict.fromkeys(whose, 0.5 + number % 40 / 100),
            action_type=dict.fromkeys(whose, "reply"),
        )
        for whose in arms
    )
    fields: dict[str, Any] = {
        "item_id": item_id(number),
        "case_id": f"c{number:04d}",
        "subset": "all",
        "cluster": f"c{number:04d}",
        "repeat": 0,
        "case_digest": digest(number),
        "severity": Severity.MEDIUM,
        "probability": 1.0,
        "scopes": (Scope.SAMPLE,),
        "sides": sides,
    }
    return KeyItem(**fields | changes)


def identical(number: int, **changes: object) -> KeyItem:
    return a_key_item(number, ((PREVIOUS, CANDIDATE),), **changes)


def one_sided(number: int, arm: Arm, **changes: object) -> KeyItem:
    return a_key_item(number, ((arm,),), **changes)


@dataclass(frozen=True)
class Made:
    """A review with its secrets, and the ballots that were cast."""

    path: Path
    plan: ReviewPlan
    packets: Mapping[str, Packet]
    sealed: bytes
    key: ReviewKey
    tokens: Mapping[str, str]
    hashes: Mapping[str, str]
    ballots: Mapping[str, Ballot] = field(default_factory=dict)

    @property
    def folder(self) -> ReviewFolder:
        return ReviewFolder(self.path, self.plan, self.packets, self.sealed, self.ballots)

    def packet(self, name: str) -> Packet:
        return self.packets[self.hashes[name]]

    def share(self, name: str) -> dict[str, str]:
        return {self.hashes[name]: unseal_share(self.tokens[name], REVIEW)}

    def turned(self, name: str, item: str) -> bool:
        return item in self.key.turned.get(self.hashes[name], ())

    def votes(self, name: str, said: Mapping[int, Said], **fields: object) -> tuple[Vote, ...]:
        return tuple(self.vote(name, number, one, **fields) for number, one in said.items())

    def vote(self, name: str, number: int, said: Said, **fields: object) -> Vote:
        """Return what somebody says of arms as they would cast it on the sides that they see."""
        item = next(item for item in self.key.items if item.item_id == item_id(number))
        by_arm = {PREVIOUS: said[0], CANDIDATE: said[1]}
        sides = item.sides[::-1] if self.turned(name, item.item_id) else item.sides
        shown = dict(zip(SideName, sides, strict=False))
        marks = tuple(a_mark(side, by_arm[whose.arms[0]]) for side, whose in shown.items())
        winner = {"win": CANDIDATE, "loss": PREVIOUS}.get(said[2] or "")
        choice = next((Choice(s.value) for s, w in shown.items() if winner in w.arms), Choice.TIE)
        return a_vote(number, marks, choice if said[2] else None, **fields)

    def cast(self, name: str, votes: Iterable[Vote], locked_at: str = LOCKED) -> "Made":
        ballot = signed_ballot(self.packet(name), tuple(votes), self.tokens[name], locked_at)
        return self.with_ballot(name, ballot)

    def with_ballot(self, name: str, ballot: Ballot) -> "Made":
        return replace(self, ballots={**self.ballots, self.hashes.get(name, name): ballot})

    def said(self, **by_name: Mapping[int, Said]) -> "Made":
        """Cast and lock the votes of several reviewers."""
        made = self
        for name, said in by_name.items():
            made = made.cast(name, made.votes(name, said))
        return made

    def merged(self, **options: object) -> Ratings:
        return merge_review(self.folder, chance, **options)


def chance(name: str) -> np.random.Generator:
    return np.random.default_rng([len(name), *name.encode()])


def a_mark(side: SideName, action: str | None) -> SideMark:
    """Return a mark; what is not approved or escalated is wrong."""
    assert action is not None
    needs = action in ("modify", "reject")
    return SideMark(side=side, action=Action(action), category=ErrorCategory.WRONG if needs else None)  # fmt: skip


def a_vote(
    number: int, marks: Sequence[SideMark], preference: Choice | None, **fields: object
) -> Vote:
    return Vote(
        item_id=item_id(number),
        marks=tuple(marks),
        preference=preference,
        **{"decided_at": BEFORE, "seconds": 30.0} | fields,
    )


def a_review(
    tmp_path: Path,
    items: Sequence[KeyItem],
    *,
    raters: Sequence[str] = ("alice", "bob", "carol"),
    adjudicators: Sequence[str] = (),
    known: Sequence[KnownAnswer] = (),
    rules: Mapping[str, Any] | None = None,
    owed: Mapping[str, Sequence[int]] | None = None,
    turned: Mapping[str, Sequence[int]] | None = None,
) -> Made:
    """Pack a review in which each rater sees all items, or those that `owed` names."""
    declared = RULES.model_copy(update={"raters": len(raters)} | dict(rules or {}))
    names = (*raters, *adjudicators)
    hashes = {name: reviewer_hash(SECRET, name) for name in names}
    tokens = {name: access_token(SECRET, hashes[name]) for name in names}
    key = ReviewKey(
        review_id=REVIEW,
        release_id="release",
        workflow_id="workflow",
        previous_model="model-old",
        candidate_model="model-new",
        population={"all": 100},
        items=tuple(items),
        qualification=tuple(known),
        turned={
            hashes[name]: tuple(item_id(number) for number in numbers)
            for name, numbers in (turned or {}).items()
        },
    )
    sealed = seal(key, [unseal_share(token, REVIEW) for token in tokens.values()])
    rules_digest = digest(declared.model_dump(mode="json"))
    packets, refs = {}, []
    for name in names:
        role = Role.RATER if name in raters else Role.ADJUDICATOR
        packet = Packet(
            review_id=REVIEW,
            reviewer=hashes[name],
            role=role,
            mode=declared.mode,
            title="by hand",
            rules_digest=rules_digest,
            key_digest=digest_bytes(sealed),
            items=tuple(_shown(key, hashes[name], declared.mode, (owed or {}).get(name))),
        )
        packets[packet.reviewer] = packet
        refs.append(
            PacketRef(
                reviewer=packet.reviewer,
                role=role,
                packet_digest=digest(packet.model_dump(mode="json")),
                n_items=len(packet.items),
                token_digest=token_digest(tokens[name], REVIEW),
                public_key=public_key(tokens[name], REVIEW),
            )
        )
    plan = ReviewPlan(
        review_id=REVIEW,
        title="by hand",
        created_at=datetime(2026, 5, 18, 9, tzinfo=UTC),
        rules=declared,
        key_digest=digest_bytes(sealed),
        packets=tuple(sorted(refs, key=lambda ref: ref.reviewer)),
    )
    return Made(tmp_path, plan, packets, sealed, key, tokens, hashes)


def _shown(
    key: ReviewKey, reviewer: str, mode: Mode, owed: Sequence[int] | None
) -> Iterable[PacketItem]:
    arms = {item.item_id: [side.arms for side in item.sides] for item in key.items}
    arms |= {known.item_id: [() for _ in known.actions] for known in key.qualification}
    own = {item_id(number) for number in owed} if owed is not None else set(arms)
    for name in sorted(own & set(arms)):
        texts = sorted(
            (f"{name} {n}" for n in range(len(arms[name]))), key=lambda t: look_digest(t, "")
        )
        labels = [label_of(whose) if mode is Mode.SHADOW and whose else "" for whose in arms[name]]
        sides = list(zip(texts, labels, strict=True))
        if name in key.turned.get(reviewer, ()):
            sides.reverse()
        shown = zip(SideName, sides, strict=False)
        yield PacketItem(
            item_id=name,
            input=name,
            sides=tuple(Side(side=s, text=text, label=label) for s, (text, label) in shown),
        )


def of_case(ratings: Ratings, number: int) -> RatedItem:
    return next(item for item in ratings.items if item.item_id == item_id(number))
