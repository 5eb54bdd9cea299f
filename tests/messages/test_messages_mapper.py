"""The mapper turns values into a valid tree and back without losing or changing anything."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from message_samples import NISS, REQUESTS, decision, report, report_of, request, supplier_answer_payload
from xmlschema.validators import XsdElement, XsdGroup

from rse_gateway.contract.components import components, verdict_schema
from rse_gateway.contract.mapper import OPAQUE, mapper_for
from rse_gateway.contract.namespaces import MANAGE_ACCESS, REPORT, TEST_CONNECTION
from rse_gateway.contract.supplier_messages import canonical_report
from rse_gateway.errors import GatewayFault

TEXTS = {
    "SsinType": ["85073003328", "98472899765"],
    "CbeNumberType": ["0299990019", "1000000000"],
    "TicketType": ["T-1", "a.b_c", "x" * 36],
    "TicketCbssType": ["0192f0c1-7a3b-7def-8123-456789abcdef"],
    "SectorType": ["17"],
    "InstitutionType": ["44"],
    "QualityCodeType": ["1", "902"],
    "LegalContextType": ["PCSA:SOCIAL_INQUIRY"],
    "UserReferenceType": ["u-1"],
    "StatusCodeType": ["MSG00000", "RSE00020"],
    "AuthorCodeType": ["RSE-GATEWAY"],
    "TelephoneType": ["+32 2 123 45 67"],
    "DateType": ["2026-02-28", "2024-02-29"],
    "TimestampType": ["2026-06-01T12:00:00.123Z"],
    "ReceivedTimestampType": ["2026-06-01T12:00:00Z", "2026-06-01T12:00:00.123456789Z"],
    "AmountType": ["0.00", "1288.46"],
    "CollectWindowType": ["0", "5"],
    "ReminderNumberType": ["0", "12"],
    "OffsetType": ["0", "500"],
    "DurationValueType": ["1", "9999"],
    "boolean": ["true", "false", "1", "0"],
    "ServiceNameType": ["TestConnectionService"],
    "ServiceVersionType": ["v1"],
    "OperationNameType": ["manageAccess"],
    "CertificateDigestType": ["ab" * 32],
    "CertificateSubjectType": ["CN=é,O=CPAS"],
}
FREE = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cf", "Cn", "Co")),
    min_size=1,
    max_size=64,
)
SOCIAL_REPORT = report(decision())


def simple(element: XsdElement):
    name = element.type.local_name
    if name in TEXTS:
        return st.sampled_from(TEXTS[name])
    if element.type.enumeration:
        return st.sampled_from([str(value) for value in element.type.enumeration])
    assert name in {"ShortTextType", "NameType", "TextType", "LongTextType"}, name
    return FREE.filter(lambda text: text.strip(" "))


@st.composite
def group_values(draw, group: XsdGroup):
    parts = [draw(st.sampled_from(list(group)))] if group.model == "choice" else list(group)
    values: dict = {}
    for part in parts:
        if isinstance(part, XsdGroup):
            values |= draw(group_values(part))
            continue
        most = 3 if part.max_occurs is None else min(part.max_occurs, part.min_occurs + 2)
        count = draw(st.integers(part.min_occurs, most))
        items = [draw(element_values(part)) for _ in range(count)]
        if items:
            values[part.name] = items if part.max_occurs != 1 else items[0]
    return values


def element_values(element: XsdElement):
    if element.local_name in OPAQUE:
        return st.builds(lambda: report_of(SOCIAL_REPORT))
    return simple(element) if element.type.is_simple() else group_values(element.type.content)


MESSAGES = [(ns, name) for ns in (REPORT, MANAGE_ACCESS, TEST_CONNECTION) for name in components(ns).elements]


def comparable(values):
    if isinstance(values, etree._Element):
        return canonical_report(values)
    if isinstance(values, dict):
        return {name: comparable(value) for name, value in values.items()}
    return [comparable(value) for value in values] if isinstance(values, list) else values


@pytest.mark.parametrize(("namespace", "name"), MESSAGES)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_values_to_tree_to_values_is_the_identity_and_the_tree_is_valid(namespace, name, data):
    values = data.draw(element_values(components(namespace).elements[name]))
    expected = comparable(values)
    tree = mapper_for(namespace).write(name, values)
    received = etree.fromstring(etree.tostring(tree))
    assert verdict_schema(namespace).validate(received)
    assert comparable(mapper_for(namespace).read(received)) == expected


def test_children_are_unqualified_and_the_root_is_qualified():
    tree = mapper_for(REPORT).write("listSocialReportsRequest", {"criteria": {}})
    assert etree.tostring(tree) == (
        b'<rse:listSocialReportsRequest xmlns:rse="urn:rse-gateway:types:ElectronicSocialReport:v1">'
        b"<criteria/></rse:listSocialReportsRequest>"
    )


def test_a_social_report_stays_the_element_that_was_received():
    payload = supplier_answer_payload(SOCIAL_REPORT)
    assert mapper_for(REPORT).read(payload)["socialReport"] is payload.find("socialReport")


def test_numbers_and_booleans_lose_the_blanks_that_xsd_ignores_and_texts_keep_theirs():
    options = "<requestOptions><collectWindow> 5 </collectWindow><dryRun>\n1 </dryRun></requestOptions>"
    values = mapper_for(REPORT).read(request(options=options))
    assert values["requestOptions"] == {"collectWindow": "5", "dryRun": "1"}
    message = request("sendTestMessageRequest")
    message[-1][0].text = "  deux  mots "
    assert mapper_for(TEST_CONNECTION).read(message)["criteria"]["message"] == "  deux  mots "


def test_a_field_that_the_schema_does_not_know_is_never_written():
    with pytest.raises(GatewayFault):
        mapper_for(REPORT).write("consultSocialReportRequest", {"criterion": "x"})
    with pytest.raises(GatewayFault):
        mapper_for(REPORT).write("consultSomething", {})


def test_a_tree_that_was_not_validated_is_not_read_and_the_error_holds_nothing_of_it():
    payload = request()
    etree.SubElement(payload, "x" + NISS)
    with pytest.raises(GatewayFault) as caught:
        mapper_for(REPORT).read(payload)
    assert NISS not in str(caught.value)


@pytest.mark.parametrize("name", sorted(REQUESTS))
def test_the_mapper_of_another_namespace_reads_nothing(name):
    other = MANAGE_ACCESS if name != "manageAccessRequest" else REPORT
    with pytest.raises(GatewayFault):
        mapper_for(other).read(request(name))
