"""Which decisions stand before and which after: chosen by model, by time, or both; never guessed."""

from dataclasses import dataclass

from hitl.decisions.change.days import Period, day_text, first_and_last
from hitl.decisions.change.words import SideBasis
from hitl.decisions.counts import MISSING, Table
from hitl.errors import EvidenceError, UsageError
from hitl.manifest.alias import is_alias

_MOST_LISTED = 12


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user asked for; nothing at all means the two models of the log."""

    previous: str | None = None
    candidate: str | None = None
    before: Period | None = None
    after: Period | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """The rule by which a decision belongs to one side."""

    model: str | None = None
    period: Period | None = None

    def of(self, table: Table) -> Table:
        """Return the lines of a table that belong to it."""
        if self.model is not None:
            table = table.where(resolved_model=self.model)
        if self.period is not None:
            table = table.between("day", max(self.period.first, 0), self.period.last + 1)
        return table

    def __str__(self) -> str:
        period = self.period
        days = "" if period is None else f"{day_text(period.first)} to {day_text(period.last)}"
        return ", ".join(part for part in (self.model, days) if part)


@dataclass(frozen=True, slots=True)
class Sides:
    """Both rules, and what is to be said of how they were found."""

    before: Side
    after: Side
    basis: SideBasis
    note: str = ""


def choose_sides(cells: Table, wanted: Wanted, floor: float) -> Sides:
    """Return both sides of a comparison.

    Args:
        cells: counts by day and model.
        wanted: what the user asked for.
        floor: share of decisions that must say what the sides differ in.

    Raises:
        UsageError: half a choice, sides that share decisions, a model that the log does not have, an
            alias, or no choice where the log has more or fewer than two models.
        EvidenceError: too few decisions say which model answered, or when.
    """
    _check_pairs(wanted)
    by_time = wanted.before is not None
    by_model = wanted.previous is not None or not by_time
    if by_time:
        _check_known(cells, "day", "when they were made (`at`)", floor)
    if by_model:
        _check_known(cells, "resolved_model", "the model that answered (`resolved_model`)", floor)
    note = ""
    if wanted.previous is None and not by_time:
        wanted, note = _both_models(cells)
    before = Side(wanted.previous, wanted.before)
    after = Side(wanted.candidate, wanted.after)
    _check_models(cells, before, after)
    _check_apart(before, after)
    return Sides(before, after, _basis(by_model=by_model, by_time=by_time), note)


def _basis(*, by_model: bool, by_time: bool) -> SideBasis:
    if by_model and by_time:
        return SideBasis.MODELS_AND_PERIODS
    return SideBasis.PERIODS if by_time else SideBasis.MODELS


def models_told(cells: Table) -> str:
    """Return the models of a log with their decisions and days, most decisions first."""
    told = [
        (table.n, name, table)
        for name in cells.words.get("resolved_model", ())
        if (table := cells.where(resolved_model=name)).n
    ]
    told.sort(key=lambda one: (-one[0], one[1]))
    lines = [f"{name} ({n:,} decisions{_days_told(table)})" for n, name, table in told]
    more = f" and {len(lines) - _MOST_LISTED} more" if len(lines) > _MOST_LISTED else ""
    return (", ".join(lines[:_MOST_LISTED]) or "none") + more


def _days_told(table: Table) -> str:
    days = first_and_last(table)
    return f", {day_text(days[0])} to {day_text(days[1])}" if days else ", no day"


def _check_pairs(wanted: Wanted) -> None:
    if (wanted.previous is None) != (wanted.candidate is None):
        raise UsageError("name both models: --previous MODEL --candidate MODEL")
    if (wanted.before is None) != (wanted.after is None):
        raise UsageError("name both periods: --before FROM..TO --after FROM..TO, or --split DATE")


def _check_known(cells: Table, key: str, what: str, floor: float) -> None:
    known = int(cells.sums["n"][cells.keys[key] != MISSING].sum())
    if cells.n and known >= floor * cells.n and known:
        return
    share = known / cells.n if cells.n else 0.0
    raise EvidenceError(
        f"only {share:.0%} of {cells.n:,} decisions say {what}; the floor is {floor:.0%}: "
        "the sides cannot be told apart; map the column, or choose sides by what the log has"
    )


def _both_models(cells: Table) -> tuple[Wanted, str]:
    """The two models of the log, the one that began earlier first."""
    begun = []
    for name in cells.words.get("resolved_model", ()):
        days = first_and_last(cells.where(resolved_model=name))
        if days is not None:
            begun.append((days, name))
    if len(begun) != 2 or begun[0][0] == begun[1][0]:
        why = "both began and ended on the same days" if len(begun) == 2 else f"it has {len(begun)}"
        raise UsageError(
            "name the sides with --previous and --candidate, with --before and --after, or with --split; "
            f"without them the log must have exactly two models, one older than the other, and {why}: {models_told(cells)}"
        )
    (_, previous), (_, candidate) = sorted(begun)
    note = f"no side was named: {previous}, which began earlier, stands before {candidate}"
    return Wanted(previous, candidate), note


def _check_models(cells: Table, before: Side, after: Side) -> None:
    if before.model is None or after.model is None:
        return
    for name in (before.model, after.model):
        if not cells.where(resolved_model=name).n:
            raise UsageError(
                f"no decision was answered by {name!r}; models of the log: {models_told(cells)}"
            )
        if is_alias(name, None):
            raise UsageError(
                f"{name!r} is an alias and no version: what stood behind it may have moved between two decisions; "
                f"models of the log: {models_told(cells)}"
            )


def _check_apart(before: Side, after: Side) -> None:
    if before.model != after.model:
        return
    if before.period is None or after.period is None:
        raise UsageError(
            f"{before.model!r} stands on both sides; name two models, or two periods of this one with --before and --after"
        )
    if before.period.overlaps(after.period):
        raise UsageError(
            f"the periods {before} and {after} share days, so the same decision would stand on both sides"
        )
