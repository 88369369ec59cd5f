"""Whether a key that opened and the packets are of one review: whatever does not fit, nothing that it says is believed."""

from collections.abc import Iterator

from hitl.review.folder import ReviewFolder
from hitl.review.parts import Packet, PacketItem, ReviewKey
from hitl.review.sides import label_of, look_digest
from hitl.review.words import Mode

_PAIR = 2


def misfits(key: ReviewKey, review: ReviewFolder) -> Iterator[str]:
    """Yield why a key and the packets are not of one review."""
    yield from _of_key(key)
    n_sides = {item.item_id: len(item.sides) for item in key.items}
    n_sides |= {known.item_id: len(known.actions) for known in key.qualification}
    shown = {item.item_id: len(item.sides) for p in review.packets.values() for item in p.items}
    for item_id in sorted(shown):
        if n_sides.get(item_id) != shown[item_id]:
            yield f"the key does not say whose the outputs of item {item_id[:16]} are"
    if set(key.turned) - {ref.reviewer for ref in review.plan.packets}:
        yield "the key turns sides for somebody who is no reviewer"
    for packet in review.packets.values():
        yield from _turned_otherwise(key, packet)
        yield from _mislabelled(key, packet)
    yield from _shown_otherwise(review)


def _of_key(key: ReviewKey) -> Iterator[str]:
    names = [item.item_id for item in key.items] + [one.item_id for one in key.qualification]
    if len(set(names)) < len(names):
        yield "the key names an item twice"
    for item in key.items:
        arms = [arm for side in item.sides for arm in side.arms]
        if len(arms) != len(set(arms)) or any(set(s.arms) != set(s.replies) for s in item.sides):
            yield f"the key is unclear about whose the outputs of item {item.item_id[:16]} are"


def _turned_otherwise(key: ReviewKey, packet: Packet) -> Iterator[str]:
    """Yield items whose sides a reviewer did not see in the order that the key says.

    The key counts sides in the order of their digests, so each blind packet shows by itself which it turns.
    """
    if packet.mode is Mode.SHADOW:
        expected = set()
    else:
        expected = {item.item_id for item in packet.items if _is_turned(item)}
    for item_id in sorted(expected ^ set(key.turned.get(packet.reviewer, ()))):
        yield f"the key and the packet of {packet.reviewer[:16]} differ about which output of item {item_id[:16]} stands first"


def _is_turned(item: PacketItem) -> bool:
    places = [look_digest(side.text, side.tool_calls) for side in item.sides]
    return len(places) == _PAIR and places[0] > places[1]


def _mislabelled(key: ReviewKey, packet: Packet) -> Iterator[str]:
    """Yield items of an open review whose labels name another arm than the key does."""
    if packet.mode is not Mode.SHADOW:
        return
    labels = {item.item_id: [label_of(side.arms) for side in item.sides] for item in key.items}
    for item in packet.items:
        wanted = labels.get(item.item_id)
        if wanted is not None and [side.label for side in item.sides] != wanted:
            yield f"the key and the labels of item {item.item_id[:16]} in the packet of {packet.reviewer[:16]} differ about what is new"


def _shown_otherwise(review: ReviewFolder) -> Iterator[str]:
    """Yield items that do not show everybody the same: their votes are not on one thing."""
    first: dict[str, tuple[str, str, frozenset[tuple[str, str]]]] = {}
    other: set[str] = set()
    for packet in review.packets.values():
        for item in packet.items:
            sides = frozenset((side.text, side.tool_calls) for side in item.sides)
            seen = (item.input, item.context, sides)
            if first.setdefault(item.item_id, seen) != seen:
                other.add(item.item_id)
    for item_id in sorted(other):
        yield f"item {item_id[:16]} does not show every reviewer the same"
