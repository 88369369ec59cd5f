"""When the server misbehaves: `{"when": {...}, "do": "...", ...}`, in the order written.

Conditions, all of which must hold: `contains` (in the last user message), `model`, `turn`; then, counted over the
calls that hold so far: `every` n-th, the `first` n, those `after` n. `per: "message"` counts each message apart.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from tests.loopback.asked import Asked

Rule = Mapping[str, Any]

KNOWN = frozenset({
    # instead of an answer
    "status", "hang", "reset", "break", "html", "redirect", "echo_key", "not_http",
    # how an answer is delivered
    "cut", "gzip", "bad_gzip", "drip", "bomb", "type",
    # what an answer holds
    "text", "big", "empty", "refusal", "refusal_block", "filtered", "length", "finish", "tool_calls",
    "model", "no_model", "no_usage", "usage", "logprobs", "no_choices", "error_in_200", "raw", "parts",
})  # fmt: skip


class RuleBook:
    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = [dict(rule) for rule in rules]
        for rule in self._rules:
            if str(rule["do"]).isdigit():  # "429" is short for a status
                rule.update(do="status", status=int(rule["do"]))
            if rule["do"] not in KNOWN:
                raise ValueError(
                    f"no such behaviour: {rule['do']!r}; expected one of {sorted(KNOWN)}"
                )
        self._seen: Counter[tuple[int, str]] = Counter()

    def effects(self, asked: Asked) -> dict[str, Rule]:
        """Return what happens to a call, by behaviour; of two rules for one, the first counts."""
        found: dict[str, Rule] = {}
        for number, rule in enumerate(self._rules):
            if self._holds(number, rule.get("when", {}), asked):
                found.setdefault(rule["do"], rule)
        return found

    def _holds(self, number: int, when: Mapping[str, Any], asked: Asked) -> bool:
        if "contains" in when and when["contains"] not in asked.user:
            return False
        if any(name in when and when[name] != getattr(asked, name) for name in ("model", "turn")):
            return False
        key = (number, asked.digest if when.get("per") == "message" else "")
        self._seen[key] += 1
        n = self._seen[key]
        if n % when.get("every", 1) or n <= when.get("after", 0):
            return False
        return n <= when.get("first", n)
