"""Swap the arms of a release, and reviewers get the same bytes: nothing that they are sent knows which arm is which."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from hitl.document.schema import Document
from hitl.review.choosing import Budget, choose
from hitl.review.packed import Packed, Person
from hitl.review.packing import pack_review
from hitl.review.words import Mode, Role
from hitl.review.writing import own_bytes, write_review
from hitl.run.arm import Arm
from tests.review.by_hand import SECRET
from tests.review.releases import (
    AT,
    DORA,
    NAMES,
    SWAPPED_NAMES,
    opened,
    packed,
    packet_of,
    pairs,
    rules,
    swapped,
)
from tests.review.worlds import KIND, SUBSET, World, worlds

FOLLOWS = ("key_digest", "packet_digest")
"""What follows from the sealed key, which alone says whose is what."""


def pack(world: World, secret: bytes = SECRET, *, is_swapped: bool = False) -> Packed:
    people = [Person(f"rater {i}", Role.RATER) for i in range(world.n_raters)]
    return packed(
        swapped(world.candidates) if is_swapped else world.candidates,
        people=[*people, DORA],
        names=SWAPPED_NAMES if is_swapped else NAMES,
        secret=secret,
        known=world.known,
        mode=world.mode,
        raters=world.raters,
        assignment=world.assignment,
    )


def reviewed(world: World, seed: int, items: int | None, *, is_swapped: bool = False) -> Packed:
    """Go the whole way of a review: choose under a budget, then pack."""
    found = swapped(world.candidates) if is_swapped else world.candidates
    budget = Budget(items, None, 60.0, world.raters)
    chosen = choose(found, budget, np.random.default_rng(seed), seed)
    people = [Person(f"rater {i}", Role.RATER) for i in range(world.raters)]
    declared = rules(mode=world.mode, raters=world.raters)
    names = SWAPPED_NAMES if is_swapped else NAMES
    return pack_review(chosen, names, declared, people, SECRET, AT, "Answers", world.known)


def without_digests(document: Document) -> bytes:
    """Return the bytes of a document with every digest that follows from the sealed key blanked."""
    content = own_bytes(document).decode()
    return re.sub(rf'("(?:{"|".join(FOLLOWS)})": ")[0-9a-f]{{64}}"', r'\1"', content).encode()


def files(review: Packed) -> tuple[list[tuple[str, int]], list[str]]:
    """Return name and size of each file, and the packets from the oldest to the newest."""
    with TemporaryDirectory() as name:
        folder = Path(name) / "review"
        write_review(folder, review, with_invitations=True)
        written = sorted(path for path in folder.rglob("*") if path.is_file())
        packets = [path for path in written if path.parent.name == "packets"]
        packets.sort(key=lambda path: (path.stat().st_mtime_ns, path.name))
        sizes = [(str(path.relative_to(folder)), path.stat().st_size) for path in written]
        return sizes, [path.name for path in packets]


@seed(20260518)
@settings(max_examples=80, deadline=None)
@given(world=worlds())
def test_swapping_the_arms_changes_no_byte_that_a_reviewer_gets(world: World) -> None:
    one, other = pack(world), pack(world, is_swapped=True)
    assert list(one.packets) == list(other.packets)
    for reviewer, packet in one.packets.items():
        same = other.packets[reviewer]
        assert without_digests(packet) == without_digests(same)
        assert packet.model_copy(update={"key_digest": same.key_digest}) == same
    assert without_digests(one.plan) == without_digests(other.plan)
    assert one.invitations == other.invitations


@seed(20260519)
@settings(max_examples=40, deadline=None)
@given(world=worlds())
def test_the_sealed_key_alone_changes_and_keeps_its_length(world: World) -> None:
    one, other = pack(world), pack(world, is_swapped=True)
    assert one.sealed != other.sealed
    assert len(one.sealed) == len(other.sealed)
    arms = {
        arm: [sorted(arm in side.arms for side in item.sides) for item in opened(one).items]
        for arm in Arm
    }
    back = {
        arm: [sorted(arm in side.arms for side in item.sides) for item in opened(other).items]
        for arm in Arm
    }
    assert arms[Arm.PREVIOUS] == back[Arm.CANDIDATE], "the key does follow the swap"


@seed(20260520)
@settings(max_examples=25, deadline=None)
@given(world=worlds())
def test_names_sizes_and_times_of_files_are_the_same(world: World) -> None:
    assert files(pack(world)) == files(pack(world, is_swapped=True))


@seed(20260521)
@settings(max_examples=80, deadline=None)
@given(world=worlds())
def test_no_packet_names_a_model_a_case_an_arm_or_what_one_arm_cost(world: World) -> None:
    review = pack(world)
    forbidden = {*NAMES.names, NAMES.release_id, NAMES.previous_model, NAMES.candidate_model, SUBSET, KIND}  # fmt: skip
    forbidden |= {one.case_id for one in world.candidates}
    forbidden |= {output.digest for one in world.candidates for output in one.outputs}
    forbidden |= {one.case_digest for one in world.candidates}
    for document in (*review.packets.values(), review.plan):
        content = own_bytes(document).decode()
        assert not [word for word in forbidden if word in content]
        keys = {word.lower() for word in _keys(json.loads(content))}
        assert not keys & {"arm", "arms", "previous", "candidate", "model", "latency_ms", "cost_usd", "input_tokens", "output_tokens", "action_type", "replies"}  # fmt: skip
    for packet in review.packets.values():
        assert set(packet.model_dump()) == {"format", "review_id", "reviewer", "role", "mode", "title", "rules_digest", "key_digest", "items"}  # fmt: skip
        for item in packet.items:
            assert set(item.model_dump()) == {"item_id", "input", "context", "sides"}
            for side in item.sides:
                assert set(side.model_dump()) == {"side", "text", "tool_calls", "confidence", "label"}  # fmt: skip
                assert side.label == ""


def _keys(value: Any) -> Iterator[str]:  # noqa: ANN401  # JSON
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _keys(inner)


@seed(20260523)
@settings(max_examples=40, deadline=None)
@given(world=worlds(), chance=st.integers(0, 2**31), items=st.one_of(st.none(), st.integers(1, 8)))
def test_the_choice_of_items_knows_no_arm_either(world: World, chance: int, items: int | None) -> None:  # fmt: skip
    one, other = (reviewed(world, chance, items, is_swapped=turned) for turned in (False, True))
    assert list(map(without_digests, one.packets.values())) == list(map(without_digests, other.packets.values()))  # fmt: skip
    assert without_digests(one.plan) == without_digests(other.plan)
    assert [item.probability for item in opened(one).items] == [item.probability for item in opened(other).items]  # fmt: skip


@seed(20260522)
@settings(max_examples=40, deadline=None)
@given(world=worlds(), order=st.randoms(use_true_random=False))
def test_the_order_in_which_cases_and_arms_are_read_does_not_matter(world: World, order: Random) -> None:  # fmt: skip
    shuffled = list(world.candidates)
    order.shuffle(shuffled)
    turned = [replace(one, outputs=one.outputs[::-1]) for one in shuffled]
    assert pack(world) == pack(replace(world, candidates=turned))


def test_with_other_secrets_each_item_is_turned_for_about_half_of_the_reviewers() -> None:
    """300 secrets, 6 reviewers, 5 items: each count is binomial, and 30 of them are looked at."""
    n = 300
    people = [Person(f"rater {i}", Role.RATER) for i in range(6)]
    is_first = {}
    for number in range(n):
        secret = number.to_bytes(32, "big")
        review = packed(pairs(5), people=people, secret=secret, raters=6)
        key = opened(review)
        cases = {item.item_id: item for item in key.items}
        for person in people:
            packet = packet_of(review, person.name)
            for item in packet.items:
                place = (person.name, cases[item.item_id].case_id)
                first = item.sides[0].text.startswith("other")
                is_first[place] = is_first.get(place, 0) + first
    assert len(is_first) == 30
    assert min(binomtest(k, n).pvalue for k in is_first.values()) > 0.001 / 30
    assert binomtest(sum(is_first.values()), 30 * n).pvalue > 0.001


def test_reviewers_of_one_review_see_an_item_turned_independently_of_each_other() -> None:
    people = [Person(f"rater {i}", Role.RATER) for i in range(8)]
    review = packed(pairs(300), people=people, raters=8)
    turned = opened(review).turned
    times = [sum(item.item_id in seen for seen in turned.values()) for item in opened(review).items]
    for k in range(9):
        expected = 300 * binom.pmf(k, 8, 0.5)
        assert abs(times.count(k) - expected) <= 4 * max(expected, 1) ** 0.5


def test_an_open_review_does_tell_so_that_these_tests_can_fail() -> None:
    """The same comparison finds a difference where sides are labelled on purpose."""
    one = packed(pairs(3), mode=Mode.SHADOW)
    other = packed(swapped(pairs(3)), names=SWAPPED_NAMES, mode=Mode.SHADOW)
    assert any(
        without_digests(packet) != without_digests(other.packets[reviewer])
        for reviewer, packet in one.packets.items()
    )
