"""The record as JUnit XML: a suite for each subset and one for the forecast, a test case for each gate, rule and failed case.

A gate that was not measured is a failure here, with a type that says so: a reader of JUnit knows no third state that
is not green. A case that failed in a subset whose rules still hold is `skipped`, with its message: it is to be seen, but
the release does not fail over it.
"""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from hitl.gate.verdict_words import State, Verdict
from hitl.manifest.forecast import FORECAST
from hitl.manifest.gate_class import Authority
from hitl.record.parts import Failure, GatePart, ReplyView, SubsetResult
from hitl.record.release import ReleaseRecord
from hitl.render.text import brief, cut, show
from hitl.render.words import can_stop

_MESSAGE = 500
_REPLY = 600


def render_junit(record: ReleaseRecord) -> str:
    """Return a well-formed JUnit document, whatever the replies hold."""
    root = Element("testsuites", name=show(f"hitl {record.release_id}"))
    _release_suite(root, record)
    for subset in record.subsets:
        _subset_suite(root, subset, [one for one in record.failures if one.subset == subset.id])
    if record.forecast_gates:
        _forecast_suite(root, record)
    _count(root, list(root))
    indent(root)
    return '<?xml version="1.0"?>\n' + tostring(root, encoding="unicode") + "\n"


def _release_suite(root: Element, record: ReleaseRecord) -> None:
    suite = _suite(root, "release", record)
    case = _case(suite, f"verdict {record.verdict.value}", "release")
    if record.verdict is not Verdict.SHIP:
        _mark(case, "failure", record.verdict.value, record.headline)
    known = {subset.id for subset in record.subsets}
    known |= {FORECAST} if record.forecast_gates else set()
    for reason in record.reasons:
        if reason.subset in known:
            continue
        case = _case(suite, f"{reason.code} {reason.subset or ''}".strip(), "release")
        failed = record.verdict is not Verdict.SHIP and can_stop(reason.authority)
        _mark(case, "failure" if failed else "skipped", reason.code, reason.message)
    _count(suite, suite.findall("testcase"))


def _suite(root: Element, name: str, record: ReleaseRecord) -> Element:
    suite = SubElement(
        root, "testsuite", name=name, timestamp=record.created_at.isoformat(timespec="seconds")
    )
    properties = SubElement(suite, "properties")
    values = {
        "verdict": record.verdict.value,
        "digest": record.digest,
        "release_id": record.release_id,
        "previous_model": ", ".join(record.previous_model.resolved)
        or record.previous_model.declared,
        "candidate_model": ", ".join(record.candidate_model.resolved)
        or record.candidate_model.declared,
    }
    for key, value in values.items():
        SubElement(properties, "property", name=key, value=brief(value, _MESSAGE))
    return suite


def _subset_suite(root: Element, subset: SubsetResult, failures: list[Failure]) -> None:
    suite = SubElement(root, "testsuite", name=show(subset.id))
    gates = subset.gates or (
        GatePart(authority=subset.authority, state=subset.state, reason=subset.reason),
    )
    for gate in gates:
        _judge(
            _case(suite, f"gate {gate.authority.value}", subset.id),
            gate.authority,
            gate.state,
            gate.reason,
        )
    for rule in subset.rules:
        _judge(
            _case(suite, f"rule {rule.rule}", subset.id), rule.authority, rule.state, rule.message
        )
    for failure in failures:
        _failed_case(_case(suite, f"case {failure.case_id}", subset.id), subset, failure)
    _count(suite, suite.findall("testcase"))


def _forecast_suite(root: Element, record: ReleaseRecord) -> None:
    suite = SubElement(root, "testsuite", name=FORECAST)
    for gate in record.forecast_gates:
        case = _case(suite, f"gate {gate.authority.value}", FORECAST)
        _judge(case, gate.authority, gate.state, gate.reason)
        for rule in gate.rules:
            case = _case(suite, f"rule {rule.rule}", FORECAST)
            _judge(case, rule.authority, rule.state, rule.message)
    _count(suite, suite.findall("testcase"))


def _judge(case: Element, authority: Authority, state: State, message: str) -> None:
    if state is State.PASS:
        return
    _mark(case, "failure" if can_stop(authority) else "skipped", state.value, message)


def _failed_case(case: Element, subset: SubsetResult, failure: Failure) -> None:
    counts = can_stop(subset.authority) and subset.state is not State.PASS
    because = "; ".join(failure.candidate.findings or failure.expected) or failure.candidate.mark
    mark = _mark(
        case, "failure" if counts else "skipped", failure.verdict, f"{failure.verdict}: {because}"
    )
    expected = f"expected: {brief('; '.join(failure.expected), _MESSAGE)}"
    mark.text = "\n".join(
        [expected, _reply("previous", failure.previous), _reply("candidate", failure.candidate)]
    )


def _reply(arm: str, reply: ReplyView) -> str:
    short = cut(reply.text, _REPLY)
    left_out = short.left_out + reply.cut
    return f"{arm} ({show(reply.mark)}): {short.text}" + (
        f" [{left_out:,} characters cut]" if left_out else ""
    )


def _case(suite: Element, name: str, where: str) -> Element:
    return SubElement(suite, "testcase", name=show(name), classname=show(where), time="0")


def _mark(case: Element, kind: str, state: str, message: str) -> Element:
    return SubElement(case, kind, type=show(state), message=brief(message, _MESSAGE))


def _count(suite: Element, children: list[Element]) -> None:
    """Write the totals that readers of JUnit expect."""
    if suite.tag == "testsuites":
        tests = sum(int(child.get("tests", "0")) for child in children)
        failures = sum(int(child.get("failures", "0")) for child in children)
        skipped = sum(int(child.get("skipped", "0")) for child in children)
    else:
        tests = len(children)
        failures = sum(child.find("failure") is not None for child in children)
        skipped = sum(child.find("skipped") is not None for child in children)
    for name, value in (
        ("tests", tests),
        ("failures", failures),
        ("errors", 0),
        ("skipped", skipped),
    ):
        suite.set(name, str(value))
    suite.set("time", "0")
