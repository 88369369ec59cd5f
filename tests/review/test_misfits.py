"""A key and packets that do not fit together: each was sealed and digested rightly, and still nothing is believed."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hitl.digest import digest, digest_bytes
from hitl.errors import DocumentError
from hitl.review.parts import Packet, ReviewKey
from hitl.review.seal import seal
from hitl.review.tokens import unseal_share
from hitl.review.words import Mode
from tests.review.by_hand import REVIEW, Made, Said, a_pair, a_review, identical, item_id

SAID: dict[int, Said] = {0: ("approve", "reject", "loss"), 1: ("approve", None, None)}


def resealed(made: Made, change: Callable[[ReviewKey], ReviewKey]) -> Made:
    """Return the review with another key, to which its packets and the plan are committed anew."""
    key = change(made.key)
    sealed = seal(key, [unseal_share(token, REVIEW) for token in made.tokens.values()])
    other = replace(
        made, sealed=sealed, plan=made.plan.model_copy(update={"key_digest": digest_bytes(sealed)})
    )
    return shown_otherwise(
        other, lambda packet: packet.model_copy(update={"key_digest": digest_bytes(sealed)})
    )


def shown_otherwise(made: Made, change: Callable[[Packet], Packet]) -> Made:
    """Return the review with other packets, to which the plan is committed anew."""
    packets = {name: change(packet) for name, packet in made.packets.items()}
    refs = tuple(
        ref.model_copy(
            update={"packet_digest": digest(packets[ref.reviewer].model_dump(mode="json"))}
        )
        for ref in made.plan.packets
    )
    return replace(
        made, packets=packets, plan=made.plan.model_copy(update={"packets": refs}), ballots={}
    )


def merged(made: Made) -> None:
    made.said(**dict.fromkeys(("alice", "bob", "carol"), SAID)).merged()


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return a_review(tmp_path, [a_pair(0), identical(1)], turned={"bob": [0]})


def test_what_fits_is_merged(made: Made) -> None:
    merged(made)
    merged(resealed(made, lambda key: key))


@pytest.mark.parametrize(
    "turned", [{}, {"bob": [0], "carol": [0]}, {"bob": [0, 1]}, {"alice": [0]}]
)
def test_a_key_that_turns_other_sides_than_were_turned_is_not_believed(
    made: Made, turned: dict[str, list[int]]
) -> None:
    said = {made.hashes[name]: tuple(map(item_id, numbers)) for name, numbers in turned.items()}
    other = resealed(made, lambda key: key.model_copy(update={"turned": said}))
    with pytest.raises(DocumentError, match=r"which output of item 0{16} stands first"):
        merged(other)


def test_an_item_that_shows_one_reviewer_something_else_has_no_votes_in_common(made: Made) -> None:
    def change(packet: Packet) -> Packet:
        if packet.reviewer != made.hashes["carol"]:
            return packet
        items = (
            packet.items[0].model_copy(update={"context": "other evidence"}),
            *packet.items[1:],
        )
        return packet.model_copy(update={"items": items})

    with pytest.raises(DocumentError, match="does not show every reviewer the same"):
        merged(shown_otherwise(made, change))


def test_labels_of_an_open_review_that_name_another_arm_than_the_key_are_not_believed(
    tmp_path: Path,
) -> None:
    made = a_review(tmp_path, [a_pair(0), identical(1)], rules={"mode": Mode.SHADOW})
    merged(made)

    def change(packet: Packet) -> Packet:
        first, second = packet.items[0].sides
        sides = (
            first.model_copy(update={"label": second.label}),
            second.model_copy(update={"label": first.label}),
        )
        items = (packet.items[0].model_copy(update={"sides": sides}), *packet.items[1:])
        return packet.model_copy(update={"items": items})

    with pytest.raises(DocumentError, match="differ about what is new"):
        merged(shown_otherwise(made, change))
