"""Nothing of the contract is without a sample: operations, enumerations, gate steps, checks, codes."""

import json
from functools import cache
from pathlib import Path

import pytest
from lxml import etree
from sample_calls import ORDERS
from sample_pack import by_file, samples, select
from xmlschema.validators import XsdElement

from rse_gateway.adapters.holding_cpas import LEG_ORDER
from rse_gateway.contract.catalogue import load_catalogue
from rse_gateway.contract.components import SCHEMA_FILES, components
from rse_gateway.contract.namespaces import TRAIL
from rse_gateway.security.gate import GATE_ORDER

ROOT = Path(__file__).resolve().parents[2]
LATER = json.loads(Path(__file__).with_name("later.json").read_text(encoding="utf-8"))
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
VALID = [s for s in select(signed=False) if s.stoppedAt != "G10"]


def operations() -> dict[str, str]:
    """Return every operation of the WSDL files with its service."""
    found = {}
    for path in sorted((ROOT / "wsdl").glob("*.wsdl")):
        for operation in etree.parse(path).getroot().iterfind(f"{WSDL}portType/{WSDL}operation"):
            found[operation.get("name")] = path.name.removesuffix("-v1.wsdl")
    return found


@pytest.mark.parametrize(("operation", "service"), operations().items())
@pytest.mark.parametrize("direction", ["request", "answer"])
@pytest.mark.parametrize("signed", [True, False])
def test_every_operation_has_a_good_message_of_each_kind(operation, service, direction, signed):
    good = {"operation": operation, "direction": direction, "signed": signed, "expected": "accepted"}
    assert select(service=service, **good)


def test_every_service_has_a_fault_and_rsa_is_used_in_each_direction():
    assert {s.service for s in select(direction="fault")} == set(operations().values())
    for direction in ("request", "answer"):
        assert [s for s in select(direction=direction, expected="accepted") if s.key.endswith("-rsa")]


def test_an_operation_listed_as_later_is_not_in_the_contract_yet():
    assert set(LATER["operations"]).isdisjoint(operations())


@pytest.mark.parametrize("step", [step.name for step in GATE_ORDER] + ["G10"])
def test_every_step_of_the_gate_has_a_sample(step):
    assert [s for s in select(stoppedAt=step, signed=True) if s.direction == "request"]


CHECKS = [(operation, name) for operation, order in ORDERS.items() for name, _ in order]
BEYOND_THE_ORDERS = {
    "consultSocialReport": {"dryRun"},
    "retrieveSocialReport": {"supplier", "noLongerKept"},
    "manageAccess": {"line"},
    "deliverSocialReport": {"conflict", "leg.person", "leg.report", "leg.reply"},
}
"""What stops or changes an answer after the checks of an operation's order."""


@pytest.mark.parametrize(("operation", "check"), CHECKS)
def test_every_check_of_every_operation_has_a_sample_or_a_reason(operation, check):
    found = [bool(select(stoppedAt=check, operation=operation, signed=signed)) for signed in (True, False)]
    assert all(found) != (f"{operation} {check}" in LATER["checks"])


@pytest.mark.parametrize(
    ("operation", "stop"), [(o, stop) for o, stops in BEYOND_THE_ORDERS.items() for stop in sorted(stops)]
)
def test_everything_that_stops_a_request_after_its_checks_has_a_sample(operation, stop):
    assert select(stoppedAt=stop, operation=operation, signed=True)


def test_a_reason_names_a_check_that_exists():
    assert set(LATER["checks"]) <= {f"{operation} {check}" for operation, check in CHECKS}


@pytest.mark.parametrize("check", [f"leg.{name}" for name, _ in LEG_ORDER] + ["leg.reply", "leg.report"])
def test_every_check_of_a_holders_answer_has_a_sample(check):
    assert select(stoppedAt=check, operation="provideSocialReport")


def test_no_sample_names_a_step_or_check_that_its_operation_does_not_have():
    anywhere = {step.name for step in GATE_ORDER} | {"G10", ""}
    of_holders = {"leg.reply", "leg.report", "leg.fault"} | {f"leg.{name}" for name, _ in LEG_ORDER}
    for sample in samples():
        known = {name for operation, name in CHECKS if operation == sample.operation}
        known |= BEYOND_THE_ORDERS.get(sample.operation, set())
        if sample.direction != "request":
            known = of_holders
        assert sample.stoppedAt in known | anywhere, sample.file


@cache
def codes_carried() -> frozenset[str]:
    """Return every code that stands in a good answer, a reply or a fault of the pack."""
    codes = set()
    for sample in VALID:
        if sample.direction != "request":
            codes |= {node.text for node in sample.payload.iter("code", "reasonCode")}
    return frozenset(codes)


@pytest.mark.parametrize("code", load_catalogue().entries)
def test_every_code_of_the_catalogue_stands_in_a_sample(code):
    assert code in codes_carried()


@pytest.mark.parametrize("code", load_catalogue().entries)
def test_every_code_is_provoked_by_a_sample_or_listed_as_later_with_the_reason(code):
    causing = ("unusable", "unreachable")
    provoking = [s for s in select(code=code) if s.direction == "request" or s.expected in causing]
    answered = [s for s in VALID if s.file.startswith("messages/good/provideSocialReport/answer")]
    said = {node.text for s in answered for node in s.payload.iter("code")}
    provoked = bool(provoking) or code in said
    assert provoked != (code in LATER["codesThatNoSampleProvokes"])


@cache
def texts_by_name() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for sample in VALID:
        for node in sample.payload.iter():
            if not len(node):
                found.setdefault(etree.QName(node).localname, set()).add(node.text or "")
    return found


def enumerations() -> dict[str, tuple[set[str], set[str]]]:
    """Return every enumeration with its values and the names of the elements that hold it."""
    found: dict[str, tuple[set[str], set[str]]] = {}
    for namespace in SCHEMA_FILES.keys() - {TRAIL}:
        for element in components(namespace).iter_components(XsdElement):
            if element.type.is_simple() and element.type.enumeration and element.type.local_name:
                values, names = found.setdefault(element.type.local_name, (set(), set()))
                values |= set(map(str, element.type.enumeration))
                names.add(str(element.local_name))
    return found


@pytest.mark.parametrize(("name", "listed"), sorted(enumerations().items()), ids=sorted(enumerations()))
def test_every_code_of_every_enumeration_stands_in_a_valid_sample(name, listed):
    values, names = listed
    seen = set().union(*(texts_by_name().get(element, set()) for element in names))
    assert values <= seen


def test_there_is_a_report_with_every_optional_element_and_one_with_none():
    reports = [r for s in VALID for r in s.payload.iter("socialReport")]
    known = {
        str(element.local_name)
        for element in components("urn:rse-gateway:types:ElectronicSocialReport:v1")
        .types["SocialReportType"]
        .content.iter_elements()
    }
    assert any(len(report) == 1 and len(report[0]) == 2 for report in reports)
    assert any({child.tag for child in report} == known for report in reports)


@pytest.mark.parametrize("sample", select(signed=False, direction="answer"), ids=by_file)
def test_names_stand_in_french_and_in_dutch(sample):
    if sample.stoppedAt == "G10":
        return
    for supplier in sample.payload.iter("supplier"):
        if len(supplier):
            assert supplier.findtext("nameFr").startswith("CPAS")
            assert supplier.findtext("nameNl").startswith("OCMW")


def test_the_readme_names_whatever_stops_a_request():
    text = (ROOT / "samples" / "README.md").read_text(encoding="utf-8")
    beyond = {stop for stops in BEYOND_THE_ORDERS.values() for stop in stops}
    missing = [name for name in sorted({name for _, name in CHECKS} | beyond) if f"`{name}`" not in text]
    assert missing == []
