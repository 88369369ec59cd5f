"""Closeness to a text, from 0 to 1, by rapidfuzz.

`ratio` counts the characters to insert and delete; `token_set` compares the sets of words, so that order and
repeats do not matter. Both heed upper and lower case, and compare the first 20,000 characters of each text.
"""

from typing import assert_never

from rapidfuzz import fuzz

from hitl.golden.expectation import SimilarityMethod, SimilarityRule
from hitl.score.answer import Answer
from hitl.score.expect.check import Verdicts
from hitl.score.expect.say import say
from hitl.score.finding import Finding

LENGTH = 20_000
"""Characters of each text that are compared."""


class SimilarityCheck:
    """A compiled `SimilarityRule`."""

    def __init__(self, rule: SimilarityRule) -> None:
        self._verdicts = Verdicts(
            f"similarity ({rule.by}) to {say(rule.similar_to)} is at least {rule.at_least:g}"
        )
        self.rule = self._verdicts.rule
        self._reference = rule.similar_to.strip()[:LENGTH]
        self._at_least = rule.at_least
        match rule.by:
            case SimilarityMethod.RATIO:
                self._score = fuzz.ratio
            case SimilarityMethod.TOKEN_SET:
                self._score = fuzz.token_set_ratio
            case _:
                assert_never(rule.by)

    def __call__(self, answer: Answer) -> Finding:
        """Compare the texts."""
        if (finding := self._verdicts.without_text(answer)) is not None:
            return finding
        score = self._score(answer.text[:LENGTH], self._reference) / 100
        return (
            self._verdicts.passed
            if score >= self._at_least
            else self._verdicts.failed(f"{score:.3f}")
        )
