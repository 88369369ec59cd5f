"""JSON lines: strict JSON, every mistake with its line."""

import json
from pathlib import Path

import pytest

from hitl.document.lines import MISTAKE_LIMIT, Lines, strict_json
from hitl.errors import DocumentError
from hitl.golden.case import Case
from hitl.run.recorded import recorded_replies
from hitl.run.reply import Reply


def read(path: Path, *lines: str | bytes) -> list[Reply]:
    path.write_bytes(b"\n".join(x.encode() if isinstance(x, str) else x for x in lines))
    return list(recorded_replies(path))


GOOD = '{"case_id": "a", "text": "x"}'


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        pytest.param('{"case_id": "a", "case_id": "b", "text": "x"}', "stands twice", id="duplicate key"),
        pytest.param('{"case_id": "a", "labels": {"x": 1, "x": 2}}', "stands twice", id="nested duplicate"),
        pytest.param('{"case_id": "a", "labels": {"x": NaN}}', "NaN", id="NaN"),
        pytest.param('{"case_id": "a", "labels": {"x": Infinity}}', "Infinity", id="Infinity"),
        pytest.param('{"case_id": "a", "text": "x", "cost_usd": -Infinity}', "Infinity", id="-Infinity"),
        pytest.param('{"case_id": "a", "text": "x", "cost_usd": 1e999}', "too large", id="1e999"),
        pytest.param('{"case_id": "a", "labels": {"x": 1e999}}', "too large", id="1e999 in a label"),
        pytest.param('{"case_id": "a", "text": "x", "input_tokens": %s}' % ("9" * 5000), "x.jsonl:2",
                     id="a whole number of 5000 digits"),
        pytest.param('{"case_id": "a", "text": "x", "input_tokens": 1e400}', "too large", id="1e400 tokens"),
        pytest.param('{"case_id": "a", "text": "x", "latency_ms": -1}', "latency_ms", id="negative"),
        pytest.param('{"case_id": "a", "text": "x", "repeat": 1.5}', "repeat", id="half a repeat"),
        pytest.param('{"case_id": "a", "text": "x", "repeat": true}', "repeat", id="true repeats"),
        pytest.param('{"case_id": "a", "text": "x", "confidence": 1.1}', "confidence", id="above one"),
        pytest.param('{"case_id": "a"}', "holds no reply", id="nothing said"),
        pytest.param('{"text": "x"}', "case_id", id="no case"),
        pytest.param('{"case_id": "", "text": "x"}', "case_id", id="empty id"),
        pytest.param('{"case_id": "a", "text": "x", "more": 1}', "more", id="unknown field"),
        pytest.param('{"case_id": "a", "text": "x",}', "not valid JSON", id="trailing comma"),
        pytest.param("{'case_id': 'a'}", "not valid JSON", id="single quotes"),
        pytest.param('["a"]', "x.jsonl:2", id="a list"),
        pytest.param("null", "x.jsonl:2", id="null"),
        pytest.param('"text"', "x.jsonl:2", id="text"),
        pytest.param("[" * 100_000, "nested too deeply", id="deep"),
        pytest.param('{"a":' * 100_000, "nested too deeply", id="deep object"),
        pytest.param(GOOD + GOOD, "not valid JSON", id="two on a line"),
        pytest.param(b'{"case_id": "\xff", "text": "x"}', "not valid JSON", id="not UTF-8"),
        pytest.param('{"case_id": "a", "text": "x", "at": "yesterday"}', "at", id="no date"),
    ],
)  # fmt: skip
def test_a_line_that_is_no_reply_is_told_with_its_line(
    tmp_path: Path, line: str | bytes, problem: str
) -> None:
    with pytest.raises(DocumentError) as caught:
        read(tmp_path / "x.jsonl", GOOD, line)

    assert problem in str(caught.value)
    assert {mistake.line for mistake in caught.value.mistakes} == {2}


def test_every_bad_line_is_told_at_once_and_good_ones_are_read_on(tmp_path: Path) -> None:
    lines = Lines(tmp_path / "x.jsonl", Reply)
    lines.path.write_text("\n".join(["{", GOOD, "[]", GOOD, '{"case_id": 1}']))

    numbers = [number for number, _ in lines]

    assert numbers == [2, 4]
    with pytest.raises(DocumentError) as caught:
        lines.check()
    assert [mistake.line for mistake in caught.value.mistakes] == [1, 3, 5]


def test_reading_stops_where_a_list_of_mistakes_helps_nobody(tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as caught:
        read(tmp_path / "x.jsonl", *(["{"] * (MISTAKE_LIMIT + 500)))

    assert len(caught.value.mistakes) == MISTAKE_LIMIT


@pytest.mark.parametrize("written", ["1.10", "7", "true", "1e3"])
def test_a_number_is_text_where_text_is_wanted(tmp_path: Path, written: str) -> None:
    (reply,) = read(tmp_path / "x.jsonl", f'{{"case_id": {written}, "text": "x"}}')

    assert reply.case_id == json.dumps(json.loads(written))


@pytest.mark.parametrize("text", ["\u2028", "\0", "\U0001f600", "\\", '"'])
def test_any_text_survives(tmp_path: Path, text: str) -> None:
    (reply,) = read(tmp_path / "x.jsonl", json.dumps({"case_id": "a", "text": text}))

    assert reply.text == text


def test_a_lone_surrogate_is_no_crash(tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as caught:
        read(tmp_path / "x.jsonl", '{"case_id": "a", "text": "\\ud800"}')

    assert [mistake.line for mistake in caught.value.mistakes] == [1]


def test_a_case_file_is_read_the_same_way(tmp_path: Path) -> None:
    lines = Lines(tmp_path / "c.jsonl", Case)
    lines.path.write_text('{"id": "a", "expect": [{"equals": "x"}]}\n{"id": "b", "expects": []}\n')

    assert [case.id for _, case in lines] == ["a"]
    assert lines.mistakes[0].line == 2


@pytest.mark.parametrize("text", ["", "nul", "01", "1.", "+1", ".5", "0x1", "'a'", "\ufeff{}"])
def test_only_json_is_json(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        strict_json(text)
