"""The sealed key: which output is whose, in bytes that open only when every reviewer has locked their votes.

The bytes are a line that names the format, a commitment to the shares, a nonce, and AES-256-GCM of the padded key. All
that the cipher needs comes from the shares of all reviewers, so that the same key and shares give the same bytes. Whoever
holds the secret of the review, or all invitations, holds all shares: the seal binds reviewers, and it binds the
lead to what was packed; it does not stop a lead who wants to look.
"""

import hashlib
import hmac
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import ValidationError

from hitl.digest import canonical
from hitl.errors import EvidenceError
from hitl.review.parts import ReviewKey
from hitl.review.tokens import keyed

HEADER = b"hitl/sealed-key/v1\n"
"""First line of `key.sealed`."""
BLOCK = 4096
"""The padded key is a multiple of so many bytes: its size says nothing of its content."""

_LENGTH = 8
_KEY = 32
_NONCE = 12
_SHORTEST_SHARE = 32


def seal(key: ReviewKey, shares: Sequence[str]) -> bytes:
    """Return the sealed key.

    Args:
        key: which output is whose.
        shares: of every reviewer, adjudicators too, in any order.

    Raises:
        ValueError: there are no shares, or one is too short or there twice.
    """
    if not shares or len(set(shares)) < len(shares) or min(map(len, shares)) < _SHORTEST_SHARE:
        raise ValueError("a seal needs the share of each reviewer, each once")
    content = _padded(canonical(key.model_dump(mode="json")))
    cipher_key, nonce_key, commitment = _keys(shares, key.review_id)
    nonce = hmac.digest(nonce_key, content, "sha256")[:_NONCE]
    head = HEADER + commitment
    return head + nonce + AESGCM(cipher_key).encrypt(nonce, content, head)


def unseal(sealed: bytes, shares: Sequence[str], review_id: str) -> ReviewKey:
    """Open the sealed key.

    Args:
        sealed: bytes of `key.sealed`.
        shares: of every reviewer, in any order.
        review_id: the review that they belong to.

    Raises:
        EvidenceError: it does not open; says why.
    """
    head_size = len(HEADER) + _KEY
    head, nonce, content = sealed[:head_size], sealed[head_size : head_size + _NONCE], sealed[head_size + _NONCE :]  # fmt: skip
    if not head.startswith(HEADER) or len(content) < BLOCK:
        raise _closed("it is no sealed key, or was cut short; copy it again from where the review was packed")  # fmt: skip
    cipher_key, _, commitment = _keys(shares, review_id)
    if not hmac.compare_digest(head, HEADER + commitment):
        raise _closed(
            f"it takes the share of every reviewer of this review, adjudicators too, and the {len(shares)} at hand are not those; "
            "wait until all have locked, or merge with --without REVIEWER and their invitation"
        )
    try:
        plain = AESGCM(cipher_key).decrypt(nonce, content, head)
    except (InvalidTag, ValueError):
        raise _closed("its bytes were changed; copy it again from where the review was packed") from None  # fmt: skip
    return _key_of(plain)


def _key_of(plain: bytes) -> ReviewKey:
    size = int.from_bytes(plain[:_LENGTH], "big")
    try:
        return ReviewKey.model_validate_json(plain[_LENGTH : _LENGTH + size])
    except ValidationError as error:
        problem = f"it holds no key that this version reads ({error.error_count()} faults); use the version that packed it"
        raise _closed(problem) from error


def _padded(content: bytes) -> bytes:
    """Fill content up to a whole number of blocks, as many whichever arm is which.

    `candidate` is one letter longer than `previous`. An item with one arm would make the key longer or shorter by
    that, so each `previous` is given the room of a `candidate`.
    """
    room = _LENGTH + len(content) + content.count(b'"previous"')
    size = -(-room // BLOCK) * BLOCK
    return (len(content).to_bytes(_LENGTH, "big") + content).ljust(size, b"\0")


def _keys(shares: Sequence[str], review_id: str) -> tuple[bytes, bytes, bytes]:
    """Return the key of the cipher, that of the nonce, and a commitment to both.

    AES-GCM alone lets bytes be made that open under two keys; with the commitment, they open under one.
    """
    info = b"hitl/sealed-key/" + review_id.encode()
    material = keyed(hashlib.sha256(info).digest(), *sorted(shares))
    stream = HKDF(algorithm=SHA256(), length=3 * _KEY, salt=None, info=info).derive(material)
    return stream[:_KEY], stream[_KEY : 2 * _KEY], stream[2 * _KEY :]


def _closed(why: str) -> EvidenceError:
    return EvidenceError(f"key.sealed does not open: {why}")
