import socket
from pathlib import Path

import pytest


def test_a_test_that_reaches_for_the_network_is_told_what_to_use() -> None:
    with (
        socket.socket() as found,
        pytest.raises(RuntimeError, match=r"192\.0\.2\.1") as error,
    ):
        found.connect(("192.0.2.1", 80))

    assert type(error.value).__name__ == "UseAScriptedModelOrAServerOnLoopbackError"


def test_a_name_beyond_this_machine_is_not_even_looked_up() -> None:
    with pytest.raises(RuntimeError, match=r"example\.com"):
        socket.getaddrinfo("example.com", 443)


def test_a_server_on_loopback_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


def test_a_test_that_writes_to_the_home_directory_is_told_where_to_write() -> None:
    with pytest.raises(RuntimeError) as error:
        (Path.home() / ".hitl-test").write_text("x")

    assert type(error.value).__name__ == "WriteUnderTmpPathInsteadError"
