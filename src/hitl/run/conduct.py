"""How a run went, arm by arm: what ended how, what was tried again, which settings were not honoured."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hitl.document.schema import Json
from hitl.run.journal.line import ProbeLine
from hitl.run.reply import Finish, Reply

JUDGE = "judge"
"""Lane of the judge."""


@dataclass
class ArmTally:
    """Counts over the replies of one arm, filled while they pass."""

    endings: Counter[str] = field(default_factory=Counter)
    """answered, empty, refused, truncated, failed."""
    faults: Counter[str] = field(default_factory=Counter)
    """Failed calls by what went wrong."""
    n_retried: int = 0
    """Calls that took more than one attempt."""
    n_redacted: int = 0
    """Replies that personal data was taken out of."""
    n_priced: int = 0
    """Replies that state their cost."""
    cost_usd: float = 0.0
    """What those cost together."""
    oldest: str | None = None
    newest: str | None = None

    @property
    def total_cost_usd(self) -> float | None:
        """What the replies cost; None where any answer does not say."""
        is_whole = self.n_priced and self.n_priced >= self.endings.total() - self.endings["failed"]
        return round(self.cost_usd, 9) if is_whole else None

    def passing(self, replies: Iterable[Reply]) -> Iterator[Reply]:
        """Yield replies on, counting each."""
        for reply in replies:
            self._count(reply)
            yield reply

    def _count(self, reply: Reply) -> None:
        self.endings[ending(reply)] += 1
        if reply.is_error:
            self.faults[fault_of(reply)] += 1
        self.n_retried += (reply.attempts or 1) > 1
        self.n_redacted += bool(reply.redacted)
        if reply.cost_usd is not None:
            self.n_priced += 1
            self.cost_usd += reply.cost_usd
        if reply.at is not None:
            at = reply.at.isoformat()
            self.oldest = min(self.oldest or at, at)
            self.newest = max(self.newest or at, at)


def ending(reply: Reply) -> str:
    """Return how a reply ended, each kind apart.

    >>> ending(Reply(case_id="1", text=" "))
    'empty'
    """
    if reply.is_error:
        return "failed"
    if reply.finish is Finish.REFUSAL:
        return "refused"
    if reply.finish is Finish.LENGTH:
        return "truncated"
    is_empty = not reply.tool_calls and reply.labels is None and not (reply.text or "").strip()
    return "empty" if is_empty else "answered"


def fault_of(reply: Reply) -> str:
    """Return what went wrong with a failed call, as far as its error says in one word."""
    word = (reply.error or "").partition(":")[0]
    return word if word.replace("_", "").isalpha() and len(word) <= 40 else "other"


@dataclass(frozen=True, slots=True)
class ArmConduct:
    """What is known of one arm besides the text of its replies."""

    tally: ArmTally = field(default_factory=ArmTally)
    is_live: bool = False
    endpoint: str = ""
    dropped: tuple[str, ...] = ()
    """Parameters that the endpoint takes and does not honour."""
    metadata_identities: tuple[str, ...] = ()
    """Who stands behind the name by the server's own metadata, over all probes."""
    notes: tuple[str, ...] = ()
    n_old: int = 0
    """Replies that are older than the window and were used on demand."""
    price: Mapping[str, Json] | None = None
    """USD for a million input and output tokens, and where that is from."""
    settings: dict[str, Json] = field(default_factory=dict)
    """Parameters in effect: as the manifest has them, without those dropped."""


def conduct_of(
    lane: str, endpoint: str, params: dict[str, Json], probes: Sequence[ProbeLine]
) -> ArmConduct:
    """Sum up the probes of one live arm."""
    own = [probe for probe in probes if probe.lane == lane]
    dropped = sorted({name for probe in own for name in probe.dropped})
    return ArmConduct(
        is_live=True,
        endpoint=endpoint,
        dropped=tuple(dropped),
        metadata_identities=_identities(own),
        notes=tuple(dict.fromkeys(note for probe in own for note in probe.notes)),
        settings={name: value for name, value in params.items() if name not in dropped},
    )


def _identities(probes: Sequence[ProbeLine]) -> tuple[str, ...]:
    """Return who stands behind the name; nobody if one session could not tell, for its replies may be another's."""
    told = [probe.metadata_identity for probe in probes]
    return () if None in told else tuple(sorted({name for name in told if name}))


def unequal_settings(
    previous: ArmConduct, candidate: ArmConduct, meant: Iterable[str]
) -> tuple[str, ...]:
    """Name the settings that differ between two live arms and were not meant to, each with both values."""
    if not (previous.is_live and candidate.is_live):
        return ()
    names = sorted((previous.settings.keys() | candidate.settings.keys() | set(previous.dropped) | set(candidate.dropped)) - set(meant))  # fmt: skip
    return tuple(
        f"{name} ({_said(previous, name)} against {_said(candidate, name)})"
        for name in names
        if _said(previous, name) != _said(candidate, name)
    )


def _said(arm: ArmConduct, name: str) -> str:
    if name in arm.dropped:
        return "not honoured"
    return repr(arm.settings[name])[:80] if name in arm.settings else "not set"


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a release's replies come with."""

    arms: Mapping[str, ArmConduct] = field(default_factory=dict)
    """By arm."""
    files: Mapping[str, Path] = field(default_factory=dict)
    """What the run wrote: replies by arm (recorded arms have their own), and the judge's answers."""
    golden_set_changed: bool = False
    """Whether the golden set is another one than when its cases were asked."""
    n_set_aside: int = 0
    """Earlier runs of the release that were begun and set aside (--fresh)."""
    replaced: Mapping[str, int] = field(default_factory=dict)
    """Replies of the run that a later one took the place of: `failed` ones, and `answered` ones."""

    def arm(self, name: str) -> ArmConduct:
        """Return what is known of an arm."""
        return self.arms.get(name, ArmConduct())
