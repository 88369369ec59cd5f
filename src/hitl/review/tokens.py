"""Names, tokens and signatures of a review: each is a keyed hash, so that the same secret gives the same bytes."""

import base64
import hashlib
import hmac

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_NAME_BYTES = 16
_TOKEN_BYTES = 25
"""200 bits; base32 needs no padding for a multiple of five bytes."""
_LENGTH_BYTES = 8


def keyed(secret: bytes, *words: str) -> bytes:
    """Return the HMAC-SHA256 of a list of words.

    Each word goes in behind its length, so that `("ab", "c")` and `("a", "bc")` differ.
    """
    state = hmac.new(secret, digestmod=hashlib.sha256)
    for word in words:
        content = word.encode()
        state.update(len(content).to_bytes(_LENGTH_BYTES, "big"))
        state.update(content)
    return state.digest()


def keyed_name(secret: bytes, *words: str) -> str:
    """Return 128 bits of a keyed hash in hex: a name that tells nothing of what it stands for."""
    return keyed(secret, *words)[:_NAME_BYTES].hex()


def review_id_of(secret: bytes, release_id: str, packed_at: str = "") -> str:
    """Return the name of a review.

    Args:
        secret: of the review.
        release_id: release that is reviewed.
        packed_at: tells reviews of one release apart. Without it, ballots of the first one would open the sealed key
            of the second, because shares are bound to the name of the review.
    """
    return keyed_name(secret, "review", release_id, packed_at)


def reviewer_hash(secret: bytes, name: str) -> str:
    """Return what stands for a reviewer's name; the same in every review with this secret."""
    return keyed_name(secret, "reviewer", name)


def access_token(secret: bytes, reviewer: str) -> str:
    """Return a reviewer's access token: 200 bits as 40 lower-case letters and digits, safe in a URL and a shell.

    Args:
        secret: of the review.
        reviewer: their hash.
    """
    return base64.b32encode(keyed(secret, "token", reviewer)[:_TOKEN_BYTES]).decode().lower()


def derived(token: str, review_id: str, purpose: str) -> bytes:
    """Return the 32 bytes that a token stands for in one review, for one purpose.

    HMAC-SHA256 with the token as the key and `hitl/<purpose>/<review_id>` as the message. It is this plain so that the
    packet without a server makes the same bytes with WebCrypto.
    """
    return hmac.digest(token.encode(), f"hitl/{purpose}/{review_id}".encode(), "sha256")


def token_digest(token: str, review_id: str) -> str:
    """Return by what a token is known, without giving it away."""
    return hashlib.sha256(derived(token, review_id, "known")).hexdigest()


def public_key(token: str, review_id: str) -> str:
    """Return the Ed25519 key, in hex, that checks what a token signs in a review."""
    public = _signing_key(token, review_id).public_key()
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def sign(token: str, review_id: str, message: bytes) -> str:
    """Return the Ed25519 signature of a message, in hex; the same message gives the same one."""
    return _signing_key(token, review_id).sign(message).hex()


def is_signed(public_key: str, message: bytes, signature: str) -> bool:
    """Whether a signature fits a message; what is no key or no signature fits nothing."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(signature), message)
    except (ValueError, InvalidSignature):
        return False
    return True


def unseal_share(token: str, review_id: str) -> str:
    """Return a reviewer's part, in hex, of what opens the sealed key."""
    return derived(token, review_id, "share").hex()


def _signing_key(token: str, review_id: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(derived(token, review_id, "sign"))
