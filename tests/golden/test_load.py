"""A golden set read from disk: all of it, every mistake at once, named by one digest."""

import gzip
import json
from pathlib import Path

import pytest

from hitl.errors import DocumentError
from hitl.golden.load import GoldenSetFiles, load_golden_set
from tests.builders import a_suite

HEAD = """\
format: hitl/golden-set/v1
id: made-up
version: "1"
workflow_id: workflow
subsets:
"""
CASES = [{"id": f"c{number}", "input": f"question {number}"} for number in range(6)]


def lines(cases: list[dict[str, object]]) -> str:
    return "".join(json.dumps(case) + "\n" for case in cases)


def a_set(folder: Path, subsets: str, **files: str) -> Path:
    folder.mkdir(exist_ok=True, parents=True)
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_text(content)
    (folder / "set.yaml").write_text(HEAD + subsets)
    return folder / "set.yaml"


def load(folder: Path, subsets: str, **files: str) -> GoldenSetFiles:
    return load_golden_set(a_set(folder, subsets, **files))


def mistakes(folder: Path, subsets: str, **files: str) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        load(folder, subsets, **files)
    return [str(mistake).replace(f"{folder}/", "") for mistake in caught.value.mistakes]


ONE = "  - {id: main, cases: a.jsonl, expect: [{equals: yes}]}\n"


def test_cases_come_from_files_lists_of_files_and_the_set_itself(tmp_path: Path) -> None:
    subsets = """\
  - {id: one, cases: a.jsonl}
  - {id: many, cases: [b.jsonl, c.jsonl.gz, {id: inline, input: x}]}
"""
    (tmp_path / "c.jsonl.gz").write_bytes(gzip.compress(lines(CASES[4:]).encode()))

    golden = load(tmp_path, subsets, a_jsonl=lines(CASES[:2]), b_jsonl=lines(CASES[2:4]))

    assert golden.n_cases == 7
    assert [case.id for case in golden.subsets[1].cases] == ["c2", "c3", "c4", "c5", "inline"]
    assert [path.name for path in golden.files] == ["set.yaml", "a.jsonl", "b.jsonl", "c.jsonl.gz"]


@pytest.mark.parametrize(
    ("second", "places"),
    [
        pytest.param(
            "  - {id: other, cases: [{id: c1}]}\n", ["set.yaml", "a.jsonl:2"], id="inline"
        ),
        pytest.param(
            "  - {id: other, cases: b.jsonl}\n", ["b.jsonl:1", "a.jsonl:2"], id="in a file"
        ),
    ],
)
def test_a_repeated_id_names_both_places(tmp_path: Path, second: str, places: list[str]) -> None:
    (found,) = mistakes(tmp_path, ONE + second, a_jsonl=lines(CASES[:2]), b_jsonl=lines(CASES[1:2]))

    assert "the id 'c1' stands twice" in found
    assert all(place in found for place in places)


def test_the_same_id_twice_in_one_file_is_found(tmp_path: Path) -> None:
    (found,) = mistakes(tmp_path, ONE, a_jsonl=lines([CASES[0], CASES[1], CASES[0]]))

    assert found.startswith("a.jsonl:3: id: the id 'c0' stands twice (first at a.jsonl:1)")


def test_two_subsets_of_one_name_are_a_mistake(tmp_path: Path) -> None:
    found = mistakes(tmp_path, ONE + "  - {id: main, cases: []}\n", a_jsonl=lines(CASES))

    assert any("subsets.main" in line for line in found)


def test_the_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    subsets = """\
  - {id: one, cases: a.jsonl, expect: [{json_schema: s.json}], prompt: p.jinja}
  - {id: two, cases: [missing.jsonl, b.jsonl]}
"""
    found = mistakes(
        tmp_path,
        subsets,
        a_jsonl='{"id": "x"}\n{"id": "y", "severity": "grave"}\n',
        b_jsonl='{"id": "x"}\nnot json\n',
        s_json='{"type": "object", "type": "array"}',
    )

    starts = [line.split(": ")[0] for line in found]
    assert starts == ["a.jsonl:2", "b.jsonl:1", "b.jsonl:2", "missing.jsonl", "p.jinja", "s.json"]


def digest(folder: Path, subsets: str, **files: str) -> str:
    return load(folder, subsets, **files).digest


def test_the_order_of_cases_files_and_subsets_does_not_change_the_digest(tmp_path: Path) -> None:
    one = "  - {id: a, cases: [a.jsonl, b.jsonl]}\n"
    two = "  - {id: b, cases: [{id: x}, {id: y}]}\n"
    turned = "  - {id: b, cases: [{id: y}, {id: x}]}\n  - {id: a, cases: [b.jsonl, a.jsonl]}\n"

    first = digest(tmp_path / "1", one + two, a_jsonl=lines(CASES[:3]), b_jsonl=lines(CASES[3:]))
    second = digest(
        tmp_path / "2", turned, a_jsonl=lines(CASES[2::-1]), b_jsonl=lines(CASES[:2:-1])
    )

    assert first == second


def test_it_does_not_matter_in_which_file_a_case_stands(tmp_path: Path) -> None:
    inline = f"  - {{id: main, cases: {json.dumps(CASES)}, expect: [{{equals: yes}}]}}\n"

    assert digest(tmp_path / "1", ONE, a_jsonl=lines(CASES)) == digest(tmp_path / "2", inline)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("question 3", "question 4", id="an input"),
        pytest.param('"c3"', '"c9"', id="an id"),
        pytest.param('"question 3"}', '"question 3", "zero_tolerance": true}', id="a field more"),
    ],
)
def test_one_changed_character_of_a_case_changes_the_digest(
    tmp_path: Path, old: str, new: str
) -> None:
    changed = lines(CASES).replace(old, new, 1)

    assert digest(tmp_path / "1", ONE, a_jsonl=lines(CASES)) != digest(
        tmp_path / "2", ONE, a_jsonl=changed
    )


RICH = """\
  - id: main
    cases: a.jsonl
    outcome: answer
    prompt: p.jinja
    expect: [{json_schema: s.json}, {field: x, equals: 1}]
"""
PARTS = {"a_jsonl": lines(CASES), "p_jinja": "Say {{ input }}", "s_json": '{"type": "object"}'}


@pytest.mark.parametrize(
    ("subsets", "parts"),
    [
        pytest.param(RICH.replace("equals: 1", "equals: 2"), {}, id="a rule"),
        pytest.param(RICH.replace("equals: 1", "equals: 1.5"), {}, id="a number in a rule"),
        pytest.param(RICH.replace("outcome: answer", "outcome: refusal"), {}, id="the outcome"),
        pytest.param(RICH, {"p_jinja": "Say {{ input }}!"}, id="the prompt"),
        pytest.param(RICH, {"s_json": '{"type": "array"}'}, id="the schema"),
        pytest.param(RICH + "  - {id: more, cases: []}\n", {}, id="one more subset"),
    ],
)
def test_everything_that_decides_is_in_the_digest(
    tmp_path: Path, subsets: str, parts: dict[str, str]
) -> None:
    assert digest(tmp_path / "1", RICH, **PARTS) != digest(tmp_path / "2", subsets, **PARTS | parts)


def test_a_case_that_has_no_canonical_form_is_a_mistake_and_no_crash(tmp_path: Path) -> None:
    (found,) = mistakes(tmp_path, ONE, a_jsonl='{"id": "x", "reference": 9007199254740993}\n')

    assert "2^53" in found


@pytest.mark.parametrize(
    "expectation",
    [
        "{}", "{matches: }", "{one_of: }", "{must_include: ~}", "{field: a, at_least: null}",
        "{one_of: []}", "{must_include: []}", "{field: a}", "{field: a, parse: repair}",
        "{label: a}", "{tool_calls: {}}", "{outcome: maybe}", "{unknown: 1}", "yes",
        "{field: a, equals: 1, surprise: 2}", "{similar_to: a, at_least: 2}", "{python: nomodule}",
        "{numeric: {tolerance: 1}}", "{posture: careful}", "{latency_ms: {}}",
    ],
)  # fmt: skip
def test_an_expectation_that_asks_nothing_or_nonsense_is_refused(
    tmp_path: Path, expectation: str
) -> None:
    subsets = f"  - {{id: main, cases: a.jsonl, expect: [{expectation}]}}\n"

    found = mistakes(tmp_path, subsets, a_jsonl='{"id": "x"}\n')

    assert all(line.startswith("set.yaml:6: subsets[0].expect[0]") for line in found)


@pytest.mark.parametrize(
    "expectation",
    [
        pytest.param("{judge: nobody, at_least: 4}", id="a rubric that is not pinned"),
        pytest.param("{matches: '('}", id="a broken pattern"),
        pytest.param("{rule: 'reply.'}", id="a broken expression"),
        pytest.param("{field: 'a[', equals: 1}", id="a broken path"),
        pytest.param("{json_schema: {type: nonsense}}", id="a broken schema"),
    ],
)
def test_an_expectation_that_cannot_be_compiled_is_refused_before_any_reply_is_read(
    tmp_path: Path, expectation: str
) -> None:
    subsets = f"  - {{id: main, cases: a.jsonl, expect: [{expectation}]}}\n"
    golden = load(tmp_path, subsets, a_jsonl='{"id": "x"}\n{"id": "y"}\n')

    with pytest.raises(DocumentError) as caught:
        a_suite(golden)

    assert [mistake.field for mistake in caught.value.mistakes] == ["subsets.main.expect[0]"]
