"""Ed25519 verification from the equations of RFC 8032, section 5.1: a second reading, slow and for tests only."""

import hashlib

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
Point = tuple[int, int]


def _x_of(y: int, sign: int) -> int:
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    assert (x * x - square) % P == 0, "not on the curve"
    return P - x if x & 1 != sign else x


def _add(a: Point, b: Point) -> Point:
    (x, y), (u, v) = a, b
    twist = D * x * u * y * v % P
    return (
        (x * v + u * y) * pow(1 + twist, P - 2, P) % P,
        (y * v + x * u) * pow(1 - twist, P - 2, P) % P,
    )


def _times(point: Point, factor: int) -> Point:
    result = (0, 1)
    while factor:
        if factor & 1:
            result = _add(result, point)
        point = _add(point, point)
        factor >>= 1
    return result


def _point(content: bytes) -> Point:
    number = int.from_bytes(content, "little")
    y = number & (2**255 - 1)
    return _x_of(y, number >> 255), y


_Y = 4 * pow(5, P - 2, P) % P
BASE = (_x_of(_Y, 0), _Y)


def fits(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether 8sB = 8R + 8kA, here without the cofactor, which is stricter."""
    scalar = int.from_bytes(signature[32:], "little")
    if scalar >= ORDER:
        return False
    hashed = hashlib.sha512(signature[:32] + public_key + message).digest()
    challenge = int.from_bytes(hashed, "little") % ORDER
    right = _add(_point(signature[:32]), _times(_point(public_key), challenge))
    return _times(BASE, scalar) == right
