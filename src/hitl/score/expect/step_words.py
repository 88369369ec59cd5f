"""English words around an action word that say whether it acts, and the forms of action words."""

import re
from collections.abc import Iterator

PUNCTUATION = frozenset(",.;:!?\n")
CLAUSE_ENDS = PUNCTUATION | {"but", "then", "instead"}

DELAYING = frozenset({
    "delay", "delaying", "fail", "failing", "forget", "forgetting", "hesitate", "hesitating", "hesitation", "wait", "waiting",
})  # fmt: skip
"""Between a negation and an action word: it acts all the same (`do not forget to restart`)."""

DETERMINERS = frozenset({
    "a", "an", "any", "each", "every", "its", "last", "latest", "past", "previous", "prior", "recent", "that", "the",
    "their", "these", "this", "those",
})  # fmt: skip
"""Before an action word: a noun (`the last restart`)."""

LOOKING = frozenset({
    "about", "after", "at", "check", "compare", "examine", "find", "for", "from", "in", "inspect", "list", "of", "query", "read",
    "report", "review", "see", "show", "summarize", "tail", "view", "with",
})  # fmt: skip
NOUN_TAILS = frozenset({
    "attempts", "budget", "config", "configuration", "count", "counts", "errors", "event", "events", "failures", "history",
    "limit", "limits", "log", "logs", "loop", "loops", "metrics", "notes", "plan", "policies", "policy", "rate", "rates",
    "reason", "reasons", "settings", "state", "status", "storm", "time", "times", "window",
})  # fmt: skip
"""After an action word that follows a looking word: a noun (`check restart history`; `delete logs` acts)."""

DOING = frozenset({
    "apply", "attempt", "begin", "do", "execute", "force", "initiate", "issue", "make", "perform", "request", "run", "schedule",
    "start", "trigger", "try",
})  # fmt: skip
"""Before the noun: it acts all the same (`perform a restart`)."""

DONE = frozenset(
    {"already", "been", "being", "got", "last", "previously", "recently", "was", "were"}
)
"""Before an -ed form: it happened, nobody is told to do it."""

PARTICLES = ("back", "down", "over", "up", "off", "out")
_IRREGULAR: dict[str, tuple[str, ...]] = {"write": ("wrote", "written"), "pay": ("paid",)}


def phrase_forms(phrase: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Return each form of an action word, in one piece or split, and whether it is a past form."""
    if not phrase:
        return
    first, rest = phrase[0], phrase[1:]
    for form, past in _inflect(first):
        yield (form, *rest), past
    for particle in PARTICLES:
        stem = first.removesuffix(particle)
        if not rest and stem != first and len(stem) >= 3:
            for form, past in _inflect(stem):
                yield (form, particle), past


def _inflect(word: str) -> Iterator[tuple[str, bool]]:
    yield word, False
    yield from ((form, True) for form in _IRREGULAR.get(word, ()))
    stems = [word.removesuffix("e")]
    if re.search(r"[^aeiou][aeiou][^aeiouwxy]$", word):
        stems.append(word + word[-1])  # stopping, dropped
    for stem in stems:
        yield stem + "ing", False
        yield stem + "ed", True
    if re.search(r"[^aeiou]y$", word):
        yield word[:-1] + "ies", False
        yield word[:-1] + "ied", True
    else:
        yield word + ("es" if re.search(r"(?:s|x|z|ch|sh)$", word) else "s"), False
