"""What tokens cost: the manifest's price, else the dated price list, else unknown and never nothing."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil

import genai_prices
from genai_prices.types import ModelPrice, PriceCalculation, TieredPrices

from hitl.document.schema import Json
from hitl.manifest.release import Limits, ModelSpec, PriceSpec, Provider, ReleaseManifest
from hitl.run.model import Request
from hitl.run.money.parts import parts_problem
from hitl.run.money.tokens import Reckoning

_LIST = f"genai-prices {genai_prices.__version__}"
_NANO = 1e9
_ANTHROPIC_OUTPUT = 4096
"""Tokens that the anthropic provider asks for where the manifest says nothing; its API demands a bound."""

PRICE_ADVICE = "`price: {usd_per_1m_input: ..., usd_per_1m_output: ...}`"
BOUND_ADVICE = "`max_completion_tokens` or `max_tokens` to `params`, a whole number of at least 1"

_TIER_PARAMS = ("service_tier", "speed")
"""Parameters that buy faster or slower service at another price."""


@dataclass(frozen=True, slots=True)
class Tier:
    """Rates of calls whose input is longer than a number of tokens; they hold for all tokens of the call."""

    above: int
    usd_per_1m_input: float
    usd_per_1m_output: float


@dataclass(frozen=True, slots=True)
class Price:
    """What a model's tokens cost, in USD; tokens read from a cache count as if they were not."""

    usd_per_1m_input: float
    usd_per_1m_output: float
    source: str
    """`manifest`, or the price list, its entry and the day."""
    usd_per_request: float = 0.0
    tiers: tuple[Tier, ...] = ()
    """Rates of longer inputs, the shortest first."""

    def cost(self, input_tokens: int, output_tokens: int) -> float:
        """Return what a call cost, in USD, rounded to 1e-9."""
        rates = Tier(-1, self.usd_per_1m_input, self.usd_per_1m_output)
        reached = [rates, *(tier for tier in self.tiers if input_tokens > tier.above)]
        return round(self._at(reached[-1], input_tokens, output_tokens), 9)

    def most(self, input_tokens: int, output_tokens: int) -> float:
        """Return the most that a call of so many tokens can cost, in USD, rounded up: at its dearest rates, reached or not."""
        every = (Tier(-1, self.usd_per_1m_input, self.usd_per_1m_output), *self.tiers)
        dearest = Tier(
            -1,
            max(tier.usd_per_1m_input for tier in every),
            max(tier.usd_per_1m_output for tier in every),
        )
        return ceil(self._at(dearest, input_tokens, output_tokens) * _NANO) / _NANO

    def said(self) -> dict[str, Json]:
        """Return the rates and where they are from, for a record."""
        rates: dict[str, Json] = {
            "usd_per_1m_input": self.usd_per_1m_input,
            "usd_per_1m_output": self.usd_per_1m_output,
            "source": self.source,
        }
        return rates | ({"usd_per_request": self.usd_per_request} if self.usd_per_request else {})

    def _at(self, rates: Tier, input_tokens: int, output_tokens: int) -> float:
        tokens = rates.usd_per_1m_input * input_tokens + rates.usd_per_1m_output * output_tokens
        return self.usd_per_request + tokens / 1e6


def price_of(model: ModelSpec, at: datetime) -> Price | None:
    """Return what a model's tokens cost, or None where that is unknown.

    The manifest's price wins. Else the price list is asked, by the host of `base_url`: a model behind a host
    that it does not know (a server of your own, say) has no known price, however well known its name is.
    Scripted arms carry their cost in their script, recorded ones in their replies: None. Where the price
    changes within 24 hours from `at`, each rate is the dearest of these.
    """
    if model.price is not None:
        return _from_manifest(model.price)
    if (found := _listed(model, at)) is None:
        return None
    context = _context(model, found)
    hours = [found.model.get_prices(moment, context) for moment in _next_day(at)]
    prices = [price for price in map(_in_usd, hours) if price is not None]
    if len(prices) < len(hours):
        return None
    day = f"{at:%Y-%m-%d}"
    varies = ", the dearest of 24 hours" if any(price != prices[0] for price in prices) else ""
    source = f"{_LIST}: {found.provider.id}/{found.model.id} on {day}{varies}"
    return _dearest(prices, source)


def worst_case(
    price: Price,
    request: Request,
    max_output_tokens: int,
    max_turns: int = Limits().max_turns,
    params: Mapping[str, Json] | None = None,
) -> float:
    """Return the most that one attempt at a call can cost, in USD; its messages hold nothing but text.

    Each byte of the request and of the model's parameters counts as a token, each message as 8 more, offered tools
    as `TOOLS_TEXT` more, and every answer is as long as it may be, at the dearest tier. With recorded tool results the conversation takes `max_turns` turns (`limits.max_turns`)
    and each turn calls each recorded tool once.
    """
    tokens = Reckoning(max_output_tokens, max_turns, params=params or {}).of(request)
    return price.most(tokens.input, tokens.output)


def output_bound(model: ModelSpec) -> int | None:
    """Return the most tokens that a model's parameters allow for the answers to one request, or None where nothing bounds them."""
    is_anthropic = model.provider is Provider.ANTHROPIC
    names = ("max_tokens",) if is_anthropic else ("max_completion_tokens", "max_tokens")
    bounds = [model.params[name] for name in names if name in model.params]
    whole = [bound for bound in bounds if _is_count(bound)]
    if len(whole) < len(bounds):
        return None
    choices = model.params.get("n", 1)
    if not _is_count(choices):
        return None
    if not whole:
        return _ANTHROPIC_OUTPUT if is_anthropic else None
    return max(int(str(bound)) for bound in whole) * int(str(choices))


def cap_problems(
    manifest: ReleaseManifest, at: datetime, requests: Iterable[Request] = ()
) -> list[tuple[str, str]]:
    """Return (field, problem) for each reason why the run could not keep `limits.max_cost_usd`.

    Args:
        manifest: the release.
        at: now; prices have a date.
        requests: what the arms are asked; each must be text alone where a live arm's input costs anything.
    """
    if manifest.limits.max_cost_usd is None:
        return []
    models = {
        "previous_model": manifest.previous_model,
        "candidate_model": manifest.candidate_model,
    }
    if manifest.judge is not None:
        models["judge.model"] = manifest.judge.model
    live = {field: model for field, model in models.items() if model.is_live}
    problems = [found for field, model in live.items() for found in _cap_problems(field, model, at)]
    arms = [model for field, model in live.items() if field != "judge.model"]
    if any(_input_costs(model, at) for model in arms):
        said = parts_problem(tuple(requests))
        problems += [("limits.max_cost_usd", said)] if said else []
    return problems


def _input_costs(model: ModelSpec, at: datetime) -> bool:
    price = price_of(model, at)
    return price is None or price.most(10**6, 0) > price.most(0, 0)


def _cap_problems(field: str, model: ModelSpec, at: datetime) -> Iterator[tuple[str, str]]:
    price = price_of(model, at)
    if price is None:
        yield (
            f"{field}.price",
            f"the price of {model.id!r} is unknown, so limits.max_cost_usd cannot be kept; add {PRICE_ADVICE}, or leave the limit out",
        )
    if output_bound(model) is None and (price is None or price.most(0, 1) > 0):
        yield (
            f"{field}.params",
            f"nothing bounds the answers of {model.id!r}, so limits.max_cost_usd cannot be kept; add {BOUND_ADVICE}, or leave the limit out",
        )


def _from_manifest(price: PriceSpec) -> Price:
    return Price(price.usd_per_1m_input, price.usd_per_1m_output, "manifest")


def _listed(model: ModelSpec, at: datetime) -> PriceCalculation | None:
    usage = genai_prices.Usage(input_tokens=1, output_tokens=1)
    try:
        if model.provider is Provider.ANTHROPIC and model.base_url is None:
            return genai_prices.calc_price(
                usage, model.id, provider_id="anthropic", genai_request_timestamp=at
            )
        if model.provider in (Provider.ANTHROPIC, Provider.OPENAI) and model.base_url:
            url = model.base_url.lower()
            found = genai_prices.calc_price(
                usage, model.id, provider_api_url=url, genai_request_timestamp=at
            )
            return found if _is_whole_host(found.provider.api_pattern, url) else None
    except LookupError:
        return None
    return None


def _is_whole_host(pattern: str, url: str) -> bool:
    """Whether a pattern of the price list, which has no end, does not stop in the middle of another host's name."""
    match = re.match(pattern, url)
    rest = url[match.end() :] if match else "."
    return not rest or rest[0] in "/:?" or url[: len(url) - len(rest)].endswith(("/", "."))


def _context(model: ModelSpec, found: PriceCalculation) -> dict[str, str]:
    if not any(found.model is own for own in found.provider.models):
        return {}  # another provider's entry: its service tiers are not on sale here
    named = {name: model.params.get(name) for name in _TIER_PARAMS}
    return {name: value for name, value in named.items() if isinstance(value, str)}


def _next_day(at: datetime) -> Iterator[datetime]:
    return (at + timedelta(minutes=30 * number) for number in range(49))


def _in_usd(listed: ModelPrice) -> Price | None:
    into, out = listed.input_mtok, listed.output_mtok
    if into is None or out is None:
        return None
    per_1k = listed.requests_kcount
    starts = sorted({tier.start for price in (into, out) for tier in _tiers(price)})
    return Price(
        usd_per_1m_input=_rate(into, 0),
        usd_per_1m_output=_rate(out, 0),
        source="",
        usd_per_request=0.0 if per_1k is None else _rate(per_1k, 0) / 1000,
        tiers=tuple(Tier(start, _rate(into, start + 1), _rate(out, start + 1)) for start in starts),
    )


def _tiers(price: Decimal | TieredPrices) -> list[genai_prices.types.Tier]:
    return price.tiers if isinstance(price, TieredPrices) else []


def _rate(price: Decimal | TieredPrices, input_tokens: int) -> float:
    if isinstance(price, Decimal):
        return float(price)
    reached = [tier.price for tier in price.tiers if input_tokens > tier.start]
    return float(reached[-1] if reached else price.base)


def _dearest(prices: list[Price], source: str) -> Price:
    def at(price: Price, above: int) -> Tier:
        reached = [tier for tier in price.tiers if tier.above <= above]
        return reached[-1] if reached else Tier(-1, price.usd_per_1m_input, price.usd_per_1m_output)

    def dearest(above: int) -> Tier:
        found = [at(price, above) for price in prices]
        into, out = (
            max(t.usd_per_1m_input for t in found),
            max(t.usd_per_1m_output for t in found),
        )
        return Tier(above, into, out)

    base = dearest(-1)
    starts = sorted({tier.above for price in prices for tier in price.tiers})
    return Price(
        usd_per_1m_input=base.usd_per_1m_input,
        usd_per_1m_output=base.usd_per_1m_output,
        source=source,
        usd_per_request=max(price.usd_per_request for price in prices),
        tiers=tuple(dearest(start) for start in starts),
    )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1
