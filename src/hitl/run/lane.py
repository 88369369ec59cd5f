"""Who is asked, and what is asked of it: a lane of a run, and the calls that it owes."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from hitl.document.schema import Json
from hitl.run.model import Completion, Model, Request
from hitl.run.money.price import Price, worst_case
from hitl.run.pace import Pace


@dataclass(frozen=True)
class Lane:
    """One arm of a run, or a judge: who is asked, how fast, and at what price."""

    name: str
    model: Model
    declared: str
    """Id of the model in the manifest."""
    pace: Pace
    price: Price | None = None
    output_bound: int | None = None
    """Most tokens of an answer, where the parameters bound it."""
    params: Mapping[str, Json] = field(default_factory=dict)
    """Parameters that go with every call; their text is paid for too."""
    max_turns: int = 1
    """Most turns of a conversation in which recorded tool results are replayed."""
    is_stamped: bool = True
    """Whether its replies carry the time: scripted ones do not, so that they stay the same."""

    def worst(self, request: Request) -> float:
        """Return the most that one attempt can cost, in USD; 0 where nobody knows."""
        if self.price is None or self.output_bound is None:
            return 0.0
        return worst_case(self.price, request, self.output_bound, self.max_turns, self.params)

    def cost(self, found: Completion) -> float | None:
        """Return what an answer cost, in USD, as it says or by its price; None where that is unknown."""
        if found.cost_usd is not None:
            return found.cost_usd
        if self.price is None or found.input_tokens is None or found.output_tokens is None:
            return None
        return self.price.cost(found.input_tokens, found.output_tokens)

    def charge(self, found: Completion, worst: float) -> float:
        """Return what an answer counts for: its cost, or the worst case where that is unknown."""
        cost = self.cost(found)
        return worst if cost is None else cost

    def tokens(self, request: Request) -> int:
        """Return about how many tokens a call takes, where its pace counts them."""
        return request.n_bytes // 4 + (self.output_bound or 0) if self.pace.counts_tokens else 0


@dataclass(frozen=True, slots=True)
class Call:
    """One call that a run owes."""

    lane: str
    request: Request
    repeat: int
    key: str


def call_key(lane: str, endpoint: str, request: Request, repeat: int) -> str:
    """Return the name of a call: the same arm, endpoint, settings, request and repeat."""
    return hashlib.sha256(f"{lane}\n{endpoint}\n{request.digest}\n{repeat}".encode()).hexdigest()
