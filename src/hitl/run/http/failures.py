"""Failures of HTTP calls: which fault it was, and one line for people that never holds the key."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cached_property

from hitl.document.schema import Json
from hitl.run.http.foreign_json import Fields, fields, items, read_json, text_of
from hitl.run.model import CallError, Fault

_LONGEST = 300
_REAL_KEY = 8
"""Fewest signs of a key that is taken out of answers."""
_ESCAPED_ALONE = frozenset('"\\/')
"""Signs of a key that JSON may write with a backslash and no number."""
_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?", re.ASCII)
_BUSY = re.compile(r"overload|capacity|busy|rate.?limit|too many|loading|throttl", re.IGNORECASE)
_NO_MONEY = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})


@dataclass(frozen=True)
class Secret:
    """A key, and the environment variable that it comes from."""

    value: str | None = field(repr=False)
    """The key; None where the endpoint needs none."""
    variable: str | None = None
    """The name of the variable, which may be shown."""

    def hide(self, text: str) -> str:
        """Return the text with the key replaced, as it is and in every way in which JSON writes it."""
        if not self.value:
            return text
        text = text.replace(self.value, "[the key]")
        return self._escaped.sub("[the key]", text) if "\\" in text else text

    def hide_in(self, answer: Json, raw: bytes) -> Json:
        """Return an answer, read from `raw`, without the key in any of its names and texts.

        Keys of fewer than 8 signs stay: they protect nothing and are words that an answer may hold, such as
        `ollama`, and a reply must not be judged by what was taken out of it without need.

        Raises:
            ValueError: the answer is nested deeper than anything honest.
        """
        if not self._may_be_in(raw):
            return answer
        try:
            return self._hidden(answer)
        except RecursionError:
            raise ValueError("nested too deeply") from None

    def _may_be_in(self, raw: bytes) -> bool:
        """Whether an answer has to be looked through; most hold neither the key nor an escape."""
        if not self.value or len(self.value) < _REAL_KEY:
            return False
        escape = b"\\" if _ESCAPED_ALONE & set(self.value) else b"\\u"
        return escape in raw or self.value.encode() in raw

    def _hidden(self, value: Json) -> Json:
        if isinstance(value, str):
            return self.hide(value)
        if isinstance(value, list):
            return [self._hidden(item) for item in value]
        if isinstance(value, dict):
            return {self.hide(name): self._hidden(item) for name, item in value.items()}
        return value

    @cached_property
    def _escaped(self) -> re.Pattern[str]:
        """Find the key with any of its signs escaped, also more than once: tool arguments are JSON within JSON."""
        return re.compile("".join(map(_forms, self.value or "")))

    @property
    def advice(self) -> str:
        """What to do when the server does not accept the key."""
        if not self.value:
            return "no key was sent; name the variable that holds it in `api_key_env` and set it"
        return f"check the key in {self.variable or 'the variable of `api_key_env`'}"


@dataclass(frozen=True, slots=True)
class BadAnswer:
    """An answer with a status other than 2xx."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


class RejectedError(CallError):
    """The server refuses the request as it stands."""

    def __init__(self, message: str, said: str, parameter: str | None) -> None:
        self.said = said
        """The server's own words, on one line."""
        self.parameter = parameter
        """The parameter that the server names as the cause."""
        super().__init__(Fault.REJECTED, message)


def failure(bad: BadAnswer, secret: Secret) -> CallError:
    """Say what an answer with this status means."""
    error = _error_of(bad.body)
    said = plain_line(_words(error, bad.body), secret)
    where = f"{bad.url} answered {bad.status}"
    told = f": {said}" if said else ""
    fault = _fault(bad.status, said, text_of(error.get("code")), bad.headers)
    match fault:
        case Fault.REJECTED if 300 <= bad.status < 400:
            moved = plain_line(bad.headers.get("Location", ""), secret)
            advice = "it wants the call elsewhere, and calls follow no redirect; correct `base_url`"
            return RejectedError(f"{where}: {advice} ({moved})", said, None)
        case Fault.REJECTED:
            return RejectedError(where + told, said, text_of(error.get("param")))
        case Fault.UNAUTHORIZED:
            return CallError(fault, f"{where}: {secret.advice}{told}")
        case Fault.NOT_FOUND:
            return CallError(fault, f"{where}: check the model's `id` and `base_url`{told}")
        case _:
            return CallError(fault, where + told, retry_after_s(bad.headers))


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a server asks to wait; a date counts from the answer's own `Date`."""
    if _SECONDS.fullmatch(milliseconds := headers.get("retry-after-ms", "").strip()):
        return float(milliseconds) / 1000
    asked = headers.get("Retry-After", "").strip()
    if not asked:
        return None
    if _SECONDS.fullmatch(asked):
        return float(asked)
    try:
        until, now = (parsedate_to_datetime(text) for text in (asked, headers.get("Date", "")))
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError):  # no dates, or one of them without a zone
        return None


def plain_line(text: str, secret: Secret) -> str:
    """Return text from outside as one short line without the key and without control characters."""
    line = " ".join(secret.hide(text).split())
    shown = line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
    if shown.isprintable():
        return shown
    return "".join(sign if sign.isprintable() else f"⟨U+{ord(sign):04X}⟩" for sign in shown)


def _forms(sign: str) -> str:
    """Return a pattern of a sign and its escapes; its bounds keep the search of a hostile text short."""
    alone = r"\\{0,15}" if sign in _ESCAPED_ALONE else ""
    return rf"(?:\\{{1,15}}u(?i:{ord(sign):04x})|{alone}{re.escape(sign)})"


def _fault(status: int, said: str, code: str | None, headers: Mapping[str, str]) -> Fault:
    if code in _NO_MONEY or status in (401, 402, 403):
        return Fault.UNAUTHORIZED  # no wait brings quota back, though such answers come as 429
    match status:
        case 404:
            return Fault.NOT_FOUND
        case 408:
            return Fault.TIMEOUT
        case 429 | 529:
            return Fault.RATE_LIMITED
        case 503 if _BUSY.search(said) or "Retry-After" in headers:
            return Fault.RATE_LIMITED
    return Fault.SERVER if status >= 500 else Fault.REJECTED


def _error_of(body: bytes) -> Fields:
    try:
        answer = read_json(body)
    except ValueError:
        return {}
    first = next(iter(items(answer)), None)  # Google's endpoints wrap the error in a list
    whole = fields(answer) or fields(first)
    error = whole.get("error")
    return error if isinstance(error, dict) else whole


def _words(error: Fields, body: bytes) -> str:
    for name in ("message", "error", "detail", "msg"):
        if words := _text(error.get(name)):
            return words
    return body.decode(errors="replace")


def _text(value: Json) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False) if value else ""
