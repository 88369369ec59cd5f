"""What a run may cost, as a range with its assumptions; prices come in as values, and unknown is never nothing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from hitl.document.schema import Json
from hitl.golden.case import Case
from hitl.golden.expectation import JudgeRule
from hitl.manifest.release import JudgeSpec, ModelSpec, ReleaseManifest
from hitl.run.inputs import ReleaseInputs
from hitl.run.model import Request
from hitl.run.money.tokens import Reckoning
from hitl.score.suite import Suite

SHORT_REPLY = 16
"""Tokens of a reply at the low end."""

LONG_REPLY = 1024
"""Tokens of a reply at the high end, where nothing bounds it."""

SPARSE, DENSE = 5.0, 3.0
"""Bytes of text that make one token, at the low and at the high end."""

JUDGE_WORDS = 1500
"""Bytes of what a judge is told around the rubric, the case and the reply."""

PRICE_ADVICE = "`price: {usd_per_1m_input: ..., usd_per_1m_output: ...}`"


class Pricing(Protocol):
    """What a model's tokens cost."""

    @property
    def usd_per_1m_input(self) -> float:
        """USD for a million input tokens."""
        ...

    @property
    def usd_per_1m_output(self) -> float:
        """USD for a million output tokens."""
        ...

    @property
    def source(self) -> str:
        """Where the price comes from, and of which day."""
        ...

    def cost(self, input_tokens: int, output_tokens: int) -> float:
        """Return what a call costs, in USD."""
        ...


@dataclass(frozen=True, slots=True)
class Quote:
    """What is known about the money of one model."""

    price: Pricing | None = None
    output_bound: int | None = None
    """Most tokens of an answer, where the parameters bound it."""


@dataclass(frozen=True)
class Quotes:
    """What is known about the money of a release, before a call."""

    by_role: Mapping[str, Quote] = field(default_factory=dict)
    """`previous`, `candidate` and `judge`, where they are live."""
    requests: Mapping[str, Request] = field(default_factory=dict)
    """What is asked, by case id; needed where an arm is live and its price known."""
    cap_problems: tuple[str, ...] = ()
    """Why the run could not keep its cap."""


@dataclass(frozen=True, slots=True)
class CostRange:
    """USD at the low and at the high end."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CostLine:
    """What the calls to one model may cost."""

    role: str
    model: str
    n_calls: int
    output_bound: int | None
    """Tokens of an answer that the parameters allow; None: nothing bounds it."""
    usd_per_1m_input: float | None
    usd_per_1m_output: float | None
    price_source: str | None
    cost_usd: CostRange | None
    """None when the price is unknown."""
    reason: str | None
    """Why the cost is unknown, and what to add."""


@dataclass(frozen=True, slots=True)
class CostPlan:
    """What a run may cost, model by model and together."""

    lines: tuple[CostLine, ...]
    known_usd: CostRange
    """Of the models whose price is known."""
    max_cost_usd: float | None
    share_before_cap: float | None
    """Share of the calls that the cap pays for at the high end; None without a cap, or where it pays for all."""
    cap_problems: tuple[str, ...]

    @property
    def cost_usd(self) -> CostRange | None:
        """The whole cost, or None when a part of it is unknown."""
        return None if any(line.cost_usd is None for line in self.lines) else self.known_usd

    @property
    def n_judge_calls(self) -> int:
        """Calls to the judge."""
        return sum(line.n_calls for line in self.lines if line.role == "judge")


@dataclass(frozen=True, slots=True)
class _Call:
    """One size of call and how often it is made."""

    n: int
    request: Request
    reply_bytes: tuple[float, float] = (0.0, 0.0)
    """Bytes of replies in it that are not written yet, at the low and at the high end."""


def plan_cost(inputs: ReleaseInputs, suite: Suite, quotes: Quotes) -> CostPlan:
    """Say what a run may cost; nothing is spent."""
    lines = tuple(_lines(inputs, suite, quotes))
    ranges = [line.cost_usd for line in lines if line.cost_usd is not None]
    known = CostRange(
        round(sum((part.low for part in ranges), 0.0), 9),
        round(sum((part.high for part in ranges), 0.0), 9),
    )
    cap = inputs.manifest.limits.max_cost_usd
    over = cap is not None and known.high > cap
    return CostPlan(
        lines=lines,
        known_usd=known,
        max_cost_usd=cap,
        share_before_cap=cap / known.high if over and cap is not None else None,
        cap_problems=quotes.cap_problems,
    )


def cost_assumptions(manifest: ReleaseManifest, cost: CostPlan) -> Iterator[str]:
    """Yield what the numbers of a cost range stand on."""
    if not cost.lines:
        yield "recorded and scripted arms: no call is made and nothing is spent"
        return
    yield (
        f"low end: {SPARSE:g} bytes of text a token, and {SHORT_REPLY} output tokens a reply; high end: {DENSE:g} bytes a token, "
        "and every reply as long as its parameters allow"
    )
    unbounded = [line.role for line in cost.lines if line.output_bound is None]
    if unbounded:
        yield f"nothing bounds the replies of {', '.join(unbounded)}: {LONG_REPLY} tokens each are assumed at the high end, and they may be longer"
    replies = "1 reply" if manifest.repeats == 1 else f"{manifest.repeats} replies"
    yield f"{replies} to every case in each arm; no call is tried twice, and the few calls that probe an endpoint are not counted"
    if cost.n_judge_calls:
        yield f"a judge's call holds the rubric, the case, the replies, and {JUDGE_WORDS} bytes around them"


def _lines(inputs: ReleaseInputs, suite: Suite, quotes: Quotes) -> Iterator[CostLine]:
    manifest = inputs.manifest
    turns = manifest.limits.max_turns
    arms = {"previous": manifest.previous_model, "candidate": manifest.candidate_model}
    for role, model in arms.items():
        if model.is_live:
            quote, n = quotes.by_role.get(role, Quote()), len(suite.cases) * manifest.repeats
            calls = (_Call(manifest.repeats, quotes.requests[case.id]) for case in suite.cases)
            yield _line(role, model, quote, n, _range(quote, calls, turns, model.params))
    if manifest.judge is not None and manifest.judge.model.is_live:
        judged = tuple(_judge_calls(inputs, manifest.judge, suite, quotes))
        n, quote = sum(call.n for call in judged), quotes.by_role.get("judge", Quote())
        if n:
            yield _line(
                "judge",
                manifest.judge.model,
                quote,
                n,
                _range(quote, judged, 1, manifest.judge.model.params),
            )


def _line(
    role: str, model: ModelSpec, quote: Quote, n_calls: int, cost: CostRange | None
) -> CostLine:
    price = quote.price
    return CostLine(
        role=role,
        model=model.id,
        n_calls=n_calls,
        output_bound=quote.output_bound,
        usd_per_1m_input=price.usd_per_1m_input if price else None,
        usd_per_1m_output=price.usd_per_1m_output if price else None,
        price_source=price.source if price else None,
        cost_usd=cost,
        reason=None
        if price
        else f"the price of {model.id!r} is unknown; add {PRICE_ADVICE} to the model",
    )


def _range(
    quote: Quote, calls: Iterable[_Call], turns: int, params: Mapping[str, Json]
) -> CostRange | None:
    if quote.price is None:
        return None
    low = high = 0.0
    longest = quote.output_bound or LONG_REPLY
    short = Reckoning(
        min(SHORT_REPLY, longest), bytes_per_token=SPARSE, per_message=0, tools_text=0
    )
    long = Reckoning(longest, turns=turns, bytes_per_token=DENSE, params=params)
    for call in calls:
        few, many = short.of(call.request), long.of(call.request)
        unwritten = call.reply_bytes[0] / SPARSE, call.reply_bytes[1] / DENSE
        low += call.n * quote.price.cost(few.input + int(unwritten[0]), few.output)
        high += call.n * quote.price.cost(many.input + int(unwritten[1]), many.output)
    return CostRange(round(low, 9), round(high, 9))


def _judge_calls(
    inputs: ReleaseInputs, judge: JudgeSpec, suite: Suite, quotes: Quotes
) -> Iterator[_Call]:
    """Yield the judge's calls: one reply of each arm alone, or both arms' replies in both orders."""
    rounds = inputs.manifest.repeats * judge.repeats
    bounds = [
        quotes.by_role.get(role, Quote()).output_bound or LONG_REPLY
        for role in ("previous", "candidate")
    ]
    short, long = SHORT_REPLY * SPARSE, max(bounds) * DENSE
    rubrics = {name: rubric.text for name, rubric in inputs.golden.spec.rubrics.items()}
    for case, rule in _judge_rules(suite):
        n_replies = 2 if rule.pairwise else 1
        request = _judged(case, rubrics.get(rule.judge, ""))
        yield _Call(2 * rounds, request, (short * n_replies, long * n_replies))


def _judge_rules(suite: Suite) -> Iterator[tuple[Case, JudgeRule]]:
    for part in suite.subsets:
        for case in suite.cases[part.start : part.stop]:
            for rule in part.source.expectations(case):
                if isinstance(rule, JudgeRule):
                    yield case, rule


def _judged(case: Case, rubric: str) -> Request:
    told = case.model_dump_json(include={"input", "context", "reference"}) + rubric
    return Request(case.id, ({"role": "user", "content": told + " " * JUDGE_WORDS},))
