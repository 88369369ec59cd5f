"""Keyed names, tokens and signatures, held against OpenSSL's figures and a second reading of RFC 8032."""

import json
import re
from pathlib import Path

import pytest

from hitl.review.tokens import (
    access_token,
    derived,
    is_signed,
    keyed,
    public_key,
    review_id_of,
    reviewer_hash,
    sign,
    token_digest,
    unseal_share,
)
from tests.review.ed25519_by_hand import fits

SECRET = b"0123456789abcdef0123456789abcdef"
GIVEN = json.loads((Path(__file__).parent / "derived_vectors.json").read_text())
"""Made with `openssl dgst -hmac` and `openssl pkeyutl -sign`; the page without a server is held against the same."""
TOKEN, REVIEW = GIVEN["token"], GIVEN["review_id"]


@pytest.mark.parametrize("purpose", ["known", "sign", "share"])
def test_what_a_token_stands_for_is_what_openssl_computes(purpose: str) -> None:
    assert derived(TOKEN, REVIEW, purpose).hex() == GIVEN["derived"][purpose]


def test_token_digest_public_key_share_and_signature_are_what_openssl_computes() -> None:
    assert token_digest(TOKEN, REVIEW) == GIVEN["token_digest"]
    assert public_key(TOKEN, REVIEW) == GIVEN["public_key"]
    assert unseal_share(TOKEN, REVIEW) == GIVEN["derived"]["share"]
    assert sign(TOKEN, REVIEW, GIVEN["message"].encode()) == GIVEN["signature"]


def test_a_second_reading_of_the_standard_accepts_the_signature_and_no_other_message() -> None:
    key, signature = bytes.fromhex(public_key(TOKEN, REVIEW)), bytes.fromhex(GIVEN["signature"])
    assert fits(key, b"a ballot", signature)
    assert not fits(key, b"a ballot.", signature)


def test_a_signature_fits_its_message_key_and_review_only() -> None:
    key, signature = public_key(TOKEN, REVIEW), sign(TOKEN, REVIEW, b"votes")
    assert is_signed(key, b"votes", signature)
    assert not is_signed(key, b"votes ", signature)
    assert not is_signed(public_key(TOKEN, "00"), b"votes", signature)
    assert not is_signed(public_key(TOKEN[::-1], REVIEW), b"votes", signature)


@pytest.mark.parametrize("bit", range(0, 512, 37))
def test_a_flipped_bit_breaks_a_signature(bit: int) -> None:
    signature = bytearray.fromhex(sign(TOKEN, REVIEW, b"votes"))
    signature[bit // 8] ^= 1 << bit % 8
    assert not is_signed(public_key(TOKEN, REVIEW), b"votes", signature.hex())


@pytest.mark.parametrize("word", ["", "0", "zz", "00" * 31, "00" * 65, "é"])
def test_what_is_no_key_or_no_signature_fits_nothing(word: str) -> None:
    assert not is_signed(word, b"votes", sign(TOKEN, REVIEW, b"votes"))
    assert not is_signed(public_key(TOKEN, REVIEW), b"votes", word)


def test_words_are_kept_apart() -> None:
    """Worked by hand: the HMAC of eight bytes of length and the word, for each word."""
    expected = "5bc6970f3a0db5d6b678f1220a24eabfc2086547f63d6405e66db856e4eeede5"
    assert keyed(SECRET, "ab", "c").hex() == expected
    assert keyed(SECRET, "a", "bc").hex() != expected
    assert keyed(SECRET, "abc") != keyed(SECRET, "abc", "") != keyed(SECRET, "", "abc")


def test_a_token_has_160_bits_or_more_and_is_safe_in_a_url_and_a_shell() -> None:
    tokens = [access_token(SECRET, f"{number:032x}") for number in range(200)]
    assert all(re.fullmatch("[a-z2-7]{40}", token) for token in tokens)
    assert len(set(tokens)) == 200
    assert 40 * 5 >= 160


def test_names_depend_on_the_secret_and_on_what_they_name() -> None:
    other = SECRET[::-1]
    assert review_id_of(SECRET, "r1") == review_id_of(SECRET, "r1") != review_id_of(other, "r1")
    assert review_id_of(SECRET, "r1") != review_id_of(SECRET, "r2")
    assert review_id_of(SECRET, "r1", "Monday") != review_id_of(SECRET, "r1", "Tuesday")
    assert reviewer_hash(SECRET, "alice") != reviewer_hash(other, "alice")
    assert reviewer_hash(SECRET, "r1") != review_id_of(SECRET, "r1")


def test_two_reviews_of_one_release_have_other_shares() -> None:
    first, second = (review_id_of(SECRET, "r1", at) for at in ("Monday", "Tuesday"))
    assert unseal_share(TOKEN, first) != unseal_share(TOKEN, second)
