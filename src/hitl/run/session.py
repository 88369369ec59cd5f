"""One session of a live run: probes, the calls that are still owed, and the journal that holds the answers."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hitl.errors import EvidenceError, UsageError
from hitl.run.ageing import find_aged
from hitl.run.budget import Budget
from hitl.run.calls import Call, CallRules, Lane, make_calls
from hitl.run.journal import Journal
from hitl.run.journal_line import ProbeLine
from hitl.run.model import CallError, Probe


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What a session accepts of earlier ones."""

    max_age_hours: float
    reuse_old: bool = False
    """Keep replies that are too old or from another identity."""
    retry_errors: bool = False
    """Make the calls that failed again, in both arms alike."""


@dataclass
class SessionReport:
    """What a session did, for people."""

    n_owed: int = 0
    n_reused: int = 0
    """Calls that an earlier session had answered."""
    n_asked: int = 0
    n_old: int = 0
    """Replies that were too old, or from another identity: asked for again, or kept on demand."""
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Session:
    """Makes the calls of one journal."""

    journal: Journal
    lanes: Mapping[str, Lane]
    budget: Budget
    rules: CallRules
    tolerance: Tolerance
    on_plan: Callable[[int, int], None]
    """Told how many calls are to be made, and how many were answered before."""

    async def answer(self, calls: Sequence[Call], stop: asyncio.Event) -> SessionReport:
        """Make every call that the journal does not answer.

        Raises:
            StoppedError: an arm is down, or the cap is reached.
            UsageError: an endpoint refuses a parameter of the manifest.
            EvidenceError: an endpoint cannot be asked at all.
        """
        report = SessionReport(n_owed=len(calls))
        self._forget_errors({call.key for call in calls})
        if not self.tolerance.reuse_old:
            self._forget(report, {})
        try:
            if self._missing(calls):
                answering = await self._probe(sorted({call.lane for call in calls}), report)
                self._forget(report, answering)
            missing = self._missing(calls)
            report.n_asked, report.n_reused = len(missing), len(calls) - len(missing)
            self.on_plan(len(missing), report.n_reused)
            await make_calls(missing, self.lanes, self.journal, self.budget, self.rules, stop)
        finally:
            for name in {call.lane for call in calls}:
                await self.lanes[name].model.close()
            if self.budget.cap is not None and self.journal.ceiling != self.budget.spent:
                self.journal.keep_ceiling(self.budget.spent)
        return report

    def _missing(self, calls: Iterable[Call]) -> list[Call]:
        return [call for call in calls if call.key not in self.journal.places]

    def _forget_errors(self, owed: set[str]) -> None:
        if self.tolerance.retry_errors:
            for key in [k for k, p in self.journal.places.items() if p.is_error and k in owed]:
                self.journal.forget(key)

    def _forget(self, report: SessionReport, answering: dict[str, str]) -> None:
        aged = find_aged(self.journal, self.rules.clock(), self.tolerance.max_age_hours, answering)
        kept = self.tolerance.reuse_old
        words = "are kept, as asked" if kept else "are asked for again; --reuse-old keeps them"
        if aged.old:
            report.notes.append(f"{len(aged.old)} replies are older than {self.tolerance.max_age_hours:g} h and {words}")  # fmt: skip
        if aged.strange:
            report.notes.append(f"{len(aged.strange)} replies were given by another identity than the one that answers now and {words}")  # fmt: skip
        report.n_old += len(aged.old) + len(aged.strange)
        for key in () if kept else (*aged.old, *aged.strange):
            self.journal.forget(key)

    async def _probe(self, names: Sequence[str], report: SessionReport) -> dict[str, str]:
        """Find out who answers; return the identity by lane, where one was told."""
        lanes = [self.lanes[name] for name in names]
        found = await asyncio.gather(*(_probed(lane) for lane in lanes), return_exceptions=True)
        problems = [error for error in found if isinstance(error, BaseException)]
        if problems:
            raise next((e for e in problems if not isinstance(e, EvidenceError)), _joined(problems))
        answering = {}
        for lane, probe in zip(lanes, found, strict=True):
            if isinstance(probe, Probe):
                self._note_probe(lane, probe, report)
                if probe.resolved_model:
                    answering[lane.name] = probe.resolved_model
        return answering

    def _note_probe(self, lane: Lane, probe: Probe, report: SessionReport) -> None:
        charged = probe_cost(lane, probe)
        line = ProbeLine(
            lane=lane.name,
            at=self.rules.clock().isoformat() if lane.is_stamped else None,
            resolved_model=probe.resolved_model,
            metadata_identity=probe.metadata_identity,
            dropped=probe.dropped,
            refused=probe.refused,
            notes=probe.notes,
            charged=charged,
        )
        if line not in self.journal.probes:
            self.journal.keep_probe(line)
            self.budget.settle(0.0, charged)
        if probe.refused:
            raise UsageError(
                f"{lane.name}_model.params: the endpoint of `{lane.declared}` refuses {', '.join(probe.refused)}; take it out of the manifest, for both arms"
            )
        if probe.dropped:
            report.notes.append(f"the {lane.name} arm ({lane.declared}) does not honour {', '.join(probe.dropped)}")  # fmt: skip


async def _probed(lane: Lane) -> Probe:
    try:
        return await lane.model.probe()
    except CallError as error:
        raise EvidenceError(
            f"the {lane.name} arm ({lane.declared}) cannot be asked: {error.fault.value}: {error}"
        ) from error


def _joined(problems: Sequence[BaseException]) -> EvidenceError:
    return EvidenceError("\n".join(str(problem) for problem in problems))


def probe_cost(lane: Lane, probe: Probe) -> float:
    """Return what the calls of a probe cost, 0 where the price is unknown."""
    if lane.price is None:
        return 0.0
    return lane.price.cost(probe.input_tokens, probe.output_tokens)
