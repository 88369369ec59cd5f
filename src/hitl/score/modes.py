"""New failure modes: the candidate's failures that look alike, counted against the previous arm."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from hitl.score.arm import ArmScores, KeptReply
from hitl.score.failures import FailureModeResult
from hitl.score.finding import Mark
from hitl.score.suite import Suite
from hitl.stats.paired import PairedCounts, mcnemar

FEWEST_TO_SPLIT = 12
"""Fewer failures that break the same rules are one mode: so few words teach nothing."""

MOST_TEXTS = 1500
"""Texts that are compared with each other; of more, every k-th in the order of the cases."""

FARTHEST = 0.6
"""Cosine distance of TF-IDF weights up to which two groups of replies are one."""

TYPICAL = 0.2
"""A word is typical of a mode when it stands in so many more of its replies than elsewhere, as a share."""

FEWEST_TOGETHER = 3
OWN_RULE = "what the case itself expects"
MOST_EXAMPLES = 5
MOST_TERMS = 5
LEVEL = 0.05
WORD = r"(?u)\b[^\W\d]\w{2,29}\b"
"""What counts as a word: three to thirty characters, the first no digit."""
_WORD = re.compile(WORD)


@dataclass(frozen=True, slots=True)
class _Failure:
    case_id: str
    text: str
    before: str
    """The previous arm's reply to the same case."""


@dataclass(frozen=True, slots=True)
class _Wording:
    """How many failures there are, and how many of them hold each word."""

    n: int
    holding: Counter[str]

    @classmethod
    def of(cls, failures: Sequence[_Failure]) -> Self:
        counts: Counter[str] = Counter()
        for failure in failures:
            counts.update(set(_WORD.findall(failure.text.lower())))
        return cls(len(failures), counts)

    def share_outside(self, part: "_Wording", word: str) -> float:
        """Return the share of the failures outside a part that hold a word; 0 if there are none."""
        n = self.n - part.n
        return (self.holding[word] - part.holding[word]) / n if n else 0.0


Signature = tuple[str, tuple[str, ...]]
"""Subset, and the rules that were broken together."""


def failure_modes(
    suite: Suite, previous: ArmScores, candidate: ArmScores
) -> tuple[FailureModeResult, ...]:
    """Group the candidate's failed cases by subset, broken rules and wording, the largest excess first.

    Failures that break the same rules are split by wording (TF-IDF, average linkage), which needs
    no random start, so the same replies give the same groups. A mode is new when the candidate
    has it more often than the previous arm beyond chance (one-sided mid-p of the two counts).
    """
    common = _common_rules(suite, candidate)
    after = _by_signature(suite, candidate, previous, common)
    before = _by_signature(suite, previous, previous, common)
    wording = _Wording.of([failure for failures in after.values() for failure in failures])
    found: list[FailureModeResult] = []
    for (subset, rules), failures in sorted(after.items()):
        arms = failures, before.get((subset, rules), [])
        found.extend(_modes(subset, rules, arms, wording))
    return tuple(sorted(found, key=_weight))


def _weight(mode: FailureModeResult) -> tuple[bool, int, str, str]:
    return (not mode.is_new, mode.n_previous - mode.n_candidate, mode.subset, mode.name)


def _common_rules(suite: Suite, arm: ArmScores) -> frozenset[tuple[str, str]]:
    """Return the (subset, rule) pairs that several failed cases share; any other names one case's own value."""
    counts = Counter(
        (suite.subsets[suite.owner[position]].id, rule)
        for position, kept in arm.kept.items()
        for rule in {rule for reply in kept for rule in reply.rules}
    )
    return frozenset(pair for pair, count in counts.items() if count >= FEWEST_TOGETHER)


def _by_signature(
    suite: Suite, arm: ArmScores, previous: ArmScores, common: frozenset[tuple[str, str]]
) -> Mapping[Signature, list[_Failure]]:
    """Collect one failing reply a case under the rules that it broke."""
    groups: dict[Signature, list[_Failure]] = defaultdict(list)
    for position, kept in sorted(arm.kept.items()):
        if (reply := _first_failure(kept)) is not None:
            before = previous.kept.get(position, ())
            subset = suite.subsets[suite.owner[position]].id
            shared = tuple(rule for rule in reply.rules if (subset, rule) in common)
            failure = _Failure(
                suite.cases[position].id, reply.text, before[0].text if before else ""
            )
            groups[subset, shared or (OWN_RULE,)].append(failure)
    return groups


def _first_failure(kept: Sequence[KeptReply]) -> KeptReply | None:
    return next((reply for reply in kept if reply.mark is Mark.FAIL), None)


def _modes(
    subset: str,
    rules: tuple[str, ...],
    arms: tuple[list[_Failure], list[_Failure]],
    wording: _Wording,
) -> Iterator[FailureModeResult]:
    failures, before = arms
    together = _Wording.of(failures)
    now, was = _cluster(failures, before)
    alike: dict[tuple[str, ...], tuple[list[_Failure], int]] = {}
    for number in sorted(set(now.tolist())):
        members = [
            failure for failure, cluster in zip(failures, now, strict=True) if cluster == number
        ]
        own = _Wording.of(members)
        terms = _typical(
            members,
            (together, own) if len(members) < len(failures) else (wording, together),
        )
        joined, n_previous = alike.get(terms, ([], 0))
        alike[terms] = [*joined, *members], n_previous + int(np.count_nonzero(was == number))
    for terms, (members, n_previous) in alike.items():
        yield _mode(subset, rules, members, n_previous, terms)


def _cluster(
    failures: Sequence[_Failure], before: Sequence[_Failure]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number the group of each failure and of each previous failure.

    Replies are compared by the words that the candidate took up and that some of its failures
    have and others lack. Groups too small to be a pattern share the number 0.
    """
    together = np.zeros(len(failures), dtype=np.int64), np.zeros(len(before), dtype=np.int64)
    sample = failures[:: 1 + len(failures) // MOST_TEXTS]
    if len(sample) < FEWEST_TO_SPLIT or len(words := _telling_words(sample)) == 0:
        return together
    vectorizer = TfidfVectorizer(vocabulary=words, token_pattern=WORD, sublinear_tf=True)
    weights = vectorizer.fit_transform([failure.text for failure in sample]).toarray()
    filled = weights.any(axis=1)
    if np.count_nonzero(filled) < FEWEST_TO_SPLIT:
        return together
    linkage = AgglomerativeClustering(
        n_clusters=None, metric="cosine", linkage="average", distance_threshold=FARTHEST
    )
    labels = linkage.fit_predict(weights[filled])
    numbers, sizes = np.unique(labels, return_counts=True)
    if not np.any(sizes >= FEWEST_TOGETHER):
        return together
    members = [weights[filled][labels == number] for number in numbers[sizes >= FEWEST_TOGETHER]]
    centers = np.asarray(
        [group.mean(axis=0) / np.linalg.norm(group.mean(axis=0)) for group in members]
    )
    return _nearest(vectorizer, centers, failures), _nearest(vectorizer, centers, before)


def _nearest(
    vectorizer: TfidfVectorizer, centers: NDArray[np.float64], failures: Sequence[_Failure]
) -> NDArray[np.int64]:
    if not failures:
        return np.zeros(0, dtype=np.int64)
    likeness = np.asarray(vectorizer.transform([failure.text for failure in failures]) @ centers.T)
    best = np.where(likeness.max(axis=1) >= 1 - FARTHEST, likeness.argmax(axis=1) + 1, 0)
    return best.astype(np.int64)


def _mode(
    subset: str,
    rules: tuple[str, ...],
    failures: list[_Failure],
    n_previous: int,
    terms: tuple[str, ...],
) -> FailureModeResult:
    rule = rules[0] if rules else "no rule"
    more = f" and {len(rules) - 1} more" if len(rules) > 1 else ""
    return FailureModeResult(
        name=f"{rule}{more}" + (f" ({', '.join(terms[:3])})" if terms else ""),
        subset=subset,
        rule="; ".join(rules),
        n_candidate=len(failures),
        n_previous=n_previous,
        is_new=mcnemar(PairedCounts(0, len(failures), n_previous, 0)).worse <= LEVEL,
        terms=terms,
        examples=tuple(failure.case_id for failure in failures[:MOST_EXAMPLES]),
    )


def _telling_words(failures: Sequence[_Failure]) -> list[str]:
    """Return words that the candidate took up and that tell some of its failures from others."""
    words, here, there = _shares([f.text for f in failures], [f.before for f in failures])
    telling = (here - there >= TYPICAL / 2) & (here >= TYPICAL / 2) & (here <= 1 - TYPICAL / 2)
    return [str(word) for word in words[telling]]


def _typical(failures: Sequence[_Failure], others: tuple[_Wording, _Wording]) -> tuple[str, ...]:
    """Return the words that set these replies apart from the previous ones and from other failures.

    Args:
        failures: the replies, each with the previous one.
        others: all failures that are looked at, and the part of them that is not another one.
    """
    whole, part = others
    texts = [failure.text for failure in failures[:MOST_TEXTS]]
    words, here, before = _shares(texts, [failure.before for failure in failures[:MOST_TEXTS]])
    beyond = np.asarray([whole.share_outside(part, word) for word in words])
    excess = here - np.maximum(before, beyond)
    order = np.argsort(-excess, kind="stable")[:MOST_TERMS]
    return tuple(str(words[index]) for index in order if excess[index] >= TYPICAL)


def _shares(
    texts: Sequence[str], others: Sequence[str]
) -> tuple[NDArray[np.str_], NDArray[np.float64], NDArray[np.float64]]:
    """Return the words of all texts, with the share of each side's texts that hold each."""
    counter = CountVectorizer(binary=True, token_pattern=WORD, max_features=5000)
    try:
        counts = counter.fit_transform([*texts, *others])
    except ValueError:  # no word in any text
        nothing = np.zeros(0)
        return np.zeros(0, dtype=np.str_), nothing, nothing
    here = np.asarray(counts[: len(texts)].sum(axis=0)).ravel() / max(len(texts), 1)
    there = np.asarray(counts[len(texts) :].sum(axis=0)).ravel() / max(len(others), 1)
    return counter.get_feature_names_out(), here, there
