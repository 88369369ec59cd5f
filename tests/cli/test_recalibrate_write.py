"""`hitl recalibrate --write`: what becomes of the policy and of the certificates beside it when something is in the way."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hitl.cli.door import main
from tests.cli.shop import POLICY, Shop

KILLED = """
import os, signal, sys
from hitl.document import write

put = write.write_atomic

def until(path, content, *rest):
    if path.name == "policy.yaml":
        os.kill(os.getpid(), signal.SIGKILL)
    put(path, content, *rest)

write.write_atomic = until
from hitl.cli.door import main
sys.exit(main(sys.argv[1:]))
"""
LAX = POLICY.replace("medium_confidence: queue", "medium_confidence: auto") + "  low: auto\n"


@pytest.fixture
def shop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shop:
    return Shop(tmp_path, capsys)


def test_a_policy_that_is_read_only_is_left_alone_with_its_certificates(shop: Shop) -> None:
    shop.policy.chmod(0o444)

    code, _, said = shop.say("--write")

    assert code == 2
    assert "policy.yaml is read-only, so nothing was written there" in said
    assert shop.policy.read_text() == POLICY
    assert not shop.certificates.exists()


def test_a_process_that_is_killed_between_certificates_and_policy_leaves_no_threshold_that_seems_proved(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["recalibrate", str(shop.folder / "log.jsonl"), "--policy", str(shop.policy), "--out", str(shop.out), "--write"]  # fmt: skip
    done = subprocess.run([sys.executable, "-c", KILLED, *words], capture_output=True, check=False, env=dict(os.environ))  # fmt: skip

    assert done.returncode == -signal.SIGKILL
    assert shop.policy.read_text() == POLICY
    assert shop.certificates.exists()
    main(["policy", "check", str(shop.policy)])
    said = "".join(capsys.readouterr())
    assert "certificate_for_other_threshold" in said or "threshold_uncertified" in said

    shop.say("--write")

    assert 'version: "5"' in shop.policy.read_text()
    main(["policy", "check", str(shop.policy)])
    assert "certificate_for_other_threshold" not in "".join(capsys.readouterr())


def test_where_the_matrix_runs_it_below_any_threshold_nothing_is_written_or_promised(
    shop: Shop,
) -> None:
    shop.policy.write_text(LAX)

    code, said, more = shop.say("--write")

    assert code == 12
    assert "no threshold bounds what runs alone" in " ".join(said.split())
    assert "Nothing is promised" in said
    assert "loses all" not in said
    assert "policy.yaml was left as it is" in more
    assert shop.policy.read_text() == LAX
    assert not shop.certificates.exists()
