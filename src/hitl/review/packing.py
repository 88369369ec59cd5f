"""From what was chosen to packets, a plan and a sealed key.

Everything that a reviewer gets is a function of the unordered pair of outputs and of keyed hashes: swap the arms of a
release, and every packet stays the same but for the digest of the sealed key, which alone says whose is what.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from hitl.digest import digest, digest_bytes
from hitl.errors import UsageError
from hitl.review.assign import arranged, assigned
from hitl.review.candidate import ReleaseNames
from hitl.review.choosing import Chosen
from hitl.review.exhibits import Exhibit, exhibits_of
from hitl.review.packed import Packed as Packed
from hitl.review.packed import Person as Person
from hitl.review.parts import (
    Invitation,
    Invitations,
    Packet,
    PacketItem,
    PacketRef,
    ReviewPlan,
    Rules,
    Side,
)
from hitl.review.people import Secrets, check_people, invited
from hitl.review.qualification import KnownItem
from hitl.review.seal import seal
from hitl.review.sealing import review_key
from hitl.review.sides import is_turned
from hitl.review.tokens import keyed, public_key, review_id_of, token_digest, unseal_share
from hitl.review.words import Assignment, Blindness, Mode, Role, SideName
from hitl.review.writing import write_review as write_review

_SHORTEST_NAME = 3


def pack_review(  # noqa: PLR0913 - all that a review is made of, each part from another stage
    chosen: Chosen,
    names: ReleaseNames,
    rules: Rules,
    people: Sequence[Person],
    secret: bytes,
    at: datetime,
    title: str,
    qualification: Sequence[KnownItem] = (),
) -> Packed:
    """Return a whole review; the same arguments give the same bytes.

    Args:
        chosen: candidates as they are shown: redacted and masked.
        names: of the release, for the key; no title may hold one of them.
        rules: declared before any vote; how items were chosen is taken from `chosen`.
        people: raters and adjudicators.
        secret: at least 32 bytes that no reviewer knows.
        at: when it is packed.
        title: what reviewers are told that they review.
        qualification: items with a known answer, masked like the others; every rater gets all of them.

    Raises:
        UsageError: the people cannot do it, the title tells, or the label does not fit the mode.
        EvidenceError: there is nothing to look at.
    """
    review_id = review_id_of(secret, names.release_id, at.isoformat())
    secrets = Secrets(secret, keyed(secret, "secret of a review", review_id))
    exhibits = exhibits_of(chosen.items, qualification, rules.mode, secrets.review)
    n_groups = len({exhibit.group for exhibit in exhibits if exhibit.candidate})
    check_people(people, rules, secret, n_groups, len(qualification))
    _check_words(title, names, rules)
    design = chosen.design.model_copy(update={"n_qualification": len(qualification)})
    rules = rules.model_copy(update={"sample": design})
    invitations = invited(people, secrets)
    shown = {i.reviewer: i.role for i in invitations}
    dealt = _dealt(exhibits, shown, rules, secrets.review)
    turned = _turned(dealt, rules.mode, secrets.review)
    key = review_key(review_id, names, chosen.population, exhibits, turned)
    sealed = seal(key, [unseal_share(i.token, review_id) for i in invitations])
    frame = Packet(
        review_id=review_id,
        reviewer="0",
        role=Role.RATER,
        mode=rules.mode,
        title=title,
        rules_digest=digest(rules.model_dump(mode="json")),
        key_digest=digest_bytes(sealed),
        items=(),
    )
    packets = {
        i.reviewer: _packet(frame, i, dealt[i.reviewer], frozenset(turned[i.reviewer]))
        for i in invitations
    }
    plan = ReviewPlan(
        review_id=review_id,
        title=title,
        created_at=at,
        rules=rules,
        key_digest=frame.key_digest,
        packets=tuple(_ref(packets[i.reviewer], i) for i in invitations),
    )
    return Packed(plan, packets, sealed, Invitations(review_id=review_id, invitations=invitations))


def _dealt(
    exhibits: Sequence[Exhibit], roles: Mapping[str, Role], rules: Rules, secret: bytes
) -> dict[str, tuple[Exhibit, ...]]:
    """Return what each reviewer sees, in their order: raters their share, adjudicators all without a known answer."""
    sizes: dict[str, int] = {}
    for exhibit in exhibits:
        if exhibit.candidate:
            sizes[exhibit.group] = sizes.get(exhibit.group, 0) + 1
    shares = {reviewer: frozenset(sizes) for reviewer in roles}
    if rules.assignment is Assignment.FIXED:
        raters = sorted(reviewer for reviewer, role in roles.items() if role is Role.RATER)
        shares |= assigned(sizes, raters, rules.raters, secret)
    by_id = {exhibit.item_id: exhibit for exhibit in exhibits}
    dealt = {}
    for reviewer, role in roles.items():
        groups: dict[str, list[str]] = {}
        for exhibit in exhibits:
            if exhibit.group in shares[reviewer] or (exhibit.known and role is Role.RATER):
                groups.setdefault(exhibit.group, []).append(exhibit.item_id)
        order = arranged(groups, reviewer, secret)
        dealt[reviewer] = tuple(by_id[item] for item in order)
    return dealt


def _turned(
    dealt: Mapping[str, Sequence[Exhibit]], mode: Mode, secret: bytes
) -> dict[str, tuple[str, ...]]:
    return {
        reviewer: tuple(
            sorted(
                exhibit.item_id
                for exhibit in exhibits
                if mode is Mode.PAIR
                and len(exhibit.looks) == 2
                and is_turned(secret, exhibit.item_id, reviewer)
            )
        )
        for reviewer, exhibits in dealt.items()
    }


def _packet(
    frame: Packet, invitation: Invitation, exhibits: Sequence[Exhibit], turned: frozenset[str]
) -> Packet:
    items = tuple(_item(exhibit, is_round=exhibit.item_id in turned) for exhibit in exhibits)
    own = {"reviewer": invitation.reviewer, "role": invitation.role, "items": items}
    return frame.model_copy(update=own)


def _item(exhibit: Exhibit, *, is_round: bool) -> PacketItem:
    shown = exhibit.looks[::-1] if is_round else exhibit.looks
    sides = tuple(
        Side(
            side=name,
            text=look.text,
            tool_calls=look.tool_calls,
            confidence=look.confidence,
            label=look.label,
        )
        for name, look in zip(SideName, shown, strict=False)
    )
    return PacketItem(
        item_id=exhibit.item_id, input=exhibit.input, context=exhibit.context, sides=sides
    )


def _ref(packet: Packet, invitation: Invitation) -> PacketRef:
    return PacketRef(
        reviewer=packet.reviewer,
        role=packet.role,
        packet_digest=digest(packet.model_dump(mode="json")),
        n_items=len(packet.items),
        token_digest=token_digest(invitation.token, packet.review_id),
        public_key=public_key(invitation.token, packet.review_id),
    )


def _check_words(title: str, names: ReleaseNames, rules: Rules) -> None:
    if rules.mode is Mode.SHADOW and rules.blindness.label is not Blindness.OPEN:
        raise UsageError(
            f"a shadow review shows whose output is whose, and its label is {rules.blindness.label}; expected {Blindness.OPEN}"
        )
    if rules.mode is Mode.SHADOW:
        return
    telling = {*names.names, names.previous_model, names.candidate_model, names.release_id}
    for name in sorted(name for name in telling if len(name) >= _SHORTEST_NAME):
        if name.casefold() in title.casefold():
            raise UsageError(
                f"the title `{title}` holds `{name}`, which reviewers must not read; choose other words with --title"
            )
