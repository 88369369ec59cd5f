"""How an answer reaches the caller, or does not."""

import asyncio
import gzip
import json
import socket
import struct
from collections.abc import Mapping
from email.utils import formatdate
from typing import Any

from aiohttp import web

from tests.loopback.asked import Asked
from tests.loopback.rules import Rule
from tests.loopback.shapes import error_body

_INSTEAD = ("hang", "reset", "not_http", "break", "html", "redirect", "echo_key", "status")
_EPOCH = 1_790_000_000  # dates count from the answer's own Date


async def instead(
    request: web.Request, asked: Asked, effects: Mapping[str, Rule]
) -> web.StreamResponse | None:
    """Return what comes instead of an answer, if a rule says so."""
    do = next((name for name in _INSTEAD if name in effects), None)
    rule = effects.get(do or "", {})
    match do:
        case None:
            return None
        case "hang":
            await asyncio.sleep(3600)
        case "reset":
            _reset(request)
        case "not_http":
            assert request.transport is not None
            request.transport.write(b"what is HTTP?\r\n\r\n")
            request.transport.close()
        case "break":
            headers = {"Content-Type": "application/json", "Content-Length": "1000"}
            response = web.StreamResponse(status=rule.get("status", 200), headers=headers)
            await response.prepare(request)
            await response.write(b'{"choices": [')
            await asyncio.sleep(0.05)
            _reset(request)
        case "html":
            return web.Response(text="<h1>Log in</h1>", content_type="text/html")
        case "redirect":
            return web.Response(status=307, headers={"Location": rule["to"]})
        case "echo_key":
            sent = request.headers.get("Authorization", request.headers.get("x-api-key", ""))
            message = rule.get("message", "bad header {key}").format(key=sent.removeprefix("Bearer "))  # fmt: skip
            return _json(error_body(message, rule, asked.is_anthropic), rule.get("status", 400))
        case "status":
            return _status(rule, asked)
    return web.Response(status=500)  # never seen: the connection is gone


async def deliver(
    request: web.Request, body: dict[str, Any], effects: Mapping[str, Rule]
) -> web.StreamResponse:
    content = json.dumps(body).encode()
    headers = {"Content-Type": effects.get("type", {}).get("type", "application/json")}
    if "raw" in effects:
        content = effects["raw"]["body"].encode()
    if "cut" in effects:
        content = content[: len(content) // 2]
    if "gzip" in effects or "bomb" in effects or "bad_gzip" in effects:
        headers["Content-Encoding"] = "gzip"
    if "gzip" in effects:
        content = gzip.compress(content)
    if "bomb" in effects:
        content = gzip.compress(bytes(effects["bomb"]["size"]), compresslevel=1)
    if "drip" not in effects:
        return web.Response(body=content, headers=headers)
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    for byte in content:
        await response.write(bytes([byte]))
        await asyncio.sleep(effects["drip"].get("pause_s", 0.05))
    return response


def _reset(request: web.Request) -> None:
    """End the connection with RST rather than FIN."""
    transport = request.transport
    assert transport is not None
    linger = struct.pack("ii", 1, 0)
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()


def _status(rule: Rule, asked: Asked) -> web.Response:
    headers = {}
    if "retry_after" in rule:
        headers["Retry-After"] = str(rule["retry_after"])
    if "retry_after_ms" in rule:
        headers["retry-after-ms"] = str(rule["retry_after_ms"])
    if "retry_after_date" in rule:
        headers["Date"] = formatdate(_EPOCH, usegmt=True)
        headers["Retry-After"] = formatdate(_EPOCH + rule["retry_after_date"], usegmt=True)
    if "body" in rule:
        return web.Response(text=rule["body"], status=rule["status"], headers=headers)
    message = rule.get("message", f"status {rule['status']}")
    return _json(error_body(message, rule, asked.is_anthropic), rule["status"], headers)


def _json(body: dict[str, Any], status: int, headers: Mapping[str, str] | None = None) -> web.Response:  # fmt: skip
    return web.json_response(body, status=status, headers=headers)
