import pytest

from tests.services.needed import missing


def test_a_missing_service_skips_and_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("HITL_REQUIRE_SERVICES", raising=False)

    with pytest.raises(pytest.skip.Exception, match="apt-get install it"):
        missing("it is missing; apt-get install it")


def test_a_missing_service_fails_where_none_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HITL_REQUIRE_SERVICES", "1")

    with pytest.raises(pytest.fail.Exception, match="HITL_REQUIRE_SERVICES=1, and it is missing"):
        missing("it is missing")
