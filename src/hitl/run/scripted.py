"""The scripted provider: a deterministic model double for demonstrations, tests and users."""

import asyncio
import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import NormalDist

from hitl.digest import digest_bytes
from hitl.document.schema import Json
from hitl.errors import UsageError
from hitl.golden.case import Case
from hitl.manifest.release import ModelSpec
from hitl.run.model import CallError, Completion, Fault, Probe, Request
from hitl.run.reply import Finish, Reply, ToolCall
from hitl.run.script import PLACEHOLDER, Habit, Script, ScriptedFault

_DRAWS = 1 << 52


def scripted_replies(
    script: Script,
    model: ModelSpec,
    cases: Iterable[Case],
    repeats: int,
    seed: int,
    *,
    max_attempts: int = 4,
) -> Iterator[Reply]:
    """Answer every case `repeats` times; the same arguments always give the same replies.

    A case without a reference that no habit answers gets an error reply, and so does a fault that
    outlasts `max_attempts`.

    Raises:
        UsageError: a habit changes fields of a reply that has none, or appends to a number.
    """
    for case in cases:
        for repeat in range(repeats):
            call = _Call(script, model, case, repeat, seed)
            fault = call.fault()
            lasts = fault is not None and _lasts(fault, max_attempts)
            yield call.reply(f"{fault.kind.value}: {_said(fault)}" if fault and lasts else None)


class ScriptedModel:
    """A scripted model that is asked call by call; it answers as `scripted_replies` does."""

    def __init__(self, script: Script, model: ModelSpec, seed: int) -> None:
        """Note the script; the same script, model and seed always answer the same."""
        self._script = script
        self._model = model
        self._seed = seed
        self._attempts: Counter[tuple[str, int]] = Counter()
        said = digest_bytes(script.model_dump_json(exclude_defaults=True).encode())
        self.endpoint = f"scripted {json.dumps([model.id, said, seed])}"
        """The model's id, a digest of what the script says, and the seed."""

    async def ask(self, request: Request, repeat: int) -> Completion:
        """Answer from the request's case or, where there is none, as a judge from the script's `answers`.

        Raises:
            CallError: a fault of the script hits, or a habit fails the call, or there is no answer.
        """
        self._attempts[request.case_id, repeat] += 1
        if request.case is None:
            return await self._paced(self._judgement(request, repeat))
        call = _Call(self._script, self._model, request.case, repeat, self._seed)
        fault = call.fault()
        if fault is not None and _lasts(fault, self._attempts[request.case_id, repeat]):
            raise CallError(fault.kind, _said(fault), fault.retry_after_s)
        try:
            reply = call.reply()
        except UsageError as error:
            raise CallError(Fault.REJECTED, str(error)) from error
        if reply.error is not None:
            raise CallError(Fault.REJECTED, reply.error)
        return await self._paced(_completion(reply))

    async def probe(self) -> Probe:
        """Say who the script says it is; nothing is asked."""
        return Probe(self._script.resolved_model, None, (), ())

    async def close(self) -> None:
        """Do nothing: there is nothing to let go of."""

    def _judgement(self, request: Request, repeat: int) -> Completion:
        asked = _last_text(request)
        found = next((text for part, text in self._script.answers.items() if part in asked), None)
        if found is None:
            raise CallError(
                Fault.REJECTED,
                f"the script has no answer to {request.case_id!r}; add one to `answers`, by a text that its last message holds",
            )
        stand_in = Case.model_construct(id=request.case_id, input=request.messages, reference=found)
        script = self._script.model_copy(update={"habits": ()})
        return _completion(_Call(script, self._model, stand_in, repeat, self._seed).reply())

    async def _paced(self, completion: Completion) -> Completion:
        if self._script.paced and completion.latency_ms:
            await asyncio.sleep(completion.latency_ms / 1000)
        return completion


@dataclass(frozen=True, slots=True)
class _Call:
    script: Script
    model: ModelSpec
    case: Case
    repeat: int
    seed: int

    def fault(self) -> ScriptedFault | None:
        """Return the fault that hits the call."""
        return next((fault for fault in self.script.faults if self._is_hit("fault", fault)), None)

    def reply(self, failed: str | None = None) -> Reply:
        """Return the reply; one that failed before an answer was there says why."""
        hit = [habit for habit in self.script.habits if self._is_hit("habit", habit)]
        text, calls, error = self._text(hit), self._tool_calls(hit), failed or self._error(hit)
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

    def _is_hit(self, kind: str, part: Habit | ScriptedFault) -> bool:
        matches = all(self.case.slices.get(name) == value for name, value in part.when.items())
        return matches and self._draw(kind, part.name) < part.rate

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


def _lasts(fault: ScriptedFault, attempt: int) -> bool:
    return fault.attempts is None or fault.attempts >= attempt


def _said(fault: ScriptedFault) -> str:
    return f"the script's fault {fault.name!r}"


def _last_text(request: Request) -> str:
    content = request.messages[-1].get("content") if request.messages else ""
    return content if isinstance(content, str) else _dumped(content)


def _completion(reply: Reply) -> Completion:
    return Completion(
        text=reply.text,
        tool_calls=reply.tool_calls,
        finish=reply.finish,
        resolved_model=reply.resolved_model,
        input_tokens=reply.input_tokens,
        output_tokens=reply.output_tokens,
        latency_ms=reply.latency_ms,
        cost_usd=reply.cost_usd,
        labels=reply.labels,
    )


def _finish(calls: tuple[ToolCall, ...] | None, error: str | None) -> Finish:
    if error is not None:
        return Finish.ERROR
    return Finish.TOOL_CALLS if calls else Finish.STOP
