"""Which model the reviewers worked with before, and which after."""

from collections.abc import Mapping
from dataclasses import dataclass

from hitl.decisions.counts import Table
from hitl.errors import UsageError


@dataclass(frozen=True, slots=True)
class Models:
    """Two models of a log; `previous` is None where it holds one."""

    previous: str | None
    model: str | None


def choose_models(lines: Table, previous: str | None, model: str | None) -> Models:
    """Return the models to compare: those that are named, else the two of the log, the earlier first.

    Raises:
        UsageError: a model that nobody reviewed, the same one twice, or a choice that nobody made.
    """
    first = _first_days(lines)
    _check(first, previous, model)
    ordered = sorted(first, key=lambda name: (first[name], name))
    if model is None:
        later = [name for name in ordered if name != previous]
        model = later[-1] if later else None
    if previous is None:
        previous = next((name for name in ordered if name != model), None)
    return Models(previous, model)


def _check(first: Mapping[str, int], previous: str | None, model: str | None) -> None:
    known = ", ".join(sorted(first)) or "none; the log does not say which model answered"
    for name in (previous, model):
        if name is not None and name not in first:
            raise UsageError(f"nobody acted on a decision of model {name!r}; models there are: {known}")  # fmt: skip
    if previous is not None and previous == model:
        raise UsageError(f"{model!r} is named as both models; expected two")
    if len(first) > len(("before", "after")) and (model is None or previous is None):
        raise UsageError(f"the log holds {len(first)} models; name two with --previous and --model: {known}")  # fmt: skip


def _first_days(lines: Table) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in lines.by("resolved_model", "day").lines():
        name = line["resolved_model"]
        if name is not None:
            day = -1 if line["day"] is None else int(line["day"])
            found[str(name)] = min(day, found.get(str(name), day))
    return found
