import json
from pathlib import Path

import pytest

from hitl.errors import DocumentError
from hitl.golden.load import load_golden_set
from hitl.golden.prompt import compile_prompt, prompt_mistakes, render_prompt
from tests.builders import a_case

OBJECT = {"ticket": "cannot sign in", "tier": "gold"}


def a_set_with_prompt(folder: Path, prompt: str) -> Path:
    (folder / "cases.jsonl").write_text(
        json.dumps({"id": "a", "input": OBJECT, "outcome": "answer"}) + "\n"
    )
    (folder / "prompt.jinja").write_text(prompt)
    (folder / "set.yaml").write_text(
        "format: hitl/golden-set/v1\nid: s\nversion: '1'\nworkflow_id: w\n"
        "subsets: [{id: main, cases: cases.jsonl, prompt: prompt.jinja}]\n"
    )
    return folder / "set.yaml"


def test_a_prompt_knows_the_keys_of_the_input_the_input_and_the_context() -> None:
    case = a_case("a", input=OBJECT, context=["doc"])

    text = render_prompt(
        compile_prompt("{{ ticket }} / {{ input.tier }} / {{ context[0] }}\n"), case
    )

    assert text == "cannot sign in / gold / doc\n"


@pytest.mark.parametrize(
    ("prompt", "problem"),
    [
        pytest.param("{{ ticket", "not a valid template (line 1)", id="broken syntax"),
        pytest.param(
            "{{ tickett }}",
            "cannot be filled with case 'a': 'tickett' is undefined",
            id="undefined name",
        ),
        pytest.param("{{ input.nothing }}", "has no attribute 'nothing'", id="undefined key"),
        pytest.param("{{ ''.__class__.__mro__ }}", "is unsafe", id="way out of the sandbox"),
        pytest.param("{{ 1 / 0 }}", "division by zero", id="arithmetic"),
    ],
)
def test_a_prompt_that_cannot_be_filled_is_told_before_anything_runs(
    tmp_path: Path, prompt: str, problem: str
) -> None:
    path = a_set_with_prompt(tmp_path, prompt)

    with pytest.raises(DocumentError) as refused:
        load_golden_set(path)

    assert "prompt.jinja" in str(refused.value)
    assert problem in str(refused.value)


def test_a_prompt_that_fits_every_case_loads_and_is_part_of_the_digest(tmp_path: Path) -> None:
    one = load_golden_set(a_set_with_prompt(tmp_path, "{{ ticket }}")).digest
    two = load_golden_set(a_set_with_prompt(tmp_path, "{{ ticket }}!")).digest

    assert one != two


def test_every_case_that_a_prompt_cannot_be_filled_with_is_named() -> None:
    cases = (a_case("a", input=OBJECT), a_case("b", input="text"), a_case("c", input={"tier": "x"}))

    found = list(prompt_mistakes("{{ ticket }}", cases))

    assert [message.split(":")[0] for message in found] == [
        "cannot be filled with case 'b'",
        "cannot be filled with case 'c'",
    ]
