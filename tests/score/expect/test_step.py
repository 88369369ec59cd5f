import pytest

from hitl.policy.posture import PosturePolicy
from hitl.score.expect.step import StepReader

READER = StepReader(PosturePolicy())


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("Restart the pod.", "restart"),
        ("Then restarting the pod helps.", "restarting"),
        ("The pod should be restarted.", "restarted"),
        ("He retries the job.", "retries"),
        ("Stopping the queue is safe.", "stopping"),
        ("Roll back the release.", "roll back"),
        ("roll-back", "roll back"),
        ("Rolling back now", "rolling back"),
        ("Shut down the node", "shut down"),
        ("restart_pod", "restart"),
        ("Delete logs", "delete"),
        ("Update config", "update"),
        ("Check the logs and delete logs", "delete"),
        ("Next restart the pod", "restart"),
        ("Perform a restart of the pod", "restart"),
        ("Trigger a failover", "failover"),
        ("Do not wait, restart it", "restart"),
        ("Not urgent. Restart it", "restart"),
        ("It is not fixed by this but restart it", "restart"),
        ("RESTART", "restart"),
        ("Don't hesitate to restart the server", "restart"),
        ("Without delay restart the node", "restart"),
        ("Do not forget to restart the pod", "restart"),
        ("Never wait to delete it", "delete"),
        ("Do not fail to drain the node", "drain"),
        ("Before noon restart the pod", "restart"),
        ("Without waiting drain the node, then look", "drain"),
    ],
)
def test_a_step_that_acts_is_found(text, action):
    assert READER.action_in(text) == action


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Check the dashboard.",
        "Do not restart the pod.",
        "Don’t restart the pod.",
        "Do not restart, drain or delete the node.",
        "Do not restart, fail over or drain the node.",
        "Do not wait and do not restart it.",
        "Investigate without ever restarting it.",
        "Look at the last restart.",
        "Check restart history.",
        "Review deploy logs.",
        "See when the pod was restarted.",
        "Find out whether someone restarted the pod.",
        "Restarters and scalers are words of their own.",
        "\u202e\u2066\0",
    ],
)
def test_a_step_that_only_looks_is_left_alone(text):
    assert READER.action_in(text) == ""


def test_the_lists_of_the_policy_replace_the_built_in_ones():
    reader = StepReader(
        PosturePolicy(
            action_words=("hug", "wave at"), negations=("nie",), action_tools=("get_rich",)
        )
    )

    assert reader.action_in("restart") == ""
    assert reader.action_in("hugging") == "hugging"
    assert reader.action_in("she waves at them") == "waves at"
    assert reader.action_in("nie hug") == ""
    assert reader.tool_acts("get_rich")
    assert not reader.tool_acts("get_poor")
    assert reader.tool_acts("forget_poor")


def test_empty_lists_find_nothing_and_trust_no_tool():
    reader = StepReader(
        PosturePolicy(action_words=("", "!"), negations=("", "!"), read_only_tools=())
    )

    assert reader.action_in("restart!") == ""
    assert reader.tool_acts("get_user")


def test_an_empty_negation_negates_nothing():
    assert StepReader(PosturePolicy(negations=("", "."))).action_in("do restart") == "restart"


@pytest.mark.parametrize("piece", ["not restart ", "restart," * 3, "a", "no ", "the restart "])
def test_long_text_ends(piece):
    found = READER.action_in((piece * 100_000)[:99_999])

    assert found is None or len(found) < 200


def test_text_beyond_the_limit_counts_as_acting():
    assert READER.action_in("look " * 100_000)
