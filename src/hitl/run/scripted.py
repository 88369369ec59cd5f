"""The scripted provider: a deterministic model double for demonstrations, tests and users."""

import hashlib
import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import NormalDist

from hitl.document.schema import Json
from hitl.errors import UsageError
from hitl.golden.case import Case
from hitl.manifest.release import ModelSpec
from hitl.run.reply import Finish, Reply, ToolCall
from hitl.run.script import PLACEHOLDER, Habit, Script

_DRAWS = 1 << 52


def scripted_replies(
    script: Script, model: ModelSpec, cases: Iterable[Case], repeats: int, seed: int
) -> Iterator[Reply]:
    """Answer every case `repeats` times; the same arguments always give the same replies.

    A case without a reference that no habit answers gets an error reply.

    Raises:
        UsageError: a habit changes fields of a reply that has none, or appends to a number.
    """
    for case in cases:
        for repeat in range(repeats):
            yield _Call(script, model, case, repeat, seed).reply()


@dataclass(frozen=True, slots=True)
class _Call:
    script: Script
    model: ModelSpec
    case: Case
    repeat: int
    seed: int

    def reply(self) -> Reply:
        hit = [habit for habit in self.script.habits if self._applies(habit)]
        text, calls, error = self._text(hit), self._tool_calls(hit), self._error(hit)
        if text is None and calls is None and error is None:
            error = "the case has no reference, so the scripted model has no answer"
        answer = (text or "") if error is None else ""
        tokens_in, tokens_out = self._tokens(self._prompt()), self._tokens(answer)
        outcome = next((habit.outcome for habit in reversed(hit) if habit.outcome), None)
        return Reply(
            case_id=self.case.id,
            repeat=self.repeat,
            text=text if error is None else None,
            tool_calls=calls if error is None else None,
            declared_model=self.model.id,
            resolved_model=self.script.resolved_model,
            finish=_finish(calls, error),
            error=error,
            latency_ms=self._latency(hit),
            input_tokens=tokens_in,
            output_tokens=tokens_out,
            cost_usd=self._cost(tokens_in, tokens_out),
            labels={"outcome": outcome.value} if outcome and error is None else None,
        )

    def _applies(self, habit: Habit) -> bool:
        matches = all(self.case.slices.get(name) == value for name, value in habit.when.items())
        return matches and self._draw("habit", habit.name) < habit.rate

    def _draw(self, *purpose: str) -> float:
        """Return a number in [0, 1) that depends on nothing but the call and the purpose."""
        key = json.dumps([self.seed, self.model.id, *purpose, self.case.id, self.repeat])
        return (int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") >> 12) / _DRAWS

    def _text(self, hit: list[Habit]) -> str | None:
        body = self.case.reference
        for habit in hit:
            if habit.changes_fields:
                body = self._changed(body, habit)
        text = body if isinstance(body, str) or body is None else _dumped(body)
        for habit in hit:
            text = habit.text if habit.text is not None else text
            if habit.wrap is not None and text is not None:
                text = habit.wrap.replace(PLACEHOLDER, text)
        return text

    def _changed(self, body: Json, habit: Habit) -> Json:
        if not isinstance(body, dict):
            raise self._misfit(habit, "changes fields, and the case's reference is no JSON object")
        changed = {name: value for name, value in body.items() if name not in habit.remove}
        for name, more in habit.append.items():
            old = changed.get(name, [])
            if isinstance(old, list):
                changed[name] = [*old, more]
            elif isinstance(old, str):
                changed[name] = old + (more if isinstance(more, str) else _dumped(more))
            else:
                raise self._misfit(habit, f"appends to {name!r}, which is neither list nor text")
        return changed | habit.set

    def _misfit(self, habit: Habit, problem: str) -> UsageError:
        advice = "narrow it with `when` or correct the reference"
        return UsageError(
            f"script: habit {habit.name!r}: case {self.case.id!r}: {problem}; {advice}"
        )

    def _tool_calls(self, hit: list[Habit]) -> tuple[ToolCall, ...] | None:
        return next(
            (habit.tool_calls for habit in reversed(hit) if habit.tool_calls is not None), None
        )

    def _error(self, hit: list[Habit]) -> str | None:
        return next((habit.error for habit in hit if habit.error is not None), None)

    def _prompt(self) -> str:
        parts = (self.case.input, self.case.context)
        return "".join(part if isinstance(part, str) else _dumped(part) for part in parts if part)

    def _tokens(self, text: str) -> int:
        return math.ceil(len(text) / self.script.characters_per_token)

    def _cost(self, tokens_in: int, tokens_out: int) -> float | None:
        if self.script.usd_per_1k_output is None:
            return None
        price_in = self.script.usd_per_1k_input or 0.0
        return round((tokens_in * price_in + tokens_out * self.script.usd_per_1k_output) / 1000, 9)

    def _latency(self, hit: list[Habit]) -> float | None:
        if self.script.latency_ms is None:
            return None
        share = self._draw("latency") + 0.5 / _DRAWS  # open at 0, where the normal has no quantile
        middle = self.script.latency_ms.median * math.prod(habit.latency_factor for habit in hit)
        return round(
            middle * math.exp(self.script.latency_ms.spread * NormalDist().inv_cdf(share)), 1
        )


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _finish(calls: tuple[ToolCall, ...] | None, error: str | None) -> Finish:
    if error is not None:
        return Finish.ERROR
    return Finish.TOOL_CALLS if calls else Finish.STOP
