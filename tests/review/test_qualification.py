"""Qualification files: items with a known answer, with every mistake told at once."""

import json
from pathlib import Path

import pytest

from hitl.errors import DocumentError
from hitl.review.qualification import MOST_KNOWN, KnownItem, Preferred, load_known, masked_known
from hitl.review.words import Action

PAIR = {
    "input": "2 + 2?",
    "outputs": ["five", "four"],
    "actions": [["reject", "modify"], ["approve"]],
    "preference": "second",
}


def file(tmp_path: Path, *lines: object) -> Path:
    path = tmp_path / "known.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_a_file_is_read_item_by_item(tmp_path: Path) -> None:
    one = {"input": "Hi", "context": "a shop", "outputs": ["hello"], "actions": [["approve"]]}
    pair, single = load_known(file(tmp_path, PAIR, one))
    assert pair.outputs == ("five", "four")
    assert pair.actions == ((Action.REJECT, Action.MODIFY), (Action.APPROVE,))
    assert pair.preference is Preferred.SECOND
    assert (single.context, single.preference) == ("a shop", None)


def test_every_mistake_is_told_with_its_line(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        PAIR,
        PAIR | {"outputs": ["a", "b"], "actions": [["approve"]]},
        PAIR | {"outputs": ["a"], "actions": [["approve"]]},
        PAIR | {"outputs": ["a", "a"]},
        PAIR | {"outputs": ["a", "c"], "actions": [[], ["approve"]]},
        PAIR | {"outputs": ["a", "b", "c"]},
        PAIR | {"outputs": ["a", "d"], "actions": [["approve"], ["praise"]]},
        PAIR,
        PAIR | {"outputs": ["four", "five"]},
    )
    with pytest.raises(DocumentError) as caught:
        load_known(path)
    told = {mistake.line: mistake.problem for mistake in caught.value.mistakes}
    assert sorted(told) == [2, 3, 4, 5, 6, 7, 8, 9]
    assert "1 lists of actions for 2 outputs" in told[2]
    assert "a preference needs two outputs" in told[3]
    assert "both outputs are the same" in told[4]
    assert "shows what line 1 shows" in told[8]
    assert "shows what line 1 shows" in told[9], "the order of outputs does not make another item"


def test_an_empty_file_and_an_endless_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="holds no item"):
        load_known(file(tmp_path))
    many = [PAIR | {"input": f"{i}"} for i in range(MOST_KNOWN + 1)]
    with pytest.raises(DocumentError, match="expected at most 200"):
        load_known(file(tmp_path, *many))


def test_masking_reaches_input_context_and_outputs() -> None:
    item = KnownItem(input="GPT in", context="GPT about", outputs=("GPT out",), actions=((Action.APPROVE,),))  # fmt: skip
    (masked,) = masked_known([item], lambda text: text.replace("GPT", "[model]"))
    assert (masked.input, masked.context, masked.outputs) == ("[model] in", "[model] about", ("[model] out",))  # fmt: skip
