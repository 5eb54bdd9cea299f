"""One table decides which error is told as which fault; every fault follows the XSD."""

import pytest
from lxml import etree
from message_samples import CUSTOMER, NISS, RECEIVED, REPLIED, TICKET, request

from rse_gateway import errors
from rse_gateway.contract.expected import Expected
from rse_gateway.contract.faults import (
    FAULT_ELEMENTS,
    FAULT_RULES,
    NEVER_FAULTS,
    FaultFrame,
    fault_envelope_body,
)
from rse_gateway.contract.schemas import load_schemas
from rse_gateway.errors import (
    ContentRefused,
    EdgeRefused,
    GatewayFault,
    GatewayUnavailable,
    ReplayRefused,
    RequestRefused,
    SecurityRefused,
    SupplierUnusable,
    Violation,
)

SCHEMAS = load_schemas()
EXAMPLES = {
    "MSG00004 edge": EdgeRefused("G2", "not well-formed XML"),
    "RSE00001": SecurityRefused("G7", "certificate expired"),
    "RSE00002": ReplayRefused("G9", "received before"),
    "MSG00004": ContentRefused((Violation(3, "/a[1]", "a", Expected("nothing")),)),
    "MSG00004 empty": ContentRefused(()),
    "MSG00001": GatewayUnavailable("disk full"),
    "MSG00003": GatewayFault("own answer"),
}


def frame(**options) -> FaultFrame:
    values = {"service": "ElectronicSocialReportService", "environment": "test"} | options
    return FaultFrame(gateway_ticket=TICKET, received_at=RECEIVED, replied_at=REPLIED, **values)


def every_error_class(root=errors.RseError):
    for error_class in root.__subclasses__():
        if error_class.__module__ == errors.__name__:
            yield error_class
            yield from every_error_class(error_class)


def informations(fault) -> dict[str, str]:
    detail = fault[-1][0].find("detail")
    return {i.findtext("fieldName"): i.findtext("fieldValue") for i in detail.iterfind("information")}


def test_the_table_names_every_error_of_the_tree_once():
    classes = set(every_error_class())
    assert set(FAULT_RULES) | NEVER_FAULTS == classes
    assert not set(FAULT_RULES) & NEVER_FAULTS


@pytest.mark.parametrize("service", [*FAULT_ELEMENTS, None])
@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("environment", ["test", "acpt", "prod"])
def test_every_fault_follows_the_xsd_of_its_service(name, service, environment):
    fault = fault_envelope_body(EXAMPLES[name], frame(service=service, environment=environment))
    (element,) = fault.find("detail")
    SCHEMAS.check_own(element)
    assert etree.QName(element).localname.endswith("Fault")
    assert element.findtext("detail/reasonCode") == name.split()[0]
    assert element.findtext("informationCBSS/ticketCBSS") == str(TICKET)
    assert fault.findtext("faultstring") == element.findtext("detail/diagnostic")


@pytest.mark.parametrize("name", EXAMPLES)
def test_checks_one_to_three_blame_the_client_and_everything_else_is_ours(name):
    client = isinstance(EXAMPLES[name], errors.MessageRefused)
    code = fault_envelope_body(EXAMPLES[name], frame()).findtext("faultcode")
    assert code == ("soap:Client" if client else "soap:Server")


@pytest.mark.parametrize(
    "error",
    [
        EdgeRefused("G0", "application/soap+xml", status=415, version_mismatch=True),
        SecurityRefused("G4", "SOAP 1.2 envelope", version_mismatch=True),
    ],
)
def test_soap_1_2_gets_a_version_mismatch(error):
    assert fault_envelope_body(error, frame()).findtext("faultcode") == "soap:VersionMismatch"


def test_in_production_a_security_refusal_tells_one_opaque_text():
    texts = {
        etree.tostring(fault_envelope_body(SecurityRefused(step, reason), frame(environment="prod")))
        for step, reason in (("G4", "two bodies"), ("G7", "unknown key"), ("G8", "digest"))
    }
    assert len(texts) == 1


def test_outside_production_a_security_refusal_names_step_and_reason():
    fault = fault_envelope_body(SecurityRefused("G7", "certificate expired"), frame())
    assert informations(fault) == {"step": "G7", "reason": "certificate expired"}


def test_reasons_of_our_own_failures_stay_in_the_log():
    for error in (GatewayUnavailable("disk /x full"), GatewayFault("row 7")):
        assert informations(fault_envelope_body(error, frame())) == {}


def test_each_violation_is_one_detail_with_line_xpath_field_and_expectation():
    violations = tuple(Violation(n, f"/a/b[{n}]", "b", Expected("element", (f"e{n}",))) for n in range(1, 31))
    fault = fault_envelope_body(ContentRefused(violations), frame(language="EN"))
    element = fault[-1][0]
    SCHEMAS.check_own(element)
    assert len(element.findall("detail")) == 30
    said = {"line": "1", "xpath": "/a/b[1]", "field": "b", "expected": "the element e1 here"}
    assert informations(fault) == said


def test_more_violations_than_the_contract_allows_are_cut():
    many = ContentRefused((Violation(1, "/a", "a", Expected("nothing")),) * 50)
    SCHEMAS.check_own(fault_envelope_body(many, frame())[-1][0])


@pytest.mark.parametrize("error", [RequestRefused("MSG00011", "ssin"), SupplierUnusable("x")])
def test_an_error_that_is_no_fault_is_told_as_an_internal_error(error):
    fault = fault_envelope_body(error, frame())
    assert fault[-1][0].findtext("detail/reasonCode") == "MSG00003"
    assert fault.findtext("faultcode") == "soap:Server"


def test_the_customer_is_copied_and_keeps_standing_in_its_request():
    payload = request()
    fault = fault_envelope_body(ReplayRefused("G9", "x"), frame(customer=payload[0]))
    SCHEMAS.check_own(fault[-1][0])
    assert fault[-1][0].findtext("informationCustomer/ticket") == "T-1"
    assert payload[0].tag == "informationCustomer"


@pytest.mark.parametrize(("language", "start"), [("NL", "Het"), ("DE", "Die"), ("EN", "The"), ("FR", "Le")])
def test_a_fault_speaks_the_callers_language_when_it_is_known(language, start):
    fault = fault_envelope_body(SecurityRefused("G8", "x"), frame(language=language))
    assert fault.findtext("faultstring").startswith(start)


def test_a_fault_for_a_broken_message_holds_no_received_value():
    broken = request(body=CUSTOMER + f"<legalContext>{NISS}</legalContext>")
    with pytest.raises(ContentRefused) as caught:
        SCHEMAS.check(broken)
    assert NISS.encode() not in etree.tostring(fault_envelope_body(caught.value, frame()))


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("FR", "aucun autre élément ici"),
        ("NL", "geen verder element hier"),
        ("DE", "kein weiteres Element an dieser Stelle"),
        ("EN", "no further element here"),
        (None, "aucun autre élément ici / geen verder element hier"),
    ],
)
def test_violations_speak_the_language_of_their_fault(language, expected):
    fault = fault_envelope_body(EXAMPLES["MSG00004"], frame(language=language))
    assert informations(fault)["expected"] == expected
