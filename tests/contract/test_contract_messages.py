"""Every message of the contract: good instances pass, damaged ones do not, two validators agree."""

import pytest
from contract_files import SCHEMA_ROOTS, SERVICES, lxml_schema, xmlschema_schema
from contract_instances import build, damaged, messages, reshaped, variants
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from xmlschema.validators import XsdElement

MESSAGES = [(name, item.local_name) for name in SCHEMA_ROOTS for item in messages(xmlschema_schema(name))]
ESR = "report/ElectronicSocialReport-v1.xsd"


def _declaration(name: str, message: str) -> XsdElement:
    return next(item for item in messages(xmlschema_schema(name)) if item.local_name == message)


def _verdicts(name: str, node: "etree._Element") -> tuple[bool, bool]:
    return bool(lxml_schema(name).validate(node)), bool(xmlschema_schema(name).is_valid(node))


def test_each_operation_has_a_request_and_a_response_and_each_service_a_fault() -> None:
    operations = [item for names in SERVICES.values() for item in names]
    expected = {f"{item}{kind}" for item in operations for kind in ("Request", "Response")}
    expected |= {f"{service[0].lower()}{service[1:]}Fault" for service in SERVICES} | {"trail"}
    assert {message for _, message in MESSAGES} == expected


@pytest.mark.parametrize(("name", "message"), MESSAGES)
def test_the_smallest_and_the_fullest_instance_are_valid_for_both_validators(name: str, message: str) -> None:
    for instance in variants(_declaration(name, message)):
        assert _verdicts(name, instance) == (True, True), etree.tostring(instance).decode()


@pytest.mark.parametrize(("name", "message"), MESSAGES)
def test_a_damaged_instance_is_refused_by_both_validators(name: str, message: str) -> None:
    instance = build(_declaration(name, message), optional=False, choice=0)
    accepted = [what for what, node in damaged(instance) if _verdicts(name, node) != (False, False)]
    assert accepted == []


@pytest.mark.parametrize(("name", "message"), MESSAGES)
def test_both_validators_agree_when_an_element_is_dropped_doubled_or_moved(name: str, message: str) -> None:
    instance = build(_declaration(name, message), optional=True, choice=1)
    verdicts = {what: _verdicts(name, node) for what, node in reshaped(instance)}
    assert [what for what, (first, second) in verdicts.items() if first != second] == []
    assert (False, False) in verdicts.values()


@settings(deadline=None)
@given(st.data())
def test_both_validators_agree_on_any_text_anywhere_in_a_message(data: st.DataObject) -> None:
    name, message = data.draw(st.sampled_from(MESSAGES))
    instance = build(_declaration(name, message), optional=True, choice=data.draw(st.integers(0, 2)))
    leaf = data.draw(st.sampled_from([node for node in instance.iter() if not len(node)]))
    leaf.text = data.draw(st.text(alphabet=" \n0123456789-T:.ZaéMSGR_", max_size=40))
    first, second = _verdicts(name, instance)
    assert first == second


@pytest.mark.parametrize(
    ("message", "path", "maximum"),
    [
        ("consultSocialReportResponse", "supplierResult", 700),
        ("consultSocialReportResponse", "status/information", 15),
        ("consultSocialReportResponse", "supplierResult/socialReport/decision", 200),
        ("consultSocialReportResponse", "supplierResult/socialReport/decision/aid", 50),
        ("consultSocialReportResponse", "supplierResult/socialReport/decision/aid/calculationElement", 50),
        (
            "consultSocialReportResponse",
            "supplierResult/socialReport/decision/aid/calculationElement/cohabitantIncome",
            20,
        ),
        ("listSocialReportsRequest", "criteria/confirmed", 500),
        ("listSocialReportsResponse", "consultation", 500),
        ("listSocialReportsResponse", "consultation/supplierState", 700),
        ("electronicSocialReportFault", "detail", 30),
    ],
)
def test_a_list_holds_its_maximum_and_not_one_more(message: str, path: str, maximum: int) -> None:
    instance = build(_declaration(ESR, message), optional=True, choice=0)
    item = instance.find(path)
    assert item is not None
    for _ in range(maximum - 1):
        item.addnext(etree.fromstring(etree.tostring(item)))
    assert _verdicts(ESR, instance) == (True, True)
    item.addnext(etree.fromstring(etree.tostring(item)))
    assert _verdicts(ESR, instance) == (False, False)


def test_an_aid_of_another_type_must_be_described() -> None:
    instance = build(_declaration(ESR, "deliverSocialReportRequest"), optional=True, choice=0)
    aid_type = instance.find("socialReport/decision/aid/aidType")
    assert aid_type is not None
    aid_type[0].text = "OTHER"
    assert _verdicts(ESR, instance) == (False, False)
    aid_type.remove(aid_type[0])
    etree.SubElement(aid_type, "other").text = "Aide pour l'énergie"
    assert _verdicts(ESR, instance) == (True, True)
    aid_type[0].text = ""
    assert _verdicts(ESR, instance) == (False, False)


def test_the_trail_header_must_carry_the_identifier_that_the_signature_needs() -> None:
    instance = build(_declaration("trail/trail-v1.xsd", "trail"), optional=True, choice=0)
    instance.attrib.clear()
    assert _verdicts("trail/trail-v1.xsd", instance) == (False, False)
