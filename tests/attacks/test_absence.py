import pytest

from tests.cli.workspace import Spoil, Workspace, a_reply, hold


def an_error(number: int) -> Spoil:
    def spoil(release: Workspace) -> None:
        del release.candidate[number]["text"]
        release.candidate[number]["error"] = "timed out"

    return spoil


def with_repeats(release: Workspace, repeats: int = 3) -> None:
    numbers = range(len(release.candidate))
    release.previous = [a_reply(i, repeat=r) for i in numbers for r in range(repeats)]
    release.candidate = [a_reply(i, repeat=r) for i in numbers for r in range(repeats)]


def one_repeat_lost(release: Workspace) -> None:
    with_repeats(release)
    del release.candidate[10]


def one_repeat_wrong(release: Workspace) -> None:
    with_repeats(release)
    release.candidate[10]["text"] = "no"
    release.cases["core"][3]["zero_tolerance"] = True


def an_empty_subset(authority: str, **keys: object) -> Spoil:
    def spoil(release: Workspace) -> None:
        release.golden["subsets"].append({"id": "empty", "cases": []})
        release.manifest["gate_classes"].append({"subset": "empty", "authority": authority} | keys)

    return spoil


def a_subset_without_replies(authority: str, **keys: object) -> Spoil:
    def spoil(release: Workspace) -> None:
        release.subset("other", 100)
        release.candidate = release.candidate[:80]
        release.manifest["gate_classes"].append({"subset": "other", "authority": authority} | keys)

    return spoil


def required_only(release: Workspace) -> None:
    release.golden["subsets"].append({"id": "empty", "cases": []})
    release.manifest["required_eval_subsets"].append("empty")


def required_signal(release: Workspace) -> None:
    an_empty_subset("signal")(release)
    release.manifest["required_eval_subsets"].append("empty")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        pytest.param(an_error(4), "block_unmeasured", id="a failed call"),
        pytest.param(lambda w: w.candidate.pop(4), "block_unmeasured", id="a reply left out"),
        pytest.param(
            lambda w: w.previous.pop(4), "block_unmeasured", id="a previous reply left out"
        ),
        pytest.param(
            lambda w: w.candidate[4].update(finish="error"), "block_unmeasured", id="finish: error"
        ),
        pytest.param(one_repeat_lost, "block_unmeasured", id="one repeat of one case left out"),
        pytest.param(one_repeat_wrong, "block_fail", id="zero tolerance, wrong in one repeat"),
        pytest.param(
            lambda w: w.candidate.extend([a_reply(0, repeat=1), a_reply(0, repeat=2)]),
            "block_unmeasured",
            id="further repeats of one case alone",
        ),
        pytest.param(
            lambda w: w.cases["core"][0].update(expect=[]), "block_unmeasured", id="no rule"
        ),
        pytest.param(
            an_empty_subset("block"), "block_unmeasured", id="blocking subset without case"
        ),
        pytest.param(an_empty_subset("block", min_cases=1), "block_unmeasured", id="and min_cases"),
        pytest.param(
            an_empty_subset("conditional", on_failure=[{"force_review": "all"}]),
            "conditional_unmeasured",
            id="conditional subset without case, with terms",
        ),
        pytest.param(
            an_empty_subset("rollback_trigger"), "rollback_trigger_unmeasured", id="empty trigger"
        ),
        pytest.param(required_only, "block_unmeasured", id="required subset without case or class"),
        pytest.param(required_signal, "signal_unmeasured", id="required signal without case"),
        pytest.param(a_subset_without_replies("block"), "block_unmeasured", id="block, no reply"),
        pytest.param(
            a_subset_without_replies("block", min_cases=1), "block_unmeasured", id="min_cases alone"
        ),
        pytest.param(
            a_subset_without_replies("conditional", on_failure=[{"force_review": "all"}]),
            "conditional_unmeasured",
            id="conditional with terms, no reply",
        ),
        pytest.param(
            a_subset_without_replies("block", max_regressions=1000),
            "block_unmeasured",
            id="a count that nothing can exceed, no reply",
        ),
    ],
)
def test_absence_never_passes(release: Workspace, spoil: Spoil, code: str) -> None:
    spoil(release)

    hold(release, code)


def test_replies_that_are_lost_count_as_failures_even_if_all_may_be_missing(
    release: Workspace,
) -> None:
    release.manifest["limits"] = {"max_missing": 1.0}
    del release.candidate[1:]

    record = hold(release, "block_fail")

    assert record["subsets"][0]["candidate"]["n_passed"] == 1


@pytest.mark.parametrize("rule", [{"max_regressions": 1}, {"margin": 0.2}])
def test_a_zero_tolerance_case_may_not_go_missing(
    release: Workspace, rule: dict[str, object]
) -> None:
    release.manifest["limits"] = {"max_missing": 0.05}
    release.manifest["gate_classes"] = [{"subset": "core", "authority": "block"} | rule]
    release.cases["core"][3]["zero_tolerance"] = True
    del release.candidate[3]

    hold(release, "block_unmeasured")


@pytest.mark.parametrize("arm", ["previous", "candidate"])
def test_a_metric_that_an_arm_does_not_state_is_not_measured(release: Workspace, arm: str) -> None:
    release.gate_class.update(metric="latency_ms", max_ratio=1.2)
    for row in release.previous if arm == "previous" else release.candidate:
        del row["latency_ms"]

    hold(release, "block_unmeasured")


def test_a_metric_that_does_not_exist_is_not_measured(release: Workspace) -> None:
    release.gate_class.update(metric="latencyms", max_ratio=1.2)

    hold(release, "block_unmeasured")


def test_replies_that_contradict_themselves_hold(release: Workspace) -> None:
    release.candidate.append(a_reply(0, text="no"))

    hold(release, "repeated_replies")


def test_replies_to_cases_that_are_not_there_hold(release: Workspace) -> None:
    release.candidate.append(a_reply(999))

    hold(release, "unknown_cases")


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(
            lambda w: [case.update(input="the same") for case in w.cases["core"]],
            id="one case under many ids",
        ),
        pytest.param(
            lambda w: [case.update(cluster="one") for case in w.cases["core"]], id="one cluster"
        ),
        pytest.param(lambda w: w.gate_class.update(margin=0.001), id="a margin out of reach"),
        pytest.param(lambda w: w.gate_class.update(floor=0.999), id="a floor out of reach"),
        pytest.param(lambda w: w.gate_class.update(min_cases=81), id="more cases than there are"),
    ],
)
def test_what_the_cases_can_never_prove_holds(release: Workspace, spoil: Spoil) -> None:
    spoil(release)

    hold(release, "block_unmeasured")
