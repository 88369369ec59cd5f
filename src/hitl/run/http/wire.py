"""One HTTP endpoint: JSON there, JSON back, and every failure under its name."""

import io
from time import perf_counter

import aiohttp
from aiohttp.http_exceptions import ContentEncodingError
from yarl import URL

from hitl.document.schema import Json
from hitl.run.http.failures import BadAnswer, Secret, failure, plain_line
from hitl.run.http.foreign_json import Fields, read_json, write_json
from hitl.run.model import CallError, Fault

ANSWER_LIMIT = 16 << 20
"""Most bytes of an answer, after decompression."""

_ERROR_LIMIT = 64 << 10
_LARGE_BODY = 1 << 20


class Wire:
    """A session with one endpoint, opened in the running loop by the first call."""

    def __init__(
        self, headers: dict[str, str], secret: Secret, timeout_s: float, connections: int
    ) -> None:
        """Take what all calls share.

        Raises:
            ValueError: the key holds what no header can.
        """
        if not (secret.value or "").isascii() or not (secret.value or "").isprintable():
            name = secret.variable or "`api_key_env`"
            raise ValueError(f"the key in {name} holds a line break or a sign outside ASCII")
        self._headers = {"Content-Type": "application/json", "User-Agent": "hitl"} | headers
        self._secret = secret
        self._timeout_s = timeout_s
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def post(self, url: URL, content: Json) -> tuple[Fields, float]:
        """Send JSON; return the JSON object that comes back, and milliseconds to its last byte.

        Raises:
            CallError: there is no such object.
        """
        body = write_json(content)
        started = perf_counter()
        raw = await self._exchange("POST", url, body)
        took = (perf_counter() - started) * 1000
        try:
            answer = self._secret.hide_in(read_json(raw, lenient=True), raw)
        except ValueError as error:
            raise self.malformed(url, f"the answer is no JSON ({error})") from None
        if not isinstance(answer, dict):
            raise self.malformed(url, "the answer is JSON, but not an object")
        return answer, took

    async def look(self, url: URL) -> Json:
        """Return the JSON, without the key, behind a path that a server may or may not have; None without it."""
        try:
            raw = await self._exchange("GET", url, b"")
            return self._secret.hide_in(read_json(raw), raw)
        except (CallError, ValueError):
            return None

    async def close(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def malformed(self, url: URL, what: str) -> CallError:
        """Say that an answer is not what the API promises."""
        return CallError(Fault.MALFORMED, f"{url}: {plain_line(what, self._secret)}")

    def reported(self, url: URL, status: int, answer: Fields) -> CallError:
        """Say what failed, for a server that reports an error under status 200."""
        return failure(BadAnswer(str(url), status, {}, write_json(answer)), self._secret)

    async def _exchange(self, method: str, url: URL, body: bytes) -> bytes:
        session = self._session or self._opened()
        data = body if len(body) < _LARGE_BODY else io.BytesIO(body)
        try:
            async with session.request(
                method, url, data=data or None, allow_redirects=False
            ) as response:
                if not 200 <= response.status < 300:
                    raise await self._failure(url, response)
                self._check_type(url, response)
                raw = await _read(response, ANSWER_LIMIT)
                if len(raw) > ANSWER_LIMIT:
                    message = f"{url}: the answer has more than {ANSWER_LIMIT >> 20} MB; nothing of it was kept"
                    raise CallError(Fault.TOO_LARGE, message)
                return raw
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise self._broken(url, error) from None

    def _opened(self) -> aiohttp.ClientSession:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections),
            headers=self._headers,
            timeout=aiohttp.ClientTimeout(total=self._timeout_s),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )
        return self._session

    def _check_type(self, url: URL, response: aiohttp.ClientResponse) -> None:
        kind = response.headers.get("Content-Type", "json")  # without a type, the content decides
        if "json" not in kind and "json" not in kind.lower():
            raise self.malformed(url, f"the answer is {kind}; expected application/json")

    async def _failure(self, url: URL, response: aiohttp.ClientResponse) -> CallError:
        try:
            body = await _read(response, _ERROR_LIMIT)
        except (aiohttp.ClientError, OSError):  # the status says enough
            body = b""
        return failure(BadAnswer(str(url), response.status, response.headers, body), self._secret)

    def _broken(self, url: URL, error: Exception) -> CallError:
        if isinstance(error, TimeoutError):
            message = f"{url}: no whole answer within {self._timeout_s:g} s (limits.timeout_s)"
            return CallError(Fault.TIMEOUT, message)
        line = plain_line(str(error), self._secret) or type(error).__name__
        undecodable = isinstance(error.__cause__, ContentEncodingError)
        if undecodable or isinstance(error, aiohttp.ClientResponseError):
            return CallError(
                Fault.MALFORMED, f"{url}: the answer breaks the rules of HTTP ({line})"
            )
        if isinstance(error, aiohttp.ClientConnectorError):
            advice = "is the server running, and is `base_url` right?"
            return CallError(Fault.UNREACHABLE, f"{url}: no connection ({line}); {advice}")
        if isinstance(error, ValueError):
            message = f"{url}: no call can be made to this address ({line}); correct `base_url`"
            return CallError(Fault.UNREACHABLE, message)
        return CallError(Fault.BROKEN, f"{url}: the connection broke before an answer ({line})")


async def _read(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """Read to the end, or to the first piece past the limit: never the whole of a bomb."""
    pieces: list[bytes] = []
    size = 0
    while piece := await response.content.readany():
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            response.close()
            break
    return b"".join(pieces)
