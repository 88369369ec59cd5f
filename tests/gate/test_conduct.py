"""How a run was conducted: unequal settings cap the verdict, and what people should know is said."""

import pytest

from hitl.cli.clock import seeded
from hitl.document.schema import Json
from hitl.gate.identity import Grade, Identity, probed
from hitl.gate.release import Judgement, judge_release
from hitl.manifest.release import AliasResolution
from hitl.run.conduct import ArmConduct, ArmTally, RunFacts, conduct_of, ending, unequal_settings
from hitl.run.journal.line import ProbeLine
from hitl.run.reply import Finish, Reply
from tests.builders import AT, a_golden_set, a_manifest, judged, replies_to, some_cases

DATED, OTHER, ALIAS = "model-2026-05-18", "model-2026-05-01", "provider/latest"
RULE = AliasResolution(alias=ALIAS, expected=DATED)
BLOCK = [{"subset": "main", "authority": "block"}]


def an_arm(dropped: tuple[str, ...] = (), **params: Json) -> ArmConduct:
    probes = [ProbeLine(lane="candidate", dropped=dropped)]
    return conduct_of("candidate", "endpoint", params, probes)


def a_judgement(facts: RunFacts, **fields: object) -> Judgement:
    """Judge two arms that agree on 200 cases, so that nothing but the conduct can hold the release."""
    cases = some_cases(200)
    golden = a_golden_set({"main": cases})
    manifest = a_manifest(BLOCK, **fields)
    scored = judged(golden, replies_to(cases), replies_to(cases), manifest).scored
    return judge_release(manifest, scored, seeded(0), AT, facts)


def a_tally(failed: int = 0, answered: int = 200, **faults: int) -> ArmTally:
    tally = ArmTally()
    tally.endings.update({"failed": failed, "answered": answered})
    tally.faults.update(faults)
    return tally


def test_equal_settings_ship() -> None:
    facts = RunFacts({"previous": an_arm(temperature=0), "candidate": an_arm(temperature=0)})

    assert a_judgement(facts).decision.verdict.value == "ship"


@pytest.mark.parametrize(
    ("previous", "candidate", "words"),
    [
        pytest.param(an_arm(temperature=0), an_arm(temperature=1), "temperature (0 against 1)", id="other value"),
        pytest.param(an_arm(temperature=0), an_arm(), "temperature (0 against not set)", id="set in one arm"),
        pytest.param(
            an_arm(temperature=0), an_arm(("temperature",), temperature=0),
            "temperature (0 against not honoured)", id="dropped by one endpoint",
        ),
        pytest.param(an_arm(), an_arm(("tools",)), "tools (not set against not honoured)", id="tools are dropped"),
    ],
)  # fmt: skip
def test_unequal_settings_hold_and_are_named(
    previous: ArmConduct, candidate: ArmConduct, words: str
) -> None:
    decision = a_judgement(RunFacts({"previous": previous, "candidate": candidate})).decision

    assert decision.verdict.value == "hold"
    assert [reason.code for reason in decision.reasons] == ["unequal_settings"]
    assert words in decision.reasons[0].message


def test_a_difference_that_was_declared_does_not_hold() -> None:
    facts = RunFacts({"previous": an_arm(temperature=0), "candidate": an_arm(temperature=1)})

    assert a_judgement(facts, differing_params=["temperature"]).decision.verdict.value == "ship"


def test_a_parameter_that_both_endpoints_drop_is_told_and_does_not_hold() -> None:
    arm = an_arm(("temperature",), temperature=0)

    found = a_judgement(RunFacts({"previous": arm, "candidate": arm}))

    assert found.decision.verdict.value == "ship"
    assert [note.code for note in found.notes].count("dropped_params") == 2


def test_a_recorded_arm_has_settings_that_nobody_can_compare() -> None:
    assert (
        unequal_settings(ArmConduct(settings={"temperature": 1}), an_arm(temperature=0), ()) == ()
    )


def test_settings_stated_for_recorded_arms_that_differ_are_told() -> None:
    model = {"provider": "recorded", "replies": "r.jsonl"}
    found = a_judgement(
        RunFacts(),
        previous_model={"id": OTHER, "params": {"temperature": 0}, **model},
        candidate_model={"id": DATED, "params": {"temperature": 1}, **model},
    )

    assert "recorded_settings_differ" in [note.code for note in found.notes]


def test_a_starved_arm_is_reported_with_what_starved_it() -> None:
    facts = RunFacts({
        "previous": ArmConduct(a_tally()),
        "candidate": ArmConduct(a_tally(12, 188, rate_limited=10, timeout=2)),
    })  # fmt: skip

    message = next(note.message for note in a_judgement(facts).notes if note.code == "starved_arm")

    assert (
        message
        == "the candidate arm was starved: 12 of its calls failed (10 rate_limited, 2 timeout), 0 of the other's"
    )


@pytest.mark.parametrize(("previous", "candidate"), [(0, 2), (12, 12), (7, 12), (0, 0)])
def test_arms_that_fail_about_alike_are_not_called_starved(previous: int, candidate: int) -> None:
    facts = RunFacts(
        {"previous": ArmConduct(a_tally(previous)), "candidate": ArmConduct(a_tally(candidate))}
    )

    assert "starved_arm" not in [note.code for note in a_judgement(facts).notes]


def test_a_golden_set_that_changed_after_the_cases_were_asked_is_told() -> None:
    assert "golden_set_changed" in [
        n.code for n in a_judgement(RunFacts(golden_set_changed=True)).notes
    ]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(case_id="c", text="yes", finish=Finish.STOP), "answered"),
        (Reply(case_id="c", text=" \n", finish=Finish.STOP), "empty"),
        (Reply(case_id="c", text="no", finish=Finish.REFUSAL), "refused"),
        (Reply(case_id="c", text="so lo", finish=Finish.LENGTH), "truncated"),
        (Reply(case_id="c", error="timeout: 60 s"), "failed"),
        (Reply(case_id="c", text="", tool_calls=({"name": "look"},)), "answered"),
        (Reply(case_id="c", labels={"passed": True}), "answered"),
    ],
)
def test_every_way_to_end_is_kept_apart(reply: Reply, kind: str) -> None:
    tally = ArmTally()

    assert list(tally.passing([reply])) == [reply]
    assert ending(reply) == kind
    assert dict(tally.endings) == {kind: 1}


def an_alias(grade: Grade = Grade.ALIAS_ONLY) -> Identity:
    return Identity(ALIAS, (ALIAS,), grade, "an alias")


@pytest.mark.parametrize(
    ("metadata", "rule", "grade", "has_problem"),
    [
        pytest.param((DATED,), None, "probed", False, id="the server says who"),
        pytest.param((DATED,), RULE, "probed", False, id="and it is the expected one"),
        pytest.param((OTHER,), RULE, "mismatch", True, id="and it is another one"),
        pytest.param((DATED, OTHER), None, "moved", True, id="and later another one"),
        pytest.param((), None, "alias_only", True, id="the server says nothing"),
        pytest.param(("our/latest",), None, "alias_only", True, id="the server names an alias"),
    ],
)
def test_metadata_names_what_stands_behind_an_alias(
    metadata: tuple[str, ...], rule: AliasResolution | None, grade: str, has_problem: bool
) -> None:
    found = probed(an_alias(), metadata, rule, is_candidate=True)

    assert found.grade.value == grade
    assert bool(found.problem) is has_problem


def test_weights_that_change_behind_a_name_that_echoes_itself_are_a_move() -> None:
    echoed = Identity("triage-8b", ("triage-8b",), Grade.RESOLVED, "")

    assert probed(echoed, ("weights-a",), None, is_candidate=True) is echoed
    found = probed(echoed, ("weights-a", "weights-b"), None, is_candidate=True)
    assert found.grade is Grade.MOVED
    assert "moved between probes" in found.problem


def test_metadata_mends_no_other_problem() -> None:
    moved = Identity(ALIAS, (DATED, OTHER), Grade.MOVED, "moved")

    assert probed(moved, (DATED,), None, is_candidate=True) is moved


@pytest.mark.parametrize(
    ("facts", "code", "words"),
    [
        pytest.param(RunFacts(n_set_aside=3), "runs_set_aside", "3 earlier runs", id="rolled again"),
        pytest.param(
            RunFacts(replaced={"failed": 2, "answered": 5}), "calls_made_again",
            "2 failed and 5 answered calls were made again", id="asked again",
        ),
        pytest.param(
            RunFacts({"candidate": ArmConduct(n_old=9)}), "old_replies", "9 candidate replies are older", id="old",
        ),
    ],
)  # fmt: skip
def test_evidence_that_was_chosen_or_kept_is_told(facts: RunFacts, code: str, words: str) -> None:
    found = {note.code: note.message for note in a_judgement(facts).notes}

    assert words in found[code]


def test_an_undisturbed_run_has_nothing_to_tell() -> None:
    told = {
        note.code for note in a_judgement(RunFacts(replaced={"failed": 0, "answered": 0})).notes
    }

    assert not told & {"runs_set_aside", "calls_made_again", "old_replies", "golden_set_changed"}
