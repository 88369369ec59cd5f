from collections.abc import Iterator
from typing import Any

import pytest

from tests.services.postgres import PASSWORD, Server, postgres
from tests.services.spark import spark


@pytest.fixture(scope="session")
def running_server() -> Iterator[Server]:
    with postgres() as server:
        yield server


@pytest.fixture
def server(running_server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A PostgreSQL server whose password stands in the environment."""
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    return running_server


@pytest.fixture(scope="session")
def spark_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with spark(tmp_path_factory.mktemp("warehouse")) as session:
        yield session
