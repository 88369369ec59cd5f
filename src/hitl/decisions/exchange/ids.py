"""Ids of traces and spans: hexadecimal in OTLP JSON, base64 where a protobuf library wrote them."""

import base64
import binascii
import re

_HEX = re.compile(r"(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{16})\Z")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{22}==|[A-Za-z0-9+/]{11}=)\Z")


def hex_id(value: object) -> str:
    """Return an id in lower-case hexadecimal; any other text as it is; empty if there is none.

    Hexadecimal ids have 16 or 32 characters and base64 ones 12 or 24, so they cannot be mistaken.

    Examples:
        >>> hex_id("AAECAwQFBgc="), hex_id("00F067AA0BA902B7"), hex_id("tr-7"), hex_id(None)
        ('0001020304050607', '00f067aa0ba902b7', 'tr-7', '')
    """
    if not isinstance(value, str):
        return ""
    if _HEX.match(value):
        return value.lower()
    if _BASE64.match(value):
        try:
            return base64.b64decode(value, validate=True).hex()
        except binascii.Error:
            return value
    return value


def joined(trace: str, span: str) -> str:
    """Return the name of a span: its id is unique within its trace only."""
    return f"{trace}-{span}" if trace and span else span
