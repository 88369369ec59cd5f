"""A golden set read from disk, with its cases, schemas and prompts, frozen by digest before anything is judged."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from hitl.digest import digest, digest_bytes
from hitl.document.lines import Lines, strict_json
from hitl.document.load import load_document
from hitl.document.schema import Json
from hitl.document.source import read_bytes
from hitl.errors import DocumentError, Mistake
from hitl.golden.case import Case
from hitl.golden.expectation import Expectation, OutcomeRule, SchemaRule
from hitl.golden.golden_set import GoldenSet, Subset
from hitl.golden.prompt import prompt_mistakes


@dataclass(frozen=True)
class SubsetCases:
    """A subset with its cases in hand."""

    spec: Subset
    cases: tuple[Case, ...]
    schemas: dict[str, Json]
    """JSON Schemas that the expectations name, by the name they are called."""
    prompt: str | None

    @property
    def id(self) -> str:
        """The subset's id."""
        return self.spec.id

    def expectations(self, case: Case) -> tuple[Expectation, ...]:
        """Return all that must hold for a reply to a case: the subset's rules, the case's, its outcome class."""
        outcome = case.outcome or self.spec.outcome
        implied = (OutcomeRule(outcome=outcome),) if outcome else ()
        return (*self.spec.expect, *case.expect, *implied)

    @cached_property
    def case_digests(self) -> dict[str, str]:
        """SHA-256 of each case, by id."""
        return {
            case.id: digest(case.model_dump(mode="json", exclude_unset=True)) for case in self.cases
        }

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything that decides the subset: rules, schemas, prompt and cases (in the order of their ids)."""
        rules = self.spec.model_dump(mode="json", exclude_unset=True, exclude={"cases"})
        prompt = digest_bytes(self.prompt.encode()) if self.prompt is not None else None
        return digest([rules, self.schemas, prompt, sorted(self.case_digests.items())])


@dataclass(frozen=True)
class GoldenSetFiles:
    """A golden set with all its parts in hand."""

    spec: GoldenSet
    subsets: tuple[SubsetCases, ...]
    files: tuple[Path, ...]
    """Every file that was read."""

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the whole set: its rubrics and control fields, and the digest of each subset."""
        head = self.spec.model_dump(mode="json", exclude_unset=True, exclude={"subsets"})
        return digest([head, sorted((subset.id, subset.digest) for subset in self.subsets)])

    @property
    def n_cases(self) -> int:
        """How many cases the set holds."""
        return sum(len(subset.cases) for subset in self.subsets)


def load_golden_set(path: Path) -> GoldenSetFiles:
    """Read a golden set and every file that it names.

    Raises:
        DocumentError: every mistake in all of them, repeated ids included.
    """
    spec = load_document(path, GoldenSet)
    reader = _Reader(path)
    subsets = tuple(reader.subset(subset) for subset in spec.subsets)
    reader.check_unique_subsets(spec)
    if reader.mistakes:
        raise DocumentError(reader.mistakes)
    try:
        loaded = GoldenSetFiles(spec, subsets, tuple(dict.fromkeys(reader.files)))
        _ = loaded.digest
    except ValueError as error:
        problem = f"a case cannot be frozen: {error}; write integers of 2^53 and more as text"
        raise DocumentError([Mistake(str(path), 0, "cases", problem)]) from error
    return loaded


class _Reader:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.files = [path]
        self.mistakes: list[Mistake] = []
        self.places: dict[str, str] = {}

    def subset(self, spec: Subset) -> SubsetCases:
        cases: list[Case] = []
        for number, source in enumerate(spec.sources):
            if isinstance(source, Case):
                self._keep(
                    source,
                    cases,
                    f"{self.path}: subsets.{spec.id}.cases[{number}]",
                    str(self.path),
                    0,
                )
            else:
                self._from_file(self.path.parent / source, cases)
        rules = [*spec.expect, *(rule for case in cases for rule in case.expect)]
        names = {
            rule.json_schema
            for rule in rules
            if isinstance(rule, SchemaRule) and isinstance(rule.json_schema, str)
        }
        schemas: dict[str, Json] = {}
        for name in sorted(names):
            if (schema := self._schema(name)) is not None:
                schemas[name] = schema
        prompt = self._prompt(spec, tuple(cases))
        return SubsetCases(spec, tuple(cases), schemas, prompt)

    def check_unique_subsets(self, spec: GoldenSet) -> None:
        ids = [subset.id for subset in spec.subsets]
        for twice in sorted({name for name in ids if ids.count(name) > 1}):
            self._complain(f"subsets.{twice}", "two subsets have this id; expected each id once")

    def _from_file(self, path: Path, cases: list[Case]) -> None:
        self.files.append(path)
        lines = Lines(path, Case)
        try:
            for number, case in lines:
                self._keep(case, cases, f"{path}:{number}", str(path), number)
        except DocumentError as error:
            self.mistakes.extend(error.mistakes)
        self.mistakes.extend(lines.mistakes)

    def _keep(self, case: Case, cases: list[Case], place: str, file: str, line: int) -> None:
        if first := self.places.get(case.id):
            self.mistakes.append(
                Mistake(
                    file,
                    line,
                    "id",
                    f"the id {case.id!r} stands twice (first at {first}); expected each id once",
                )
            )
            return
        self.places[case.id] = place
        cases.append(case)

    def _schema(self, name: str) -> Json:
        path = self.path.parent / name
        self.files.append(path)
        try:
            value = strict_json(read_bytes(path))
            return json.loads(json.dumps(value))  # type: ignore[no-any-return]  # JSON in, JSON out
        except DocumentError as error:
            self.mistakes.extend(error.mistakes)
        except ValueError as error:
            self.mistakes.append(
                Mistake(str(path), 0, "", f"not valid JSON: {error}; expected a JSON Schema")
            )
        return None

    def _prompt(self, spec: Subset, cases: tuple[Case, ...]) -> str | None:
        if spec.prompt is None:
            return None
        path = self.path.parent / spec.prompt
        self.files.append(path)
        try:
            text = read_bytes(path).decode()
        except DocumentError as error:
            self.mistakes.extend(error.mistakes)
            return None
        except UnicodeDecodeError:
            self.mistakes.append(
                Mistake(str(path), 0, "", "not UTF-8 text; save the file as UTF-8")
            )
            return None
        self.mistakes.extend(
            Mistake(str(path), 0, "", problem) for problem in prompt_mistakes(text, cases)
        )
        return text

    def _complain(self, field: str, problem: str) -> None:
        self.mistakes.append(Mistake(str(self.path), 0, field, problem))
