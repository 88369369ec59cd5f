"""New failure modes: the candidate's failures that look alike, counted against the previous arm."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from hitl.score.arm import ArmScores, KeptReply
from hitl.score.finding import Mark
from hitl.score.suite import Suite
from hitl.stats.paired import PairedCounts, mcnemar

FEWEST_TO_SPLIT = 12
"""Fewer failures that break the same rules are one mode: so few words teach nothing."""

MOST_TEXTS = 1500
"""Texts that are compared with each other; of more, every k-th in the order of the cases."""

FARTHEST = 0.7
"""Cosine distance of TF-IDF weights up to which two groups of replies are one."""

NEAREST = 1 - FARTHEST
"""Cosine similarity that a previous failure needs to be counted with a group."""

FEWEST_TOGETHER = 3
MOST_EXAMPLES = 5
MOST_TERMS = 5
LEVEL = 0.05
WORD = r"(?u)\b[^\W\d]\w{2,}\b"
"""What counts as a word: three characters and more, the first no digit."""


@dataclass(frozen=True, slots=True)
class FailureModeResult:
    """Failures of the candidate that look alike."""

    name: str
    subset: str
    rule: str
    n_candidate: int
    n_previous: int
    is_new: bool
    terms: tuple[str, ...]
    """Words that stand in these replies and not in the previous arm's replies to the same cases."""
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Failure:
    case_id: str
    text: str
    before: str
    """The previous arm's reply to the same case."""


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
    after = _by_signature(suite, candidate, previous)
    before = _by_signature(suite, previous, previous)
    found: list[FailureModeResult] = []
    for (subset, rules), failures in sorted(after.items()):
        found.extend(_modes(subset, rules, failures, before.get((subset, rules), [])))
    return tuple(sorted(found, key=_weight))


def _weight(mode: FailureModeResult) -> tuple[bool, int, str, str]:
    return (not mode.is_new, mode.n_previous - mode.n_candidate, mode.subset, mode.name)


def _by_signature(
    suite: Suite, arm: ArmScores, previous: ArmScores
) -> Mapping[Signature, list[_Failure]]:
    """Collect one failing reply a case under the rules that it broke."""
    groups: dict[Signature, list[_Failure]] = defaultdict(list)
    for position, kept in sorted(arm.kept.items()):
        if (reply := _first_failure(kept)) is not None:
            before = previous.kept.get(position, ())
            subset = suite.subsets[suite.owner[position]].id
            failure = _Failure(
                suite.cases[position].id, reply.text, before[0].text if before else ""
            )
            groups[subset, reply.rules].append(failure)
    return groups


def _first_failure(kept: Sequence[KeptReply]) -> KeptReply | None:
    return next((reply for reply in kept if reply.mark is Mark.FAIL), None)


def _modes(
    subset: str, rules: tuple[str, ...], failures: list[_Failure], before: list[_Failure]
) -> Iterator[FailureModeResult]:
    now, was = _cluster(failures, before)
    for number in sorted(set(now.tolist())):
        members = [
            failure for failure, cluster in zip(failures, now, strict=True) if cluster == number
        ]
        yield _mode(subset, rules, members, int(np.count_nonzero(was == number)))


def _cluster(
    failures: Sequence[_Failure], before: Sequence[_Failure]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number the group of each failure, and of each previous failure (-1: like none of them).

    Groups that are too small to be a pattern share the number 0.
    """
    together = np.zeros(len(failures), dtype=np.int64), np.zeros(len(before), dtype=np.int64)
    sample = failures[:: 1 + len(failures) // MOST_TEXTS]
    if len({failure.text for failure in sample}) < FEWEST_TO_SPLIT:
        return together
    vectorizer = TfidfVectorizer(max_features=2000, token_pattern=WORD, sublinear_tf=True)
    try:
        weights = vectorizer.fit_transform([failure.text for failure in sample]).toarray()
    except ValueError:  # no word is left once numbers are gone
        return together
    filled = weights.any(axis=1)
    if np.count_nonzero(filled) < FEWEST_TO_SPLIT:
        return together
    linkage = AgglomerativeClustering(
        n_clusters=None, metric="cosine", linkage="average", distance_threshold=FARTHEST
    )
    labels = linkage.fit_predict(weights[filled])
    large = [
        number
        for number in np.unique(labels)
        if np.count_nonzero(labels == number) >= FEWEST_TOGETHER
    ]
    if not large:
        return together
    centers = np.asarray([weights[filled][labels == number].mean(axis=0) for number in large])
    centers /= np.linalg.norm(centers, axis=1, keepdims=True)
    return (
        _nearest(vectorizer, centers, [failure.text for failure in failures]),
        _nearest(vectorizer, centers, [failure.text for failure in before]),
    )


def _nearest(
    vectorizer: TfidfVectorizer, centers: NDArray[np.float64], texts: list[str]
) -> NDArray[np.int64]:
    if not texts:
        return np.zeros(0, dtype=np.int64)
    likeness = np.asarray(vectorizer.transform(texts) @ centers.T)
    return np.where(likeness.max(axis=1) >= NEAREST, likeness.argmax(axis=1) + 1, 0).astype(
        np.int64
    )


def _mode(
    subset: str, rules: tuple[str, ...], failures: list[_Failure], n_previous: int
) -> FailureModeResult:
    terms = _typical(failures)
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


def _typical(failures: Sequence[_Failure]) -> tuple[str, ...]:
    """Return the words that most set these replies apart from the previous replies to the same cases."""
    texts = [failure.text for failure in failures[:MOST_TEXTS]]
    others = [failure.before for failure in failures[:MOST_TEXTS]]
    counter = CountVectorizer(binary=True, token_pattern=WORD, max_features=5000)
    try:
        counts = counter.fit_transform(texts + others)
    except ValueError:  # no word in any text
        return ()
    here = np.asarray(counts[: len(texts)].sum(axis=0)).ravel() / len(texts)
    there = np.asarray(counts[len(texts) :].sum(axis=0)).ravel() / len(texts)
    excess = here - there
    words = counter.get_feature_names_out()
    order = np.argsort(-excess, kind="stable")[:MOST_TERMS]
    return tuple(str(words[index]) for index in order if excess[index] >= 0.25)
