"""Do people look, or do they only approve? Do some pass on what others decide?"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import hypergeom

from hitl.decisions.habits import Habit, Run, longest_runs, planted_errors, reviewer_habits
from hitl.decisions.reduce import FAST_MS
from hitl.decisions.source import Log
from hitl.policy.advice.parts import AdviceFinding, Code, Evidence, Finding
from hitl.policy.replay.misses import CONFIDENCE
from hitl.stats.interval import Interval
from hitl.stats.multiple import holm
from hitl.stats.proportion import exact_interval, lower_limit
from hitl.stats.ratio import clustered_rate
from hitl.stats.runs import run_chance

NEARLY_ALWAYS = 0.9
"""Share approved unedited from which a review changes nothing."""
FAST_SHARE = 0.1
"""Share of approvals in less than 2 seconds from which a person does not read."""
LEAST_CAUGHT = 0.8
"""Share of planted errors that reviewers should catch."""
FAR_ABOVE = 1.5
"""Times the peers' share from which escalating is far above theirs."""
FEWEST = 20
"""Fewer decisions of one person say nothing of a habit."""
_LEVEL = 0.05
Clean = Callable[[str], str]


def people_findings(log: Log, clean: Clean) -> Iterator[AdviceFinding]:
    """Yield what reviewers do; ids go through `clean` before they are shown."""
    habits = reviewer_habits(log)
    yield from _every_step(habits)
    people = _by_person(habits)
    yield from _fast(people, clean)
    yield from _unbroken(people, longest_runs(log), clean)
    yield from _planted(log)
    yield from _escalation(people, clean)


@dataclass(frozen=True, slots=True)
class _Person:
    """One person in one pool."""

    pool: str | None
    name: str
    n: int
    n_approved: int
    n_escalated: int
    n_timed: int
    n_fast: int

    def shown(self, clean: Clean) -> str:
        """Return how the person is called in advice."""
        return f"{clean(self.name)} in {self.pool or 'no pool'}"


_COUNTED = ("n", "n_approved", "n_escalated", "n_timed", "n_fast")


def _by_person(habits: Sequence[Habit]) -> list[_Person]:
    rows: dict[tuple[str | None, str], list[Habit]] = defaultdict(list)
    for one in habits:
        rows[one.pool, one.reviewer].append(one)
    return [
        _Person(pool, name, **{field: sum(getattr(one, field) for one in of) for field in _COUNTED})
        for (pool, name), of in rows.items()
    ]


def _unmeasured(code: Code, reason: str) -> AdviceFinding:
    return AdviceFinding(code=code, finding=Finding.UNMEASURED, reason=reason)


def _evidence(name: str, found: Interval, threshold: float) -> Evidence:
    return Evidence(name=name, value=found.estimate, low=found.low, high=found.high, n=found.n,
                    threshold=threshold)  # fmt: skip


def _others(people: Sequence[_Person]) -> dict[tuple[str | None, str], _Person]:
    """Return, for each person, all others of the pool taken together."""
    pools: dict[str | None, Counter[str]] = defaultdict(Counter)
    for one in people:
        pools[one.pool].update({name: getattr(one, name) for name in _COUNTED})
    return {
        (one.pool, one.name): _Person(
            one.pool, "", **{name: pools[one.pool][name] - getattr(one, name) for name in _COUNTED}
        )
        for one in people
    }


def _every_step(habits: Sequence[Habit]) -> Iterator[AdviceFinding]:
    kinds: dict[str | None, list[Habit]] = defaultdict(list)
    for one in habits:
        kinds[one.action_type].append(one)
    if not kinds:
        yield _unmeasured(Code.EVERY_STEP, "no row names a reviewer and what they did")
    for kind, of in sorted(kinds.items(), key=lambda item: item[0] or ""):
        n: dict[str, int] = defaultdict(int)
        k: dict[str, int] = defaultdict(int)
        for one in of:
            n[one.reviewer] += one.n
            k[one.reviewer] += one.n_approved
        rate = clustered_rate(np.array([k[who] for who in n]), np.array(list(n.values())), CONFIDENCE).interval  # fmt: skip
        evidence = _evidence("share approved unedited", rate, NEARLY_ALWAYS)
        if rate.low >= NEARLY_ALWAYS:
            finding, reason = Finding.FOUND, "people approve nearly everything that they look at"
        elif rate.high < NEARLY_ALWAYS:
            finding, reason = Finding.CLEAR, "reviews change something"
        else:
            finding, reason = (
                Finding.UNMEASURED,
                "too few reviews to say on which side of 90 % it lies",
            )
        remedy = (
            "look at fewer: lower its threshold with `hitl recalibrate`, or audit it"
            if finding is Finding.FOUND
            else ""
        )
        yield AdviceFinding(code=Code.EVERY_STEP, finding=finding, about=kind, reason=reason,
                            evidence=(evidence,), remedy=remedy)  # fmt: skip


def _fast(people: Sequence[_Person], clean: Clean) -> Iterator[AdviceFinding]:
    timed = [one for one in people if one.n_timed >= FEWEST]
    if not timed:
        yield _unmeasured(Code.FAST_APPROVALS, f"nobody has {FEWEST} approvals with review_seconds")
        return
    each = 1 - _LEVEL / len(timed)
    found = [one for one in timed if lower_limit(one.n_fast, one.n_timed, each) > FAST_SHARE]
    for one in found:
        share = exact_interval(one.n_fast, one.n_timed, 2 * each - 1)
        yield AdviceFinding(
            code=Code.FAST_APPROVALS,
            finding=Finding.FOUND,
            about=one.shown(clean),
            reason=f"approves in less than {FAST_MS / 1000:g} seconds, which nobody can read in",
            evidence=(_evidence("share of approvals that fast", share, FAST_SHARE),),
            remedy="plant known errors (`seeded_error`), and ask the person to give reasons",
        )
    if not found:
        n, k = sum(one.n_timed for one in timed), sum(one.n_fast for one in timed)
        evidence = _evidence("share of approvals that fast", exact_interval(k, n, CONFIDENCE), FAST_SHARE)  # fmt: skip
        yield AdviceFinding(code=Code.FAST_APPROVALS, finding=Finding.CLEAR, evidence=(evidence,),
                            reason=f"none of {len(timed)} people is shown to approve that fast in more than 10 %")  # fmt: skip


def _unbroken(
    people: Sequence[_Person], runs: Sequence[Run], clean: Clean
) -> Iterator[AdviceFinding]:
    """A run is unlikely when the rest of the pool, approving as often as it does, would hardly bring it about."""
    longest = {(run.pool, run.reviewer): run.longest for run in runs}
    tested: list[tuple[_Person, float, float]] = []
    all_others = _others(people)
    for one in people:
        others = all_others[one.pool, one.name]
        length = longest.get((one.pool, one.name), 0)
        if one.n >= FEWEST and others.n >= FEWEST and length:
            # The upper limit: a rate that is not well known must not accuse anybody.
            rate = exact_interval(others.n_approved, others.n, CONFIDENCE).high
            tested.append((one, rate, run_chance(length, one.n, rate)))
    if not tested:
        yield _unmeasured(Code.UNBROKEN_APPROVALS, f"no pool has two people with {FEWEST} decisions each, in a known order")  # fmt: skip
        return
    adjusted = holm([p for _, _, p in tested])
    for (one, rate, _), p in zip(tested, adjusted, strict=True):
        if p < _LEVEL:
            length = longest[one.pool, one.name]
            yield AdviceFinding(
                code=Code.UNBROKEN_APPROVALS,
                finding=Finding.FOUND,
                about=one.shown(clean),
                reason=f"approved {length:,} in a row; the others of the pool approve {rate:.1%} at most",
                evidence=(
                    Evidence(name="p of such a run (Holm)", value=p, n=one.n, threshold=_LEVEL),
                ),
                remedy="plant known errors (`seeded_error`) among what the person sees",
            )
    if min(adjusted) >= _LEVEL:
        evidence = Evidence(name="smallest p of a run (Holm)", value=min(adjusted), n=sum(one.n for one, _, _ in tested), threshold=_LEVEL)  # fmt: skip
        yield AdviceFinding(code=Code.UNBROKEN_APPROVALS, finding=Finding.CLEAR, evidence=(evidence,),
                            reason=f"no run of {len(tested)} people is longer than chance makes it")  # fmt: skip


def _planted(log: Log) -> Iterator[AdviceFinding]:
    pools = planted_errors(log)
    if not pools:
        yield _unmeasured(Code.SEEDED_MISSED, "nobody was given a planted error; mark such rows with `seeded_error`")  # fmt: skip
    for one in pools:
        share = exact_interval(one.n_caught, one.n, CONFIDENCE)
        if share.high < LEAST_CAUGHT:
            finding, reason = Finding.FOUND, "planted errors are approved too often"
        elif share.low >= LEAST_CAUGHT:
            finding, reason = Finding.CLEAR, "planted errors are caught"
        else:
            finding, reason = Finding.UNMEASURED, "too few planted errors to say"
        yield AdviceFinding(
            code=Code.SEEDED_MISSED,
            finding=finding,
            about=one.pool,
            reason=reason,
            evidence=(_evidence("share of planted errors caught", share, LEAST_CAUGHT),),
            remedy="" if finding is Finding.CLEAR else "plant more, and train on those that were missed",
        )  # fmt: skip


def _escalation(people: Sequence[_Person], clean: Clean) -> Iterator[AdviceFinding]:
    tested, all_others = [], _others(people)
    for one in people:
        others = all_others[one.pool, one.name]
        n, k = others.n, others.n_escalated
        if one.n >= FEWEST and n >= FEWEST:
            # Fisher's test: as many or more of the escalations of both would fall on the one.
            p = float(hypergeom.sf(one.n_escalated - 1, one.n + n, one.n_escalated + k, one.n))
            tested.append((one, k / n, p))
    if not tested:
        yield _unmeasured(Code.OVER_ESCALATION, f"no pool has two people with {FEWEST} decisions each")  # fmt: skip
        return
    adjusted = holm([p for *_, p in tested])
    found = 0
    for (one, peers, _), p in zip(tested, adjusted, strict=True):
        if p < _LEVEL and one.n_escalated / one.n > FAR_ABOVE * peers:
            found += 1
            share = exact_interval(one.n_escalated, one.n, CONFIDENCE)
            yield AdviceFinding(
                code=Code.OVER_ESCALATION,
                finding=Finding.FOUND,
                about=one.shown(clean),
                reason=f"passes on {share.estimate:.1%}; the others of the pool {peers:.1%}",
                evidence=(
                    _evidence("share passed on", share, FAR_ABOVE * peers),
                    Evidence(name="p beside the others (Fisher, Holm)", value=p, n=one.n, threshold=_LEVEL),
                ),
                remedy="compare what each is given; agree on when to pass on",
            )  # fmt: skip
    if not found:
        evidence = Evidence(name="smallest p (Fisher, Holm)", value=min(adjusted), n=sum(one.n for one, _, _ in tested), threshold=_LEVEL)  # fmt: skip
        yield AdviceFinding(code=Code.OVER_ESCALATION, finding=Finding.CLEAR, evidence=(evidence,),
                            reason=f"none of {len(tested)} people is shown to pass on far more than the others")  # fmt: skip
