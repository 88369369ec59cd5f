"""The table in docs/verdict.md decides as the gate does."""

import itertools
import re
from pathlib import Path

from hitl.gate.authority import GateResult
from hitl.gate.verdict import call
from hitl.gate.verdict_words import State
from hitl.manifest.gate_class import Authority
from hitl.manifest.release import Stage

PAGE = Path(__file__).parents[2] / "docs" / "verdict.md"


def _rows() -> dict[tuple[str, str, str], dict[str, str]]:
    block = PAGE.read_text().split("<!-- table: verdict -->")[1].split("<!-- end -->")[0]
    head, _, *rows = [
        [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        for line in block.strip().splitlines()
    ]
    return {(a, s, when): dict(zip(head[3:], cells, strict=True)) for a, s, when, *cells in rows}


def _when(authority: Authority, state: State, *, lifted: bool, absent: bool) -> str:
    if state is State.PASS:
        return ""
    if authority is Authority.CONDITIONAL:
        return "conditions cover it" if lifted else "otherwise"
    if authority is Authority.SIGNAL:
        return "required, and nothing there to judge" if absent else "otherwise"
    return ""


def test_every_row_is_what_the_gate_calls_for() -> None:
    table = _rows()
    asked = itertools.product(Authority, State, Stage, (False, True), (False, True))

    seen = set()
    for authority, state, stage, lifted, absent in asked:
        if lifted and state is State.UNMEASURED:
            continue  # no condition covers a lack of measurement
        gate = GateResult(
            subset="s",
            authority=authority,
            state=state,
            reason="",
            summary="",
            rules=(),
            on_failure=(),
            is_required=absent,
            is_absent=absent,
            is_lifted=lifted,
        )
        row = (authority.value, state.value, _when(authority, state, lifted=lifted, absent=absent))
        assert table[row][stage.value] == call(gate, stage).value, (row, stage)
        seen.add(row)
    assert seen == set(table)


def test_the_page_names_every_exit_code_of_a_verdict() -> None:
    codes = re.findall(
        r"^\| \*\*(ship|hold|revert)\*\* .*\| (\d+) \|$", PAGE.read_text(), re.MULTILINE
    )

    assert codes == [("ship", "0"), ("hold", "10"), ("revert", "11")]


def test_the_page_names_every_finding_of_the_gate() -> None:
    rooms = PAGE.parents[1] / "src" / "hitl" / "gate"
    said = re.compile(r'NoteResult\(\s*"(\w+)"|yield "(\w+)", ')
    codes = {one or other for file in rooms.glob("*.py") for one, other in said.findall(file.read_text())}  # fmt: skip

    assert len(codes) > 30
    assert {code for code in codes if f"`{code}`" not in PAGE.read_text()} == set()
