"""Whether a suggested step acts: restart, delete, refund, ... or only looks.

This is a rule on English words, not understanding. An action word counts in its base, -s, -ed and -ing form, in one
piece or split (`rollback`, `roll back`, `roll-back`), also inside names such as `restart_pod`. It does not count

- after a negation up to three words before it in the same clause; `do not restart or drain` negates both, and
  a word such as `hesitate` in between takes the negation away (`do not hesitate to restart`);
- as a noun: after an article or the like (`the last restart`), or between a looking word and one such as `log` or
  `history` (`check restart history`), unless a verb such as `perform` stands before it (`perform a restart`);
- as something that happened: an -ed form after was, were, been, recently, already and the like, or
  anywhere after `whether`.

Where English leaves it open (`the pod restarted`), the word counts: a false alarm is looked at, a miss is not.
"""

import re
from collections.abc import Iterator

from hitl.policy.posture import PosturePolicy
from hitl.score.expect.pattern import wildcard
from hitl.score.expect.step_words import (
    CLAUSE_ENDS,
    DELAYING,
    DETERMINERS,
    DOING,
    DONE,
    LOOKING,
    NOUN_TAILS,
    PUNCTUATION,
    phrase_forms,
)

REACH = 3
"""Words before an action word in which a negation counts."""
TEXT_LIMIT = 100_000
"""Characters of one text that are looked at; a longer text counts as acting, for nobody read its end."""

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|[,.;:!?\n]")


class StepReader:
    """The word and tool lists of a policy, ready to be looked up."""

    def __init__(self, policy: PosturePolicy) -> None:
        self._negations = {_phrase(negation) for negation in policy.negations} - {()}
        self._looking = wildcard(policy.read_only_tools)
        self._acting = wildcard(policy.action_tools)
        self._phrases: dict[str, list[tuple[tuple[str, ...], bool]]] = {}
        for word in policy.action_words:
            for phrase, past in phrase_forms(_phrase(word)):
                self._phrases.setdefault(phrase[0], []).append((phrase, past))

    @property
    def first_words(self) -> frozenset[str]:
        """Words with which a phrase that acts can begin; a text without any of them has no action word."""
        return frozenset(self._phrases)

    def tool_acts(self, name: str) -> bool:
        """Whether a tool changes something, by its name."""
        return self._acting.matches(name) or not self._looking.matches(name)

    def action_in(self, text: str) -> str:
        """Return the first action word of a text as it is written there; empty if there is none.

        Examples:
            >>> reader = StepReader(PosturePolicy())
            >>> reader.action_in("Check the restart history; do not drain the node.")
            ''
            >>> reader.action_in("Look at the logs, then roll back the deployment.")
            'roll back'
        """
        if len(text) > TEXT_LIMIT:
            return f"text of {len(text)} characters"
        words = list(_words(text))
        negated_until = -1
        for at, phrase, past in self._candidates(words):
            if (
                at < negated_until
                or self._is_negated(words, at)
                or _carries_on(words, negated_until, at)
            ):
                negated_until = at + len(phrase)
            elif not _is_noun(words, at, at + len(phrase)) and not (
                past and _has_happened(words, at)
            ):
                return " ".join(phrase)
        return ""

    def _candidates(self, words: list[str]) -> Iterator[tuple[int, tuple[str, ...], bool]]:
        for at, word in enumerate(words):
            for phrase, past in self._phrases.get(word, ()):
                if tuple(words[at : at + len(phrase)]) == phrase:
                    yield at, phrase, past
                    break

    def _is_negated(self, words: list[str], at: int) -> bool:
        start = at
        while start > max(0, at - REACH) and words[start - 1] not in CLAUSE_ENDS:
            start -= 1
        # A negation of two words may begin one word earlier than the reach.
        return any(
            tuple(words[place : place + len(negation)]) == negation
            and DELAYING.isdisjoint(words[place + len(negation) : at])
            for negation in self._negations
            for place in range(start, at - len(negation) + 1)
        )


def _carries_on(words: list[str], negated_until: int, at: int) -> bool:
    """Whether a negation before reaches this word through a list: not restart, drain or delete."""
    return 0 <= negated_until < at and all(
        word in (",", "or", "nor") for word in words[negated_until:at]
    )


def _is_noun(words: list[str], start: int, stop: int) -> bool:
    before = words[max(0, start - REACH) : start]
    if not before or DOING.intersection(before):
        return False
    named = stop < len(words) and words[stop] in NOUN_TAILS
    return before[-1] in DETERMINERS or (named and before[-1] in LOOKING)


def _has_happened(words: list[str], at: int) -> bool:
    clause: list[str] = []
    for word in reversed(words[max(0, at - 12) : at]):
        if word in CLAUSE_ENDS:
            break
        clause.append(word)
    return bool(DONE.intersection(clause[:2])) or "whether" in clause


def _phrase(text: str) -> tuple[str, ...]:
    return tuple(word for word in _words(text) if word not in PUNCTUATION)


def _words(text: str) -> Iterator[str]:
    for match in _WORD.finditer(text.replace("’", "'").lower()):
        yield match[0]
