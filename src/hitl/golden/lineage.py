"""Which cases are independent evidence: declared clusters, and inputs that repeat under several ids."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hitl.digest import digest
from hitl.document.schema import Json
from hitl.golden.case import Case


@dataclass(frozen=True, slots=True)
class Lineage:
    """Two numbers a case: cases that share one are not independent evidence."""

    clusters: NDArray[np.int64]
    """As declared; a case that names no cluster has its own."""
    joined: NDArray[np.int64]
    """The same, with the clusters of cases that repeat an input joined."""


def trace_lineage(cases: Sequence[Case]) -> Lineage:
    """Return what each case shares with others.

    Two cases that ask the same are the same evidence, whatever they are called.
    """
    numbers: dict[str, int] = {}
    names = (case.cluster if case.cluster is not None else f"\0{i}" for i, case in enumerate(cases))
    clusters = [numbers.setdefault(name, len(numbers)) for name in names]
    parents = list(range(len(numbers)))
    first: dict[str, int] = {}
    for case, cluster in zip(cases, clusters, strict=True):
        if (content := asked(case)) is not None:
            twin = first.setdefault(content, cluster)
            parents[_root(parents, cluster)] = _root(parents, twin)
    joined = [_root(parents, cluster) for cluster in clusters]
    return Lineage(np.asarray(clusters, dtype=np.int64), np.asarray(joined, dtype=np.int64))


def _root(parents: list[int], number: int) -> int:
    while parents[number] != number:
        parents[number] = parents[parents[number]]
        number = parents[number]
    return number


def asked(case: Case) -> str | None:
    """Return what a case asks, the same for every case that asks it; None if it does not say.

    Two cases ask the same if they have the same input and context; white space and upper case make
    no difference in a text and in the contents of chat messages.
    """
    if not case.input:
        return None
    question = case.model_dump(mode="json", include={"input", "context"})
    if isinstance(case.input, str):
        question["input"] = _folded(case.input)
    elif isinstance(case.input, tuple):
        for message in question["input"]:
            message["content"] = _folded(message.get("content"))
    return digest(question)


def _folded(value: Json) -> Json:
    match value:
        case str():
            return " ".join(value.split()).casefold()
        case list():
            return [_folded(item) for item in value]
        case dict():
            return {key: _folded(part) if key == "text" else part for key, part in value.items()}
        case _:
            return value
