"""Decision logs whose truth is known, of any size: SQL makes the rows, a seed fixes every draw.

A draw is a hash of the row's number, the name of the draw and the seed, so that any part of a log is the same
whatever its size, and a new column leaves all others as they were. `log_truth.truth_of` says what to expect.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import assert_never

import duckdb

OLD, NEW = "acme/model-2026-05-01", "acme/model-2026-05-18"


class Confidence(StrEnum):
    """What confidence says of a decision; the chance of an error is `error` times the factor named."""

    MILD = "mild"
    """2 - confidence: rises a little with doubt, and confidence is no probability."""
    CALIBRATED = "calibrated"
    """An error has the chance 1 - confidence, whatever `error` is."""
    OVERCONFIDENT = "overconfident"
    """The chance to be right is the square of the confidence, whatever `error` is."""
    UNINFORMATIVE = "uninformative"
    """1: the same at any confidence."""
    STEEP = "steep"
    """An error has the chance `error` and the square of the doubt together."""


class Labels(StrEnum):
    """Which decisions have a label."""

    REVIEWED = "reviewed"
    """Those that a person saw: sent to one, or drawn for an audit."""
    SENT = "sent"
    """Those that were sent to a person before they ran: nothing is known of the rest."""
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Step:
    """Lane of an action type from some confidence up."""

    least: float
    lane: str
    seen: float = 1.0
    """Chance that a person sees it; 1 in `queue` and `escalate`."""
    seen_after: float | None = None
    """The same from the upgrade on, if it differs."""


@dataclass(frozen=True, slots=True)
class ActionType:
    """One kind of step."""

    name: str
    risk: str
    pool: str
    severity: str
    factor: float = 1.0
    """On the chance that a person overrides."""
    steps: tuple[Step, ...] = ()
    """Most confidence first, the last from 0; `auto_from` and `audit` of the log if empty."""


TYPES = (
    ActionType("restart", "high", "sre", "high"),
    ActionType("refund", "high", "money", "critical"),
    ActionType("reply", "low", "support", "low"),
    ActionType("close", "medium", "support", "medium"),
)


@dataclass(frozen=True, slots=True)
class Truth:
    """What a log is made of; rates are of reviewed decisions, unless said otherwise."""

    rows: int = 10_000
    days: int = 28
    first_day: str = "2026-05-01"
    upgrade_day: int = 14
    """The new model answers from this day on."""
    override: float = 0.04
    """Chance that a person rejects or modifies, before the upgrade."""
    override_after: float = 0.04
    """The same from the upgrade on: 0.12 is a spike."""
    creep: float = 0.0
    """Added to the chance over the whole time, evenly day by day."""
    weekend: float = 1.0
    """Factor on the chance on Saturdays and Sundays."""
    reviewers: int = 20
    reviewer_spread: float = 0.0
    """Each person's factor on the chance lies evenly from 1 - this to 1 + this."""
    reviewer_sd: float = 0.0
    """Standard deviation of the logarithm of a further factor, drawn for each person; its mean is 1."""
    audit: float = 0.05
    """Share of autonomous decisions that a person sees all the same: their review probability."""
    auto_from: float = 0.6
    """Confidence from which a decision is made alone."""
    error: float = 0.05
    """Chance that the model is wrong at full confidence; rises to twice that at none."""
    error_after: float | None = None
    """The same from the upgrade on, if it differs."""
    label_delay: int = 5
    """Days until outcomes are known: the last days have none."""
    timeouts: float = 0.01
    seed: int = 1
    types: tuple[ActionType, ...] = TYPES
    mix: tuple[float, ...] = ()
    """Share of each action type; even if empty."""
    mix_after: tuple[float, ...] = ()
    """The same from the upgrade on; `mix` if empty."""
    confidence: Confidence = Confidence.MILD
    confidence_power: float = 0.5
    """Confidence is a uniform draw to this power: the smaller, the more sure."""
    labels: Labels = Labels.REVIEWED
    detection: float = 1.0
    """Chance that a person who sees an error marks it as one; otherwise its label says that it is right."""
    acts_on_errors: bool = False
    """Whether a person who sees an error and notices it rejects it for that."""
    seeded: float = 0.0
    """Share of reviewed decisions that were planted with an error; rejected with the chance `detection`."""
    satisfaction: float | None = None
    """Mean of what people say who approve; 0.3 less where they do not. Nobody says anything if None."""
    right_types: bool = False
    """Whether labels name the action type that would have been right."""
    knows_probability: bool = True
    """Whether the log states the review probability."""
    rubber_stampers: float = 0.0
    """Share of people, the first, who approve everything within about a second."""
    passes_on: float = 0.0
    """Chance that a person escalates instead of deciding."""
    passes_on_last: float | None = None
    """The same of the last person, if it differs."""
    hours: tuple[float, ...] = ()
    """Weight of each hour of the day, 24 of them; even if empty."""
    changes: bool = False
    """Whether workflow and prompt get a new version with the upgrade."""
    keeps_lane: bool = False
    """Whether an audited row of the lane `auto` stays one, instead of being called `audit`."""

    @property
    def mixes(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Shares of the action types before and after the upgrade; they add up to 1."""
        even = (1 / len(self.types),) * len(self.types)
        before = self.mix or even
        return before, self.mix_after or before

    def steps(self, kind: int) -> tuple[Step, ...]:
        """Return the lanes of an action type by number."""
        own = self.types[kind].steps
        return own or (Step(self.auto_from, "auto", self.audit), Step(0, "queue"))


SPIKE = replace(Truth(), override_after=0.12)
CREEP = replace(Truth(), creep=0.06)
WEEKEND = replace(Truth(), weekend=3.0)
REVIEWERS = replace(Truth(), reviewer_spread=0.8)
BIASED = replace(Truth(), labels=Labels.SENT, error=0.04)
"""Nothing that ran alone has a label, though the log says with which chance it had been seen."""
BLIND = replace(Truth(), seeded=0.05, detection=0.6, error=0.06)
"""People miss two errors in five, and seeded errors say so."""
MIX_SHIFT = replace(
    Truth(),
    types=tuple(replace(one, factor=f) for one, f in zip(TYPES, (2.5, 2.5, 0.5, 0.5), strict=True)),
    mix=(0.1, 0.1, 0.4, 0.4),
    mix_after=(0.4, 0.4, 0.1, 0.1),
)
"""Each action type is overridden as often as before; the crude rate more than doubles by the mix alone."""
STAMPERS = replace(Truth(), rubber_stampers=0.25, passes_on=0.02, passes_on_last=0.5)


class Sql:
    """The pieces of the SQL of one log."""

    def __init__(self, truth: Truth) -> None:
        self.truth = truth
        self.is_old = f"day < {truth.upgrade_day}"

    def draw(self, name: str, of: str = "i") -> str:
        return f"(HASH({of}, '{name}', {self.truth.seed}) % 1000000007) / 1000000007.0"

    def at(self) -> str:
        truth = self.truth
        if not truth.hours:
            return f"{self.draw('time')} * {truth.days * 86_400}"
        day = f"FLOOR({self.draw('time')} * {truth.days})"
        return f"({day} * 86400 + {self._second(self.draw('hour'))})"

    def _second(self, draw: str) -> str:
        total, low, cases = sum(self.truth.hours), 0.0, []
        for hour, weight in enumerate(self.truth.hours):
            high = low + weight / total
            if weight:
                inside = f"{hour * 3600} + 3600 * ({draw} - {low!r}) / {high - low!r}"
                cases.append(f"WHEN {draw} < {high!r} THEN {inside}")
            low = high
        return f"LEAST(86399, CASE {' '.join(cases)} ELSE 86399 END)"

    def kind(self) -> str:
        n, draw = len(self.truth.types), self.draw("type")
        if not self.truth.mix and not self.truth.mix_after:
            return f"CAST({draw} * {n} AS INTEGER) % {n}"
        before, after = (self._of_mix(mix, draw) for mix in self.truth.mixes)
        return f"CASE WHEN {self.is_old} THEN {before} ELSE {after} END"

    def _of_mix(self, mix: tuple[float, ...], draw: str) -> str:
        edges = [sum(mix[: number + 1]) for number in range(len(mix) - 1)]
        cases = " ".join(f"WHEN {draw} < {edge!r} THEN {kind}" for kind, edge in enumerate(edges))
        return f"CASE {cases} ELSE {len(edges)} END"

    def confidence(self) -> str:
        power, draw = self.truth.confidence_power, self.draw("confidence")
        return f"ROUND({f'SQRT({draw})' if power == 0.5 else f'POWER({draw}, {power})'}, 4)"

    def by_step(self, value: str) -> str:
        """Lane, or chance to be seen, by action type and confidence."""
        kinds = []
        for kind in range(len(self.truth.types)):
            cases = [
                f"WHEN confidence >= {step.least} THEN {self._of_step(step, value)}"
                for step in self.truth.steps(kind)
            ]
            kinds.append(f"WHEN {kind} THEN CASE {' '.join(cases)} END")
        return f"CASE kind {' '.join(kinds)} END"

    def _of_step(self, step: Step, value: str) -> str:
        if value == "lane":
            return f"'{step.lane}'"
        if step.seen_after is None:
            return f"{step.seen}::DOUBLE"
        return f"CASE WHEN {self.is_old} THEN {step.seen} ELSE {step.seen_after} END::DOUBLE"

    def by_type(self, field: str) -> str:
        words = ", ".join(f"'{getattr(one, field)}'" for one in self.truth.types)
        return f"[{words}][kind + 1]"

    def error(self) -> str:
        """Chance of an error."""
        truth = self.truth
        level = f"{truth.error}"
        if truth.error_after is not None:
            level = f"CASE WHEN {self.is_old} THEN {truth.error} ELSE {truth.error_after} END"
        match truth.confidence:
            case Confidence.CALIBRATED:
                return "(1 - confidence)"
            case Confidence.OVERCONFIDENT:
                return "(1 - confidence * confidence)"
            case Confidence.STEEP:
                return f"LEAST(1, ({level}) + (1 - confidence) * (1 - confidence))"
            case Confidence.MILD:
                return f"({level}) * (2 - confidence)"
            case Confidence.UNINFORMATIVE:
                return f"({level}) * 1"
            case _:
                assert_never(truth.confidence)

    def chance(self) -> str:
        """Chance that a person overrides, apart from errors noticed."""
        truth = self.truth
        sql = f"""(CASE WHEN {self.is_old} THEN {truth.override} ELSE {truth.override_after} END
      + {truth.creep} * day / {truth.days})
      * CASE WHEN DAYOFWEEK(at_time) IN (0, 6) THEN {truth.weekend} ELSE 1 END
      * (1 + {truth.reviewer_spread} * (2 * (person + 0.5) / {truth.reviewers} - 1))"""
        if any(one.factor != 1 for one in truth.types):
            sql += f" * [{', '.join(f'{one.factor}::DOUBLE' for one in truth.types)}][kind + 1]"
        if truth.reviewer_sd:
            sd = truth.reviewer_sd
            normal = f"SQRT(-2 * LN(1 - {self.draw('p1', 'person')})) * COS(2 * PI() * {self.draw('p2', 'person')})"
            sql += f" * EXP({sd} * {normal} - {sd * sd / 2})"
        return f"CASE WHEN {self.stamps()} THEN 0 ELSE LEAST(1, {sql}) END"

    def stamps(self) -> str:
        return f"person < {self.truth.rubber_stampers * self.truth.reviewers}"

    def passes_on(self) -> str:
        truth = self.truth
        last = truth.passes_on if truth.passes_on_last is None else truth.passes_on_last
        usual = f"CASE WHEN person = {truth.reviewers - 1} THEN {last} ELSE {truth.passes_on} END"
        return f"CASE WHEN {self.stamps()} THEN 0 ELSE {usual} END"

    def label(self) -> str:
        which = {Labels.REVIEWED: "is_seen", Labels.SENT: "is_sent", Labels.ALL: "TRUE"}[
            self.truth.labels
        ]
        missed = f"{self.draw('detect')} >= {self.truth.detection} OR {self.stamps()}"
        return f"""CASE WHEN NOT ({which}) THEN NULL WHEN NOT is_wrong THEN TRUE WHEN is_seeded OR NOT is_seen THEN FALSE
      ELSE {missed} END"""

    def right_type(self) -> str:
        if not self.truth.right_types:
            return "CAST(NULL AS VARCHAR)"
        names = "[" + ", ".join(f"'{one.name}'" for one in self.truth.types) + "]"
        aside = f"CASE WHEN {self.draw('confused')} < 0.7 THEN 1 ELSE 2 END"
        other = f"{names}[(kind + {aside}) % {len(self.truth.types)} + 1]"
        return f"CASE WHEN correct THEN {self.by_type('name')} WHEN NOT correct THEN {other} ELSE NULL END"

    def satisfaction(self) -> str:
        mean = self.truth.satisfaction
        if mean is None:
            return "CAST(NULL AS DOUBLE)"
        usual = f"{mean} - CASE WHEN human_action = 'approve' THEN 0 ELSE 0.3 END"
        return f"""CASE WHEN human_action <> 'timeout'
      THEN ROUND({usual} + 0.2 * ({self.draw("content")} - 0.5), 3) END::DOUBLE"""


def rows_sql(truth: Truth) -> str:
    """Return the rows of a log as DuckDB SQL."""
    sql = Sql(truth)
    draw = sql.draw
    noticed = f"{draw('detect')} < {truth.detection} AND NOT ({sql.stamps()})"
    on_error = f"WHEN is_wrong AND {noticed} THEN 'reject'" if truth.acts_on_errors else ""
    version = f"CASE WHEN {sql.is_old} THEN '1.10' ELSE '1.11' END" if truth.changes else "'1.10'"
    prompt = f"CASE WHEN {sql.is_old} THEN '7' ELSE '8' END" if truth.changes else "NULL::VARCHAR"
    audited = "CASE WHEN planned = 'auto' AND is_seen THEN 'audit' ELSE planned END"
    lane = "planned" if truth.keeps_lane else audited
    probability = "chance_seen" if truth.knows_probability else "NULL::DOUBLE"
    return f"""
WITH timed AS (
  SELECT i, TIMESTAMPTZ '{truth.first_day} 00:00:00+00' + TO_MICROSECONDS(CAST({sql.at()} * 1000000 AS BIGINT)) AS at_time
  FROM RANGE({truth.rows}) AS t(i)
), dated AS (
  SELECT *, CAST(DATE_DIFF('day', TIMESTAMPTZ '{truth.first_day} 00:00:00+00', at_time) AS INTEGER) AS day FROM timed
), drawn AS (
  SELECT *, {sql.confidence()} AS confidence, {sql.kind()} AS kind,
    CAST(FLOOR({draw("person")} * {truth.reviewers}) AS INTEGER) AS person, {draw("audit")} AS u_audit, {draw("human")} AS u_human,
    {draw("late")} AS u_late, {draw("error")} AS u_error, {draw("bad")} AS u_bad,
    -LN(1 - {draw("review")}) AS e_review, -LN(1 - {draw("wait")}) AS e_wait
  FROM dated
), placed AS (
  SELECT *, {sql.by_step("lane")} AS planned, {sql.by_step("seen")} AS chance_seen, {sql.error()} AS chance_wrong FROM drawn
), sent AS (
  SELECT *, planned IN ('queue', 'escalate') AS is_sent FROM placed
), seen AS (
  SELECT *, is_sent OR u_audit < chance_seen AS is_seen, {sql.chance()} AS chance FROM sent
), planted AS (
  SELECT *, is_seen AND {draw("seeded")} < {truth.seeded} AS is_seeded FROM seen
), wrong AS (
  SELECT *, is_seeded OR u_error < chance_wrong AS is_wrong FROM planted
), judged AS (
  SELECT *, {sql.label()} AS correct,
    CASE WHEN NOT is_seen THEN NULL WHEN u_late < {truth.timeouts} THEN 'timeout'
      WHEN is_seeded THEN CASE WHEN {noticed} THEN 'reject' ELSE 'approve' END
      WHEN {draw("pass")} < {sql.passes_on()} THEN 'escalate' {on_error}
      WHEN u_human < chance / 2 THEN 'reject' WHEN u_human < chance THEN 'modify' ELSE 'approve' END AS human_action
  FROM wrong
)
SELECT 'd-' || CAST(i AS VARCHAR) AS decision_id, at_time AS "at", 'triage' AS workflow_id, {version} AS workflow_version,
  {sql.by_type("name")} AS action_type, 'acme/latest' AS declared_model,
  CASE WHEN {sql.is_old} THEN '{OLD}' ELSE '{NEW}' END AS resolved_model, confidence,
  {sql.by_type("risk")} AS risk, {lane} AS lane,
  {sql.by_type("pool")} AS reviewer_pool,
  CASE WHEN is_seen AND u_late >= {truth.timeouts} THEN 'r' || CAST(person AS VARCHAR) END AS reviewer_id, human_action,
  CASE WHEN is_seen AND u_late >= {truth.timeouts} THEN ROUND(CASE WHEN {sql.stamps()} THEN 0.3 + 0.9 * (1 - EXP(-e_review))
    ELSE 5 + 40 * e_review END, 3) END AS review_seconds,
  CASE WHEN is_seen THEN ROUND(120 * e_wait, 3) END AS wait_seconds, correct,
  CASE WHEN is_seeded OR day >= {truth.days - truth.label_delay} THEN NULL
    WHEN u_bad < CASE WHEN is_wrong THEN 0.5 ELSE 0.02 END THEN 'bad' ELSE 'good' END AS outcome,
  {sql.right_type()} AS right_action_type,
  {sql.by_type("severity")} AS severity, ROUND(0.002 + 0.001 * confidence, 6)::DOUBLE AS cost_usd,
  ROUND(400 + 200 * e_review, 1) AS latency_ms, {probability} AS review_probability, {sql.satisfaction()} AS satisfaction,
  {"is_seeded" if truth.seeded else "NULL::BOOLEAN"} AS seeded_error,
  'triage-v4' AS prompt_template_id, {prompt} AS prompt_version, TRUE AS schema_valid, u_bad < 0.01 AS repair_event
FROM judged
"""  # noqa: S608  # numbers of a test


def write_log(path: Path, truth: Truth, where: str = "TRUE") -> Path:
    """Write a log, or the rows of it that a condition picks, in the form that the name of the file says."""
    kind = {".parquet": "FORMAT parquet", ".csv": "FORMAT csv, HEADER", ".jsonl": "FORMAT json"}
    packed = ", COMPRESSION gzip" if path.suffix == ".gz" else ""
    suffix = Path(path.stem).suffix if packed else path.suffix
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET memory_limit = '2GB'")
        sql = f"SELECT * FROM ({rows_sql(truth)}) WHERE {where}"  # noqa: S608  # a test's own
        if suffix != ".parquet":
            written = """STRFTIME("at", '%Y-%m-%dT%H:%M:%S.%f') || 'Z' AS "at\""""
            sql = sql.replace("SELECT *", f"SELECT * REPLACE ({written})", 1)
        connection.execute(f"COPY ({sql}) TO '{path}' ({kind[suffix]}{packed})")
    return path
