"""The sealed key opens with every share of its review, and with nothing else."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hitl.errors import EvidenceError
from hitl.review.parts import KeyItem, ReviewKey
from hitl.review.seal import BLOCK, HEADER, seal, unseal
from hitl.review.tokens import unseal_share
from hitl.run.arm import Arm
from tests.review.by_hand import REVIEW, a_pair, a_review, one_sided

SHARES = tuple(unseal_share(name, REVIEW) for name in ("alice", "bob", "carol"))


@pytest.fixture
def key(tmp_path: Path) -> ReviewKey:
    return a_review(tmp_path, [a_pair(1), a_pair(2)]).key


def with_items(key: ReviewKey, items: Sequence[KeyItem]) -> ReviewKey:
    return key.model_copy(update={"items": tuple(items)})


def test_a_seal_opens_with_all_shares_in_any_order(key: ReviewKey) -> None:
    sealed = seal(key, SHARES)
    assert unseal(sealed, SHARES, REVIEW) == key
    assert unseal(sealed, SHARES[::-1], REVIEW) == key


def test_the_same_key_and_shares_give_the_same_bytes(key: ReviewKey) -> None:
    assert seal(key, SHARES) == seal(key, SHARES[::-1])
    assert seal(key, SHARES) != seal(with_items(key, [a_pair(1)]), SHARES)


@pytest.mark.parametrize(
    "shares",
    [
        pytest.param(SHARES[:2], id="a share is missing"),
        pytest.param((), id="no share at all"),
        pytest.param((*SHARES, unseal_share("eve", REVIEW)), id="a share too many"),
        pytest.param((*SHARES[:2], unseal_share("eve", REVIEW)), id="the share of a stranger"),
        pytest.param((*SHARES[:2], unseal_share("carol", "00")), id="the share of another review"),
        pytest.param((*SHARES[:2], SHARES[0]), id="one share twice"),
        pytest.param((*SHARES[:2], SHARES[2].upper()), id="a share in other letters"),
    ],
)
def test_other_shares_do_not_open_it(key: ReviewKey, shares: tuple[str, ...]) -> None:
    with pytest.raises(EvidenceError, match="does not open: it takes the share of every reviewer"):
        unseal(seal(key, SHARES), shares, REVIEW)


def test_it_does_not_open_as_the_key_of_another_review(key: ReviewKey) -> None:
    with pytest.raises(EvidenceError, match="does not open"):
        unseal(seal(key, SHARES), SHARES, "00" * 16)


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0), bit=st.integers(0, 7))
def test_one_flipped_bit_anywhere_keeps_it_closed(place: int, bit: int) -> None:
    key = ReviewKey(review_id=REVIEW, release_id="r", workflow_id="w", previous_model="a", candidate_model="b", population={}, items=(), turned={})  # fmt: skip
    sealed = bytearray(seal(key, SHARES))
    sealed[place % len(sealed)] ^= 1 << bit
    with pytest.raises(EvidenceError, match="does not open"):
        unseal(bytes(sealed), SHARES, REVIEW)


@pytest.mark.parametrize("size", [0, 5, len(HEADER), len(HEADER) + 32, 200, -1])
def test_a_seal_that_was_cut_short_does_not_open(key: ReviewKey, size: int) -> None:
    with pytest.raises(EvidenceError, match="does not open"):
        unseal(seal(key, SHARES)[:size], SHARES, REVIEW)


def test_bytes_that_were_changed_are_told_from_shares_that_are_missing(key: ReviewKey) -> None:
    sealed = bytearray(seal(key, SHARES))
    sealed[-1] ^= 1
    with pytest.raises(EvidenceError, match="its bytes were changed"):
        unseal(bytes(sealed), SHARES, REVIEW)


@pytest.mark.parametrize("shares", [(), SHARES[:1] * 2, ("ab",)])
def test_a_seal_without_proper_shares_is_not_made(key: ReviewKey, shares: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="share"):
        seal(key, shares)


def test_the_size_says_neither_how_many_items_there_are_nor_which_arm_is_missing(key: ReviewKey) -> None:  # fmt: skip
    few, more = (seal(with_items(key, map(a_pair, range(n))), SHARES) for n in (1, 3))
    assert len(few) == len(more)
    assert (len(few) - len(HEADER) - 32 - 12 - 16) % BLOCK == 0
    for n in range(1, 80):  # past several edges of a block
        one, other = (with_items(key, [one_sided(i, arm) for i in range(n)]) for arm in Arm)
        assert len(seal(one, SHARES)) == len(seal(other, SHARES))
