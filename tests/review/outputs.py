"""Outputs of two arms that write alike, and habits by which one of them gives itself away."""

from collections.abc import Callable

import numpy as np

from hitl.review.candidate import Candidate
from tests.review.releases import a_candidate

Habit = Callable[[str], str]

_PLAIN = (
    "the server queue job disk node restart alert page check log team owner ticket priority high low cause memory leak cpu"
    " load retry timeout and to of in on is was a for with from at by this that it we should must can then when after"
)
_WORDS = [*_PLAIN.split(), *(f"term{number}" for number in range(300))]
_WEIGHTS = 1.0 / np.arange(3.0, 3.0 + len(_WORDS))
_CHANCES = _WEIGHTS / _WEIGHTS.sum()


def some_text(rng: np.random.Generator) -> str:
    """Return sentences, now and then a paragraph, a bullet, a semicolon."""
    words = [_WORDS[at] for at in rng.choice(len(_WORDS), int(rng.lognormal(4.0, 0.5)) + 4, p=_CHANCES)]  # fmt: skip
    parts, at = [], 0
    while at < len(words):
        size = int(rng.integers(4, 14))
        sentence = " ".join(words[at : at + size]).capitalize()
        parts.append(
            sentence + (". ", "; ", ".\n\n", ".\n- ")[int(rng.choice(4, p=[0.7, 0.1, 0.1, 0.1]))]
        )
        at += size
    return "".join(parts).strip() + "."


def a_world(
    seed: int, n: int, habit: Habit | None = None, share: float = 1.0, per_cluster: int = 1
) -> list[Candidate]:
    """Return pairs of outputs of one model, of which the candidate has a habit, if any."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(n):
        previous, candidate = some_text(rng), some_text(rng)
        if habit is not None and rng.random() < share:
            candidate = habit(candidate)
        cluster = f"cluster-{number // per_cluster}"
        made.append(a_candidate(f"case-{number:05d}", previous, candidate, cluster=cluster))
    return made
