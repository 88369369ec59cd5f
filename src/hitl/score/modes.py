"""New failure modes: the candidate's failures that look alike, counted against the previous arm."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import TfidfVectorizer

from hitl.score.arm import ArmScores, KeptReply
from hitl.score.finding import Mark
from hitl.score.suite import Suite
from hitl.stats.paired import PairedCounts, mcnemar

FEWEST_TO_SPLIT = 12
"""A rule with fewer failures is one mode: nothing can be learned from so few words."""

MOST_TEXTS = 2000
"""Texts that are looked at for each rule; beyond it every k-th, in the order of the cases."""

WORD = r"(?u)\b[^\W\d]\w{2,}\b"
"""What counts as a word: three characters and more, the first no digit."""

MOST_CLUSTERS = 4
MOST_EXAMPLES = 5
LEVEL = 0.05


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
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Failure:
    case_id: str
    text: str


def failure_modes(
    suite: Suite, previous: ArmScores, candidate: ArmScores, seed: int
) -> tuple[FailureModeResult, ...]:
    """Group the candidate's failed cases by subset, rule and wording, the largest excess first.

    A mode is new when the candidate has it more often than the previous arm beyond chance
    (one-sided mid-p of the two counts). Wording is compared by TF-IDF and k-means with a fixed
    seed, so the same replies give the same groups.
    """
    before, after = _by_rule(suite, previous), _by_rule(suite, candidate)
    found: list[FailureModeResult] = []
    for (subset, rule), failures in sorted(after.items()):
        found.extend(_split(subset, rule, failures, before.get((subset, rule), []), seed))
    return tuple(
        sorted(
            found,
            key=lambda mode: (
                not mode.is_new,
                mode.n_previous - mode.n_candidate,
                mode.subset,
                mode.name,
            ),
        )
    )


def _by_rule(suite: Suite, arm: ArmScores) -> Mapping[tuple[str, str], list[_Failure]]:
    """Collect one failing reply a case under each rule that it broke."""
    groups: dict[tuple[str, str], list[_Failure]] = defaultdict(list)
    for position, kept in sorted(arm.kept.items()):
        subset = suite.subsets[suite.owner[position]].id
        for rule, reply in _broken(kept).items():
            groups[subset, rule].append(_Failure(suite.cases[position].id, reply.text))
    return groups


def _broken(kept: Iterable[KeptReply]) -> dict[str, KeptReply]:
    found: dict[str, KeptReply] = {}
    for reply in kept:
        if reply.mark is Mark.FAIL:
            for rule in reply.rules:
                found.setdefault(rule, reply)
    return found


def _split(
    subset: str, rule: str, failures: list[_Failure], before: list[_Failure], seed: int
) -> list[FailureModeResult]:
    sample = failures[:: 1 + len(failures) // MOST_TEXTS]
    if (
        len(failures) < FEWEST_TO_SPLIT
        or len({failure.text for failure in sample}) < FEWEST_TO_SPLIT
    ):
        return [_mode(subset, rule, failures, len(before), _common_words(failures))]
    vectorizer = TfidfVectorizer(
        max_features=2000,
        stop_words="english",
        token_pattern=WORD,
        sublinear_tf=True,
    )
    try:
        weights = vectorizer.fit_transform([failure.text for failure in sample])
    except ValueError:  # no word is left once numbers and stop words are gone
        return [_mode(subset, rule, failures, len(before), ())]
    clusters = KMeans(
        n_clusters=min(MOST_CLUSTERS, len(sample) // FEWEST_TO_SPLIT + 1),
        n_init=3,
        random_state=seed,
    ).fit(weights)
    now = clusters.predict(vectorizer.transform([failure.text for failure in failures]))
    was = (
        clusters.predict(vectorizer.transform([failure.text for failure in before]))
        if before
        else np.array([], dtype=int)
    )
    words = vectorizer.get_feature_names_out()
    modes = []
    for number, center in enumerate(clusters.cluster_centers_):
        members = [
            failure for failure, cluster in zip(failures, now, strict=True) if cluster == number
        ]
        if members:
            terms = tuple(
                str(words[index])
                for index in np.argsort(-center, kind="stable")[:5]
                if center[index] > 0
            )
            modes.append(_mode(subset, rule, members, int(np.sum(was == number)), terms))
    return modes


def _mode(
    subset: str, rule: str, failures: list[_Failure], n_previous: int, terms: tuple[str, ...]
) -> FailureModeResult:
    excess = mcnemar(PairedCounts(0, len(failures), n_previous, 0)).worse
    return FailureModeResult(
        name=f"{rule} ({', '.join(terms[:3])})" if terms else rule,
        subset=subset,
        rule=rule,
        n_candidate=len(failures),
        n_previous=n_previous,
        is_new=excess <= LEVEL,
        terms=terms,
        examples=tuple(failure.case_id for failure in failures[:MOST_EXAMPLES]),
    )


def _common_words(failures: list[_Failure]) -> tuple[str, ...]:
    """Return words of five letters and more that stand in at least half of the texts."""
    counts = Counter(
        word
        for failure in failures
        for word in set(failure.text.lower().split())
        if word.isalpha() and len(word) > 4
    )
    return tuple(sorted(word for word, count in counts.items() if count * 2 >= len(failures) > 1))[
        :5
    ]
