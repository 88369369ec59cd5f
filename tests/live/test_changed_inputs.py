"""A run that is resumed with other inputs: refused by name, nothing asked, the journal untouched."""

from collections.abc import Callable, Iterator

import pytest

from tests.cli.workspace import a_case
from tests.live.arms import NEW, YES, Live, asked_of
from tests.loopback.server import Loopback

Change = Callable[[Live], object]


@pytest.fixture
def server() -> Iterator[Loopback]:
    """Serve right answers, from a table that knows no key."""
    with Loopback(rules=[YES]) as running:
        yield running


@pytest.fixture
def asked(live: Live, server: Loopback, monkeypatch: pytest.MonkeyPatch) -> Live:
    """Return a release that was asked: 20 cases, 40 calls."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    live.serve(server, both={"params": {"temperature": 0}}).size(20)
    live.golden["subsets"][0]["prompt"] = "prompt.txt"
    (live.root / "prompt.txt").write_text("{{ input }}")
    (live.root / "policy.yaml").write_text(
        "{format: hitl/policy/v1, id: p, version: '1', workflow_id: triage-v4}"
    )
    assert live.run() == 0
    assert len(asked_of(server)) == 40
    return live


def params(live: Live) -> None:
    live.manifest["candidate_model"]["params"] = {"temperature": 0.5}


def host(live: Live) -> None:
    url = live.manifest["previous_model"]["base_url"]
    live.manifest["previous_model"]["base_url"] = url.replace("127.0.0.1", "localhost")


def model(live: Live) -> None:
    live.manifest["candidate_model"]["id"] = "acme/model-2026-06-01"


def provider(live: Live) -> None:
    live.manifest["previous_model"]["provider"] = "anthropic"
    live.manifest["previous_model"]["params"] = {"temperature": 0, "max_tokens": 10}


def repeats(live: Live) -> None:
    live.manifest["repeats"] = 2


def turns(live: Live) -> None:
    live.limits(max_turns=3)


def raw(live: Live) -> None:
    live.manifest["store_raw"] = True


def redaction(live: Live) -> None:
    (live.root / "policy.yaml").write_text(
        "{format: hitl/policy/v1, id: p, version: '1', workflow_id: triage-v4, redact: {builtin: [email]}}"
    )
    live.manifest["policy"] = "policy.yaml"


def prompt(live: Live) -> None:
    (live.root / "prompt.txt").write_text("Please: {{ input }}")


def case(live: Live) -> None:
    live.cases["core"][3]["input"] = "question 99"


def context(live: Live) -> None:
    live.cases["core"][3]["context"] = "more"


def dropped(live: Live) -> None:
    live.cases["core"].pop(3)


def renamed(live: Live) -> None:
    live.cases["core"][3]["id"] = "other"


def release(live: Live) -> None:
    (live.out / "upgrade").rename(live.out / "other")
    live.manifest["release_id"] = "other"


CHANGES: dict[Change, str] = {
    params: "candidate_model",
    host: "previous_model",
    model: "candidate_model",
    provider: "previous_model",
    repeats: "repeats",
    turns: "limits.max_turns",
    raw: "redaction",
    redaction: "redaction",
    prompt: "what is asked in 20 cases",
    case: "what is asked in 1 case (c003)",
    dropped: "what is asked in 1 case (c003)",
    renamed: "what is asked in 1 case (c003)",
    release: "release_id (upgrade then, other now)",
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("command", ["run", "gate"])
def test_other_inputs_are_refused_by_name(
    asked: Live, server: Loopback, change: Change, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    change(asked)
    before = asked.journal.read_bytes()
    capsys.readouterr()

    assert getattr(asked, command)() == 2

    said = capsys.readouterr()
    assert f"the inputs changed since this run began: {CHANGES[change]}" in said.err
    assert "Nothing was asked" in said.err
    assert said.out == ""
    assert asked.journal.read_bytes() == before
    assert server.calls()["total"] == 40 + 4  # two probe calls each, of who and of temperature


def test_a_context_that_no_prompt_shows_changes_nothing(asked: Live, server: Loopback) -> None:
    context(asked)

    assert asked.run() == 0
    assert len(asked_of(server)) == 40


def test_added_cases_are_asked_and_nothing_else(asked: Live, server: Loopback) -> None:
    asked.cases["core"].append(a_case(20))

    assert asked.run() == 0
    assert len(asked_of(server)) == 42


def test_other_expectations_use_the_same_replies_and_say_so(live: Live, server: Loopback) -> None:
    assert live.serve(server).run() == 0
    live.expect({"must_include": ["yes"]})

    assert live.gate() == 0
    assert len(asked_of(server)) == 160
    assert "golden_set_changed" in live.findings()


def test_fresh_starts_over_and_keeps_the_old_journal(asked: Live, server: Loopback) -> None:
    model(asked)
    before = asked.journal.read_bytes()

    assert asked.run("--fresh") == 0
    assert len(asked_of(server)) == 80
    assert asked.journal.with_name("journal.old-1.jsonl").read_bytes() == before
    assert asked.run("--fresh") == 0
    assert asked.journal.with_name("journal.old-1.jsonl").read_bytes() == before
    assert asked.journal.with_name("journal.old-2.jsonl").exists()
    assert {row["reply"]["declared_model"] for row in asked.replies() if row["lane"] == "candidate"} == {"acme/model-2026-06-01"}  # fmt: skip
    assert NEW not in asked.journal.read_text()
