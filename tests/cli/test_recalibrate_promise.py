"""What `hitl recalibrate` promises: how few labels prove it, how often it is made, and what is no evidence."""

from pathlib import Path

import pytest

from hitl.document.load import load_document
from hitl.recalibrate.parts import CertificateFile
from tests.cli.shop import GAINS, LOSES, NEW, Shop, rows


@pytest.fixture
def shop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shop:
    return Shop(tmp_path, capsys)


def test_new_data_is_a_new_round_and_what_rounds_add_up_to_is_said(shop: Shop) -> None:
    shop.say("--write")
    shop.log((*LOSES, *GAINS, *rows("other", NEW, (0.9, 3, 0)), *rows("reply", NEW, (0.96, 90, 0))))

    shop.say("--write")

    assert shop.document().round == 2
    found = load_document(shop.certificates, CertificateFile).certificates
    assert {(one.round, one.delta) for one in found if one.action_type == "reply"} == {(1, 0.05), (2, 0.05)}  # fmt: skip
    assert any("this is number 2 of these thresholds, so over all of them it may add up to 10 %; --spend keeps one" in note for note in shop.document().notes)  # fmt: skip


def test_names_that_no_policy_can_have_stop_nothing(shop: Shop) -> None:
    odd = "\x1b[31mreply\n\u202e"
    shop.log((*GAINS, *(row | {"action_type": odd, "decision_id": f"odd-{row['decision_id']}"} for row in GAINS)))  # fmt: skip

    code, said, told = shop.say()

    assert code == 0
    assert shop.document().types[1].proposed == 0.65
    assert "\x1b" not in said + told
    assert any("860 of 1,720 decisions are of a type that the policy does not name" in note for note in shop.document().notes)  # fmt: skip


def test_a_log_that_was_copied_under_new_ids_proves_no_more(shop: Shop) -> None:
    few = tuple(rows("reply", NEW, (0.95, 50, 0), (0.65, 50, 0)))
    shop.log(row | {"decision_id": f"{row['decision_id']}-{n}"} for n in range(5) for row in few)

    code, _, _ = shop.say()

    assert code == 12
    assert "100 decisions that could run alone have a label; 149" in shop.document().types[1].reason


@pytest.mark.parametrize(("n", "words", "state"), [
    pytest.param(149, (), "certified", id="149 without an error are the fewest"),
    pytest.param(148, (), "unlabelled", id="148 are too few"),
    pytest.param(173, ("--spend",), "certified", id="173 where the chance is to last"),
    pytest.param(172, ("--spend",), "unlabelled", id="172 are too few then"),
    # ln(0.05 * 6 / pi^2 / 4) / ln(0.98) is 241.5.
    pytest.param(242, ("--round", "2"), "certified", id="242 the second time"),
    pytest.param(241, ("--round", "2"), "unlabelled", id="241 are too few then"),
])  # fmt: skip
def test_the_fewest_labels_certify_and_one_less_does_not(
    shop: Shop, n: int, words: tuple[str, ...], state: str
) -> None:
    shop.log(rows("reply", NEW, (0.9, n - n // 2, 0), (0.65, n // 2, 0)))

    shop.say(*words)

    (_, found) = shop.document().types
    assert found.state == state
    assert found.proposed == (0.65 if state == "certified" else "never")
    assert shop.document().spends is bool(words)


def test_one_chance_for_all_does_not_hold_over_what_had_its_own(shop: Shop) -> None:
    shop.say("--write")
    shop.log((*GAINS, *rows("reply", NEW, (0.96, 90, 0))))

    shop.say("--spend")

    assert shop.document().round == 2
    assert any("1 earlier recalibrations of this policy had a chance of their own" in note for note in shop.document().notes)  # fmt: skip


def test_what_one_promise_proved_is_not_kept_under_another(shop: Shop) -> None:
    shop.log(rows("reply", NEW, (0.9, 240, 0), (0.65, 240, 4), (0.3, 60, 20)))
    shop.say("--write")
    assert shop.thresholds()["reply"] == 0.65

    shop.say("--write", "--spend")

    assert shop.thresholds()["reply"] == 0.9
