import importlib
import importlib.util
import pkgutil
import re

import pytest

import hitl
from hitl import errors
from hitl.errors import DocumentError, ExitCode, HitlError, Mistake

EXTRAS = {"hitl.decisions.sql.spark": "pyspark", "hitl.decisions.sql.spark_files": "pyspark"}
"""Modules that need a library which not everybody installs; they define no error."""


def all_errors() -> set[type[HitlError]]:
    for module in pkgutil.walk_packages(hitl.__path__, "hitl."):
        needed = EXTRAS.get(module.name)
        if needed is None or importlib.util.find_spec(needed):
            importlib.import_module(module.name)
    found, open_ = set(), {HitlError}
    while open_:
        kind = open_.pop()
        found.add(kind)
        open_ |= set(kind.__subclasses__())
    return found


def test_the_tree_that_is_drawn_equals_the_classes() -> None:
    drawn = re.findall(r"^[├└│─ ]*(\w+)  .*?(?:exit (\d+))?$", errors.__doc__ or "", re.MULTILINE)

    exits = {name: int(code) for name, code in drawn if code}
    assert {name for name, _ in drawn} == {kind.__name__ for kind in all_errors()}
    assert exits == {
        kind.__name__: kind.exit_code for kind in all_errors() if kind is not HitlError
    }


def test_no_error_carries_the_code_of_a_verdict() -> None:
    verdicts = {ExitCode.OK, ExitCode.HOLD, ExitCode.REVERT}

    assert not verdicts & {kind.exit_code for kind in all_errors()}


@pytest.mark.parametrize(
    ("mistake", "text"),
    [
        (Mistake("a.yaml", 3, "b[1].c", "is wrong"), "a.yaml:3: b[1].c: is wrong"),
        (Mistake("a.yaml", 0, "b", "is wrong"), "a.yaml: b: is wrong"),
        (Mistake("a.yaml", 3, "", "is wrong"), "a.yaml:3: is wrong"),
        (Mistake("a.yaml", 0, "", "is wrong"), "a.yaml: is wrong"),
    ],
)
def test_a_mistake_says_file_line_field_and_problem(mistake: Mistake, text: str) -> None:
    assert str(mistake) == text


def test_mistakes_are_told_once_in_the_order_of_the_file() -> None:
    late, early = Mistake("a", 9, "x", "p"), Mistake("a", 1, "y", "p")

    error = DocumentError([late, early, late])

    assert error.mistakes == (early, late)
    assert str(error) == "a:1: y: p\na:9: x: p"
