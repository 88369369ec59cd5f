import re
from collections.abc import Callable
from html import unescape
from io import StringIO

import pytest
from rich.console import Console

from hitl.record.judge_parts import LayerPart
from hitl.record.release import ReleaseRecord
from hitl.render.advice import advice
from hitl.render.arms import arm_facts, ending_lines
from hitl.render.explain import explain
from hitl.render.judges import correction_line, judge_found, shows_cascade
from hitl.render.markdown import render_markdown
from hitl.render.page import MOST_JUDGES, MOST_PROBLEMS, render_page
from hitl.render.terminal import print_record
from tests.render.sample_judged import (
    CORRECTED,
    LAYERS,
    a_judge,
    a_judged_arm,
    a_live_arm,
    a_pairing_judge,
)
from tests.render.sample_record import a_hold, a_hostile, a_judged, a_ship

RESTED = LAYERS[2].model_copy(
    update={"n_asked": 0, "n_left": 0, "cost_low_usd": 0.0, "cost_high_usd": 0.0}
)


def page_text(record: ReleaseRecord) -> str:
    """Return what a reader sees of the page, on one line."""
    body = render_page(record).split("</style>", 1)[1]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def terminal_text(record: ReleaseRecord) -> str:
    stream = StringIO()
    print_record(record, Console(file=stream, width=80, no_color=True))
    return " ".join(stream.getvalue().split())


def markdown_text(record: ReleaseRecord) -> str:
    return render_markdown(record).replace("\\_", "_")


def whole_walk(record: ReleaseRecord) -> str:
    return explain(record, None, None)


VIEWS = [
    pytest.param(page_text, id="page"),
    pytest.param(markdown_text, id="markdown"),
    pytest.param(terminal_text, id="terminal"),
    pytest.param(whole_walk, id="explain"),
]
View = Callable[[ReleaseRecord], str]


@pytest.mark.parametrize("view", VIEWS)
def test_what_a_judge_found_is_in_every_view_with_n_and_interval(view: View) -> None:
    text = view(a_judged())

    for part in ("grounded", "verdict-2026-01-01", "4f9c2ab17d3e", "4.31", "4.12 to 4.48"):
        assert part in text
    for part in ("−0.45", "−0.71 to −0.18", "149 of 178", "360 calls, 1.44 USD"):
        assert part in text
    assert "n = 60" in text or "n 60" in text


@pytest.mark.parametrize("view", VIEWS)
def test_comparisons_are_in_every_view_with_flips_and_order(view: View) -> None:
    text = view(a_judged())

    for part in ("helpful", "9 of 50", "18.0 %", "61.0 %", "p = 0.004", "not valid"):
        assert part in text
    assert "104 calls, cost unknown" in text


@pytest.mark.parametrize("view", VIEWS)
def test_corrected_differences_are_in_every_view_with_their_labels(view: View) -> None:
    text = view(a_judged())

    for part in ("−11.7 pt", "−19.0 to −4.4 pt", "−10.4 pt", "too few labels: 3 clusters"):
        assert part in text


@pytest.mark.parametrize("view", VIEWS)
def test_the_cascade_says_what_is_unknown_and_gives_people_a_range(view: View) -> None:
    text = view(a_judged())

    assert "9.50 to 38 USD" in text
    assert "unknown" in text
    for count in ("2,155", "2,520", "341", "360"):
        assert count in text


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("record", [a_hold(), a_ship()], ids=["hold", "ship"])
def test_a_release_without_judge_and_live_arms_speaks_of_neither(
    view: View, record: ReleaseRecord
) -> None:
    text = view(record)

    for word in ("Judges", "Who settled what", "How replies ended", "How the replies came"):
        assert word not in text


def test_the_page_names_certificate_family_and_authority() -> None:
    text = page_text(a_judged())

    assert "its labels are from before the rubric changed" in text
    assert "atlas, as is the previous and the candidate arm" in text
    assert "Counts in nowhere" in text
    assert "Signal only in tool-suggestion-posture , structured-output-semantics" in text
    assert "atlas-judge-latest → atlas-judge-2026-02-11" in text


def test_the_page_links_to_sections_that_it_has() -> None:
    page = render_page(a_judged())

    for name in ("judges", "cascade"):
        assert page.count(f'href="#{name}"') == page.count(f'id="{name}"') == 1
        assert f'href="#{name}"' not in render_page(a_hold())


def test_a_judge_without_any_grade_shows_dashes_and_no_none() -> None:
    nothing = a_judged_arm(0.0, 0.0, 0.0, n_graded=0, n_met=0, share_met=None, spread=None)
    nothing = nothing.model_copy(
        update={
            "mean": nothing.mean.model_copy(
                update={"estimate": None, "low": None, "high": None, "n": 0}
            )
        }
    )
    judge = a_judge(previous=nothing, candidate=nothing, difference=None)
    record = a_judged().model_copy(update={"judges": (judge,)})

    assert "no grade (n = 0) → candidate no grade (n = 0), no difference measured" in judge_found(
        judge
    )
    for view in (page_text, markdown_text, terminal_text, whole_walk):
        assert not re.search(r"\b(None|nan)\b", view(record))


@pytest.mark.parametrize("view", VIEWS)
def test_what_a_judge_was_not_shown_is_counted(view: View) -> None:
    record = a_judged().model_copy(update={"judges": (a_judge(n_redacted=7),)})

    assert "7 pieces redacted before it was asked" in " ".join(view(record).split())
    assert "pieces redacted" not in view(a_judged())


def test_a_judge_that_compared_nothing_names_no_rate() -> None:
    judge = a_pairing_judge()
    assert judge.pairs is not None
    pairs = judge.pairs.model_copy(
        update={
            "n_compared": 0,
            "n_flips": 0,
            "flip_rate": None,
            "first_share": None,
            "first_p_value": None,
        }
    )

    line = judge_found(judge.model_copy(update={"pairs": pairs}))

    assert "none was compared in both orders" in line
    assert "—" not in line


def test_a_correction_without_limits_says_why_and_claims_no_number() -> None:
    part = CORRECTED.model_copy(update={"low": None, "high": None, "reason": "too few labels"})

    line = correction_line(part)

    assert line.startswith("thin-evidence-escalation: not corrected (too few labels)")
    assert "−11.7" not in line


@pytest.mark.parametrize(
    ("layers", "judges", "is_shown"),
    [
        pytest.param((), False, False, id="an older record"),
        pytest.param((LAYERS[0], RESTED), False, False, id="rules settled all"),
        pytest.param((LAYERS[0], LAYERS[2]), False, True, id="people are left with some"),
        pytest.param((LAYERS[0], RESTED), True, True, id="a judge was asked"),
    ],
)
def test_the_cascade_is_shown_where_it_says_something(
    layers: tuple[LayerPart, ...], judges: bool, is_shown: bool
) -> None:
    record = a_judged().model_copy(
        update={"cascade": layers, "judges": (a_judge(),) if judges else ()}
    )

    assert shows_cascade(record) is is_shown
    assert ("Who settled what" in page_text(record)) is is_shown
    assert ("Who settled what" in terminal_text(record)) is is_shown


def test_arms_tell_how_their_replies_came() -> None:
    facts = {fact.name: (fact.previous, fact.candidate) for fact in arm_facts(a_judged())}

    assert facts == {
        "Replies by ending": (
            "1,260 answered (n = 1,260)",
            "1,251 answered, 5 failed, 3 refused, 1 truncated (n = 1,260)",
        ),
        "Failed calls": ("", "4 rate limited, 1 timeout"),
        "Took more than one attempt": ("2 of 1,260 replies", "41 of 1,260 replies"),
        "Older than the limit, used on demand": ("", "8 of 1,260 replies"),
        "Replies given": ("2026-11-19 22:14 UTC to 2026-11-20 13:58 UTC",) * 2,
        "Parameters taken, not honoured": ("", "seed"),
        "Named by the server's metadata": ("", "atlas-2026-11-01-r2"),
        "Redacted before storing": ("12 of 1,260 replies",) * 2,
        "Cost": ("3.29 USD (n = 1,260)", "unknown"),
        "Price": ("2.50 in, 10 out, USD for a million tokens (manifest)", ""),
    }
    text = page_text(a_judged())
    assert all(said in text for both in facts.values() for said in both)
    assert "both arms were asked for this release" in text


def test_recorded_arms_that_only_answered_tell_nothing() -> None:
    hold = a_hold()
    arm = hold.candidate_model.model_copy(update={"endings": {"answered": 1260, "empty": 0}})
    record = hold.model_copy(update={"candidate_model": arm, "previous_model": arm})

    assert arm_facts(record) == ()
    assert ending_lines(record) == ()


@pytest.mark.parametrize("view", [markdown_text, terminal_text])
def test_endings_are_told_of_the_arm_that_did_not_only_answer(view: View) -> None:
    text = view(a_judged())

    assert "candidate: 1,251 answered, 5 failed, 3 refused, 1 truncated (n = 1,260)" in text
    assert "previous: 1,260 answered" not in text


def test_a_time_that_is_none_is_shown_as_it_is() -> None:
    arm = a_live_arm("atlas", oldest_reply="yesterday", newest_reply="2026-11-20T15:58:40+02:00")
    record = a_judged().model_copy(update={"previous_model": arm})

    given = next(fact for fact in arm_facts(record) if fact.name == "Replies given")

    assert given.previous == "yesterday to 2026-11-20 15:58 +02:00"


def test_redactions_are_one_line_with_counts_by_kind() -> None:
    assert "Taken out of the texts that are shown: 3 email, 1 api key." in page_text(a_judged())
    assert "Taken out of the texts that are shown: 3 email, 1 api key." in markdown_text(a_judged())
    assert "Taken out" not in page_text(a_hold())


def test_the_walk_explains_the_reason_and_the_findings_of_the_run() -> None:
    text = explain(a_judged(), None, None)

    assert "why: unequal_settings: the arms were asked with unequal settings" in text
    assert f"what to do: {advice('unequal_settings')}" in text
    assert "note: starved_arm: the candidate arm was starved" in text
    assert f"what to do: {advice('starved_arm')}" in text
    assert "unequal settings: make the parameters of both arms equal" in text.split("Next")[1]


def test_the_walk_of_a_subset_keeps_only_its_own_findings() -> None:
    text = explain(a_judged(), "tool-suggestion-posture", None)

    assert "note: judge_without_authority in tool-suggestion-posture" in text
    assert "starved_arm" not in text
    assert "How it was measured" not in text


def test_more_judges_than_a_page_takes_are_counted() -> None:
    many = tuple(a_judge(rubric=f"rubric-{number}") for number in range(MOST_JUDGES + 3))
    record = a_judged().model_copy(update={"judges": many})

    assert "3 more judges are in record.json." in page_text(record)
    assert f"and {30 - MOST_PROBLEMS} more in record.json" in page_text(a_hostile())


def test_a_hostile_judge_breaks_no_line_and_no_cell() -> None:
    record = a_hostile()

    lines = [*map(judge_found, record.judges), *map(correction_line, record.corrected_differences)]
    lines += ending_lines(record)

    assert len(lines) == 5
    for line in lines:
        assert line.isprintable()
    page = render_page(record)
    assert page.count("<script") == page.count("<img") == 0
    assert page.count("<table") == page.count("</table>")
