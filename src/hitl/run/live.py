"""A release being asked live: its arms, the calls that it owes, and the journal that holds the answers."""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Self

import numpy as np

from hitl.manifest.release import ModelSpec, Provider, ReleaseManifest
from hitl.run.ageing import find_aged
from hitl.run.arm import Arm, spec_of
from hitl.run.build import Workplace, build_model
from hitl.run.calls import CallRules
from hitl.run.conduct import JUDGE, ArmConduct, conduct_of
from hitl.run.evidence import EvidenceFile
from hitl.run.frozen import frozen_settings
from hitl.run.inputs import ReleaseInputs
from hitl.run.journal.file import Journal, lock, refuse_irregular
from hitl.run.journal.line import Header
from hitl.run.lane import Call, Lane, call_key
from hitl.run.model import Request
from hitl.run.money.budget import Budget
from hitl.run.money.price import output_bound, price_of
from hitl.run.pace import Pace
from hitl.run.pair import Shard, owed_calls, refuse_changed_cases
from hitl.run.reply import Reply
from hitl.run.request import build_requests
from hitl.run.session import Session, Tolerance


def live_arms(manifest: ReleaseManifest, *, with_scripted: bool) -> tuple[Arm, ...]:
    """Return the arms that are asked.

    Recorded arms never are. Scripted ones are where the other arm is live, so that both go through the same run, or
    where somebody wants to see a run.
    """
    specs = {arm: spec_of(manifest, arm) for arm in Arm}
    if not with_scripted and not any(spec.is_live for spec in specs.values()):
        return ()
    return tuple(arm for arm, spec in specs.items() if spec.provider is not Provider.RECORDED)


def build_lane(name: str, spec: ModelSpec, place: Workplace, *, offers_tools: bool = False) -> Lane:
    """Return an arm, or a judge, ready to be asked."""
    limits = place.limits
    return Lane(
        name=name,
        model=build_model(spec, place, offers_tools=offers_tools),
        declared=spec.id,
        pace=Pace(limits.concurrency, spec.requests_per_minute, spec.tokens_per_minute),
        price=price_of(spec, place.at) if spec.is_live else None,
        output_bound=output_bound(spec),
        params=spec.params,
        max_turns=limits.max_turns,
        is_stamped=spec.is_live,
    )


@dataclass(frozen=True, slots=True)
class Keeping:
    """What of a reply may be stored."""

    rules: str
    """SHA-256 of the redaction rules."""
    keep: Callable[[str, Reply], Reply]
    """Makes of a lane's reply what is stored."""
    is_slow: bool = False
    """Whether it may wait for code of the user."""
    clean: Callable[[str], str] = str
    """Makes of a server's words what may be stored and shown."""
    journal: str = "journal"
    """Name of the journal that holds it: what is asked for another purpose is kept apart."""


@dataclass
class LiveRun:
    """One release being asked, with its journal open."""

    inputs: ReleaseInputs
    folder: Path
    """Folder of the release's record."""
    shard: Shard | None
    requests: Mapping[str, Request]
    lanes: dict[str, Lane]
    journal: Journal
    keeping: Keeping
    before_asking: Callable[[], None] = field(default=lambda: None)
    """Refuses what would stop a call half way, such as a key that is not set; a finished run needs none."""
    judge: Lane | None = None
    judge_file: Path | None = None
    """Where the judge's answers were written, once they were."""
    budget: Budget = field(init=False)

    def __post_init__(self) -> None:
        cap = self.inputs.manifest.limits.max_cost_usd
        if cap is not None and self.shard is not None:
            cap /= (
                self.shard.of
            )  # each part may spend its share, so that together they keep the cap
        self.budget = Budget(cap, self.journal.spent)

    @classmethod
    @contextmanager
    def open(
        cls,
        inputs: ReleaseInputs,
        lanes: dict[str, Lane],
        folder: Path,
        keeping: Keeping,
        *,
        shard: Shard | None = None,
        fresh: bool = False,
    ) -> Iterator[Self]:
        """Open the journal of a release, or begin one.

        Raises:
            UsageError: another run writes it, or the inputs changed since it was begun.
        """
        manifest = inputs.manifest
        requests = {case: request for case, request in build_requests(inputs.golden).items() if shard is None or shard.holds(case)}  # fmt: skip
        header = Header(
            release_id=manifest.release_id,
            shard=str(shard) if shard else None,
            settings=frozen_settings(manifest, lanes, keeping.rules),
            golden_set=inputs.golden.digest,
        )
        path = journal_path(folder, shard, keeping.journal)
        if fresh:
            set_aside(path)
        with Journal(path, header) as journal:
            yield cls(inputs, folder, shard, requests, lanes, journal, keeping)

    @property
    def knows_cost(self) -> bool:
        """Whether the price of every model that is asked is known."""
        return all(lane.price is not None or not lane.is_stamped for lane in self.lanes.values())

    @property
    def n_set_aside(self) -> int:
        """Earlier runs of this release that were set aside."""
        return len(set_aside_runs(self.journal.path))

    def owed(self, chance: np.random.Generator) -> list[Call]:
        """Return every call of the arms, answered or not.

        Raises:
            UsageError: the journal holds replies to other requests.
        """
        lanes = list(self.lanes.values())
        calls = owed_calls(self.requests, lanes, self.inputs.manifest.repeats, chance)
        refuse_changed_cases(self.journal, calls, self.lanes)
        return calls

    def session(
        self, tolerance: Tolerance, clock: Callable[[], datetime],
        on_plan: Callable[[int, int], None], on_reply: Callable[[float], None],
    ) -> Session:  # fmt: skip
        """Return a session that makes calls of this run."""
        limits = self.inputs.manifest.limits
        rules = CallRules(
            concurrency=limits.concurrency,
            max_attempts=limits.max_attempts,
            clock=clock,
            keep=self.keeping.keep,
            on_reply=lambda _lane, _reply: on_reply(self.budget.spent),
            keeps_slowly=self.keeping.is_slow,
        )
        lanes = self.lanes | ({self.judge.name: self.judge} if self.judge else {})
        return Session(
            self.journal, lanes, self.budget, rules, tolerance, on_plan, self.before_asking,
            clean=self.keeping.clean,
        )  # fmt: skip

    def export(self, order: Mapping[str, int]) -> dict[Arm, Path]:
        """Write each arm's replies as a replies file and return where; the same replies give the same bytes."""
        return {Arm(name): self._export(name, order) for name in self.lanes}

    def judge_calls(self, requests: Sequence[Request], repeats: int) -> list[Call]:
        """Return every call of the judge, answered or not."""
        lane = self.judge
        if lane is None:
            return []
        return [
            Call(
                lane.name,
                request,
                repeat,
                call_key(lane.name, lane.model.endpoint, request, repeat),
            )
            for request in requests
            for repeat in range(repeats)
        ]

    def export_judge(self, order: Mapping[str, int]) -> None:
        """Write the judge's answers beside those of the arms."""
        self.judge_file = self._export(JUDGE, order)

    def _export(self, name: str, order: Mapping[str, int]) -> Path:
        path = self.folder / "evidence" / f"{name}.jsonl.gz"
        with EvidenceFile(path) as file:
            deque(file.passing(self.journal.replies(name, order)), maxlen=0)
        return path

    def conduct(self, at: datetime) -> dict[Arm, ArmConduct]:
        """Say what the run found out about each arm; `at` is now."""
        window = self.inputs.manifest.limits.max_age_hours
        old = Counter(
            self.journal.places[key].lane for key in find_aged(self.journal, at, window, {}).old
        )
        return {Arm(name): self._conduct(lane, old[name]) for name, lane in self.lanes.items()}

    def _conduct(self, lane: Lane, n_old: int) -> ArmConduct:
        params = spec_of(self.inputs.manifest, Arm(lane.name)).params
        found = conduct_of(lane.name, lane.model.endpoint, params, self.journal.probes)
        found = replace(found, is_live=lane.is_stamped)  # a script has no settings to differ in
        return replace(found, n_old=n_old, price=lane.price.said() if lane.price else None)


def journal_path(folder: Path, shard: Shard | None, name: str = "journal") -> Path:
    """Return where a journal stands."""
    part = f"-{shard.number}-of-{shard.of}" if shard else ""
    return folder / "run" / f"{name}{part}.jsonl"


def set_aside(path: Path) -> None:
    """Give an old journal another name, so that a new one can be begun and nothing is lost.

    Raises:
        UsageError: another run writes it.
    """
    refuse_irregular(path)
    if not path.exists():
        return
    number = 1 + max((int(old.stem.rpartition("-")[2]) for old in set_aside_runs(path)), default=0)
    with path.open("rb") as file:
        lock(file.fileno(), path)
        path.replace(path.with_name(f"{path.stem}.old-{number}.jsonl"))


def set_aside_runs(path: Path) -> list[Path]:
    """Return the journals that were set aside for the one at a path."""
    return [
        old
        for old in path.parent.glob(f"{path.stem}.old-*.jsonl")
        if old.stem.rpartition("-")[2].isdecimal()
    ]
