"""One session of a live run: probes, the calls that are still owed, and the journal that holds the answers."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from hitl.document.schema import Json
from hitl.errors import EvidenceError, UsageError
from hitl.run.ageing import Aged, find_aged
from hitl.run.calls import CallRules, StoppedError, cap_reached, make_calls
from hitl.run.journal.file import Journal
from hitl.run.journal.line import ProbeLine
from hitl.run.lane import Call, Lane
from hitl.run.model import MAYBE_PAID, CallError, Message, Probe, Request
from hitl.run.money.budget import Budget, BudgetSpent

_PLAIN_PROBE, _TOOL_PROBE = "x" * 80, "x" * 500
"""As long as what a probe asks, without a tool and with one; it has up to two questions of each kind."""

_PROBE_ATTEMPTS = 4
"""Most attempts at one question of a probe."""

_TOOL_PARAMS = {"tools", "tool_choice", "parallel_tool_calls", "functions"}
"""Parameters for which a probe looks at tools."""


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
    before_asking: Callable[[], None]
    """Refuses what would stop a call half way, such as a key that is not set."""
    clean: Callable[[str], str] = str
    """Makes of a server's words what may be stored and shown."""

    async def answer(self, calls: Sequence[Call], stop: asyncio.Event) -> SessionReport:
        """Make every call that the journal does not answer.

        Raises:
            StoppedError: an arm is down, or the cap is reached.
            UsageError: an endpoint refuses a parameter of the manifest.
            EvidenceError: an endpoint cannot be asked at all.
        """
        report = SessionReport(n_owed=len(calls))
        self._forget_errors({call.key for call in calls})
        self._forget(report, self._aged({}).old, f"are older than {self.tolerance.max_age_hours:g} h, or from the future,")  # fmt: skip
        try:
            lanes = sorted({call.lane for call in calls})
            if self._missing(calls) or self._unprobed(lanes):
                self.before_asking()
                offers = any(call.request.tools for call in calls)
                answering = await self._probe(lanes, report, offers_tools=offers)
                strange = self._aged(answering).strange
                self._forget(report, strange, "were given by another identity than the one that answers now")  # fmt: skip
            missing = self._missing(calls)
            report.n_asked, report.n_reused = len(missing), len(calls) - len(missing)
            self.on_plan(len(missing), report.n_reused)
            rules = replace(self.rules, is_there=partial(self._is_there, calls), clean=self.clean)
            await make_calls(missing, self.lanes, self.journal, self.budget, rules, stop)
        finally:
            models = {call.lane: self.lanes[call.lane].model for call in calls}
            closed = await asyncio.gather(
                *(m.close() for m in models.values()), return_exceptions=True
            )
            if round(self.journal.ceiling - self.budget.spent, 9):
                self.journal.keep_ceiling(self.budget.spent)
            for problem in filter(None, closed):
                raise problem
        return report

    def _unprobed(self, lanes: Sequence[str]) -> set[str]:
        """Name the lanes of which nobody knows whether their settings were honoured."""
        return set(lanes) - {probe.lane for probe in self.journal.probes}

    def _missing(self, calls: Iterable[Call]) -> list[Call]:
        return [call for call in calls if call.key not in self.journal.places]

    def _forget_errors(self, owed: set[str]) -> None:
        if self.tolerance.retry_errors:
            for key in [k for k, p in self.journal.places.items() if p.is_error and k in owed]:
                self.journal.forget(key)

    def _aged(self, answering: dict[str, str]) -> Aged:
        return find_aged(self.journal, self.rules.clock(), self.tolerance.max_age_hours, answering)

    def _forget(self, report: SessionReport, keys: Sequence[str], words: str) -> None:
        """Leave replies out of account and say so, or keep them where that is asked, and say that."""
        kept = self.tolerance.reuse_old
        if keys:
            done = "are kept, as asked" if kept else "are asked for again; --reuse-old keeps them"
            report.notes.append(f"{len(keys)} replies {words} and {done}")
        report.n_old += len(keys)
        for key in () if kept else keys:
            self.journal.forget(key)

    async def _probe(
        self, names: Sequence[str], report: SessionReport, *, offers_tools: bool
    ) -> dict[str, str]:
        """Find out who answers; return the identity by lane, where one was told."""
        lanes = [self.lanes[name] for name in names]
        found = await self._found(lanes, offers_tools=offers_tools)
        problems = [error for error in found if isinstance(error, BaseException)]
        if problems:
            raise next((e for e in problems if not isinstance(e, EvidenceError)), _joined(problems))
        answering = {}
        for lane, probe in zip(lanes, found, strict=True):
            if isinstance(probe, Probe):
                probe = self._cleaned(lane, probe)
                self._note_probe(lane, probe, report)
                if probe.resolved_model:
                    answering[lane.name] = probe.resolved_model
        return answering

    async def _is_there(self, calls: Sequence[Call], lane: Lane) -> bool:
        """Ask a question again that the arm has answered: if it fails now, the arm is down, and not the question at fault.

        The answer is dropped: the first one counts.
        """
        places = self.journal.places
        known = (c for c in calls if c.lane == lane.name and c.key in places)
        call = next((c for c in known if not places[c.key].is_error), None)
        if call is None:
            (found,) = await self._found([lane], offers_tools=True)
            return isinstance(found, Probe)
        worst = lane.worst(call.request) if self.budget.cap is not None else 0.0
        try:
            await self.budget.reserve(worst)
        except BudgetSpent as error:
            raise StoppedError(cap_reached(error)) from error
        try:
            await lane.model.ask(call.request, call.repeat)
        except CallError:
            return False
        else:
            return True
        finally:
            self.budget.settle(worst, worst)

    async def _found(
        self, lanes: Sequence[Lane], *, offers_tools: bool
    ) -> list[Probe | BaseException]:
        """Probe within the cap: what probes may cost is set aside, and written down, before they are made."""
        is_capped = self.budget.cap is not None
        worst = [
            probe_bound(lane, offers_tools=offers_tools) if is_capped else 0.0 for lane in lanes
        ]
        total = charged = sum(worst)
        try:
            await self.budget.reserve(total)
        except BudgetSpent as error:
            raise StoppedError(cap_reached(error)) from error
        try:
            if self.budget.ceiling > self.journal.ceiling:
                self.journal.keep_ceiling(self.budget.ceiling)
            found = await asyncio.gather(
                *(_probed(lane, self.clean) for lane in lanes), return_exceptions=True
            )
            charged = sum(map(_charged, lanes, found, worst))
        finally:
            self.budget.settle(total, charged)
        return found

    def _cleaned(self, lane: Lane, probe: Probe) -> Probe:
        """Clean names as those of replies are, so that an identity still compares with theirs."""
        resolved, metadata = probe.resolved_model, probe.metadata_identity
        return replace(
            probe,
            resolved_model=resolved if resolved in (None, lane.declared) else self.clean(resolved),
            metadata_identity=metadata and self.clean(metadata),
            notes=tuple(map(self.clean, probe.notes)),
        )

    def _note_probe(self, lane: Lane, probe: Probe, report: SessionReport) -> None:
        charged = probe_cost(lane, probe)
        line = ProbeLine(
            lane=lane.name,
            at=self.rules.clock().isoformat() if lane.is_stamped else None,
            shard=self.journal.header.shard,
            resolved_model=probe.resolved_model,
            metadata_identity=probe.metadata_identity,
            dropped=probe.dropped,
            refused=probe.refused,
            notes=probe.notes,
            charged=charged,
        )
        if lane.is_stamped or line not in self.journal.probes:
            self.journal.keep_probe(line)
        if probe.refused:
            raise UsageError(
                f"{lane.name}_model.params: the endpoint of `{lane.declared}` refuses {', '.join(probe.refused)}; take it out of the manifest, for both arms"
            )
        if probe.dropped:
            report.notes.append(f"the {lane.name} arm ({lane.declared}) does not honour {', '.join(probe.dropped)}")  # fmt: skip


async def _probed(lane: Lane, clean: Callable[[str], str]) -> Probe:
    try:
        return await lane.model.probe()
    except CallError as error:
        raise EvidenceError(
            f"the {lane.name} arm ({lane.declared}) cannot be asked: {error.fault.value}: {clean(str(error))}"
        ) from error


def _joined(problems: Sequence[BaseException]) -> EvidenceError:
    return EvidenceError("\n".join(str(problem) for problem in problems))


def probe_cost(lane: Lane, probe: Probe) -> float:
    """Return what the calls of a probe cost, 0 where the price is unknown."""
    if lane.price is None or probe.cost_usd:
        return probe.cost_usd
    return lane.price.cost(probe.input_tokens, probe.output_tokens)


def probe_bound(lane: Lane, *, offers_tools: bool) -> float:
    """Return the most that a probe's calls cost, each question asked as often as it may be; 0 where the price is unknown."""
    offers = offers_tools or bool(_TOOL_PARAMS & lane.params.keys())
    message: Message = {"role": "user", "content": _TOOL_PROBE if offers else _PLAIN_PROBE}
    tools: tuple[dict[str, Json], ...] = ({"type": "function"},) if offers else ()
    n_questions = 2 + 2 * offers
    return n_questions * _PROBE_ATTEMPTS * lane.worst(Request("probe", (message,), tools))


def _charged(lane: Lane, found: Probe | BaseException, worst: float) -> float:
    """Return what a probe counts for: in full where it may have been paid for and nobody knows how much."""
    if isinstance(found, Probe):
        is_told = found.cost_usd or found.input_tokens or found.output_tokens
        return probe_cost(lane, found) if is_told else worst
    cause = found.__cause__
    return 0.0 if isinstance(cause, CallError) and cause.fault not in MAYBE_PAID else worst
