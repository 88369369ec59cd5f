from datetime import UTC, datetime

import pytest

from hitl.policy import Policy
from hitl.recalibrate.certificate import Fault, Standing
from hitl.recalibrate.certified import _CODES, Code, certificate_findings
from hitl.recalibrate.parts import Certificate, CertificateFile
from tests.recalibrate.test_proposal import a_certificate

JUNE = datetime(2026, 6, 1, tzinfo=UTC)
LATER = datetime(2027, 6, 1, tzinfo=UTC)


def a_policy(auto: float | str = 0.9, **action: object) -> Policy:
    fields = {
        "format": "hitl/policy/v1", "id": "shop", "version": "5", "action_types": {"refund": {"thresholds": {"auto": auto, "review": 0.5}, **action}},
        "risk_matrix": {"medium": {"high_confidence": "auto", "medium_confidence": "queue", "low_confidence": "queue"}},
    }  # fmt: skip
    return Policy.model_validate(fields, strict=False)


def a_file(*certificates: Certificate) -> CertificateFile:
    return CertificateFile(
        format="hitl/threshold-certificates/v1", policy_id="shop", policy_version="5", certificates=certificates
    )  # fmt: skip


@pytest.mark.parametrize(("certificates", "codes"), [
    pytest.param((), [Code.UNCERTIFIED], id="no certificate"),
    pytest.param((a_certificate("reply", 0.9),), [Code.UNCERTIFIED], id="one for another type"),
    pytest.param((a_certificate("refund", 0.9),), [], id="its own"),
    pytest.param((a_certificate("refund", 0.8),), [Code.OTHER_THRESHOLD], id="a lower threshold"),
    pytest.param((a_certificate("refund", 0.95),), [Code.OTHER_THRESHOLD], id="a higher threshold"),
    pytest.param((a_certificate("refund", 0.9, model="acme/1"),), [Code.OTHER_MODEL], id="another model"),
    pytest.param((a_certificate("refund", 0.9, model=None),), [Code.OTHER_MODEL], id="no model"),
    pytest.param((a_certificate("refund", 0.9, policy_id="bar"),), [Code.OTHER_POLICY], id="another policy"),
    pytest.param((a_certificate("refund", 0.9, calibrator="c" * 64),), [Code.OTHER_CALIBRATOR], id="another calibrator"),
    pytest.param((a_certificate("refund", 0.9), a_certificate("refund", 0.8)), [], id="an older one that still stands"),
    pytest.param((a_certificate("refund", 0.8), a_certificate("refund", 0.7, model="acme/1")), [Code.OTHER_THRESHOLD, Code.OTHER_MODEL], id="the newest says why none does"),
    pytest.param((a_certificate("refund", 0.9, n=0, k=0),), [Code.UNPROVED], id="no label at all"),
    pytest.param((a_certificate("refund", 0.9, k=12),), [Code.UNPROVED], id="more errors than the promise allows"),
    pytest.param((a_certificate("refund", 0.9, delta=0.06),), [Code.UNPROVED], id="a larger chance than was asked for"),
    pytest.param((a_certificate("refund", 0.9, spends=True, round=2),), [Code.UNPROVED], id="a larger chance than its part"),
    pytest.param((a_certificate("refund", 0.9, upper=0.03),), [Code.UNPROVED], id="a limit above the target"),
    pytest.param((a_certificate("refund", 0.9, valid_until="soon"),), [Code.EXPIRED], id="an end that cannot be read"),
    pytest.param((a_certificate("refund", 0.9, valid_until="2026-08-01T00:00:00"),), [Code.EXPIRED], id="an end without a zone"),
])  # fmt: skip
def test_a_threshold_stands_on_a_certificate_for_exactly_it(
    certificates: tuple[Certificate, ...], codes: list[Code]
) -> None:
    found = certificate_findings(a_file(*certificates), Standing(a_policy(), JUNE, "acme/2"))

    assert [one.code for one in found] == codes
    assert {one.action_type for one in found} <= {"refund"}


def test_certificates_end() -> None:
    found = certificate_findings(a_file(a_certificate("refund", 0.9)), Standing(a_policy(), LATER))

    assert [one.code for one in found] == [Code.EXPIRED]


def test_without_a_file_nothing_stands() -> None:
    assert [one.code for one in certificate_findings(None, Standing(a_policy(), JUNE))] == [Code.UNCERTIFIED]  # fmt: skip


@pytest.mark.parametrize("policy", [
    pytest.param(a_policy("never"), id="nothing runs alone"),
    pytest.param(a_policy(reversible=False), id="a person approves it first"),
    pytest.param(a_policy(risk="critical"), id="its risk is critical"),
])  # fmt: skip
def test_what_never_runs_alone_needs_no_certificate(policy: Policy) -> None:
    assert certificate_findings(None, Standing(policy, JUNE)) == ()


def test_every_fault_of_a_certificate_has_a_code_of_its_own() -> None:
    assert set(_CODES) == set(Fault)
    assert len(set(_CODES.values())) == len(Fault)
