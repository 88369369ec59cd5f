"""How the program leaves: nothing that went wrong may look like a ship."""

import pytest

from hitl.cli import app as application
from hitl.cli.door import main


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(EOFError(), id="end of input"),
        pytest.param(SystemExit(1), id="an exit with 1"),
        pytest.param(RuntimeError("broken"), id="a fault"),
        pytest.param(SystemExit("words"), id="an exit with words"),
    ],
)
def test_a_command_that_breaks_never_returns_zero(
    error: BaseException, capsys: pytest.CaptureFixture[str]
) -> None:
    name = f"break-{type(error).__name__}-{error}".replace(" ", "")

    @application.app.command(name, hidden=True)
    def break_now() -> int:
        raise error

    code = main([name])
    application.app.registered_commands.pop()

    assert code == 1
    capsys.readouterr()
