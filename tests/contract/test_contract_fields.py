"""Every datum of the founding circular has its element in the contract, and nobody else's data goes along."""

import pytest
from contract_files import SERVICES, xmlschema_schema
from contract_instances import build, messages
from lxml import etree
from xmlschema.validators import XsdSimpleType

ESR = "report/ElectronicSocialReport-v1.xsd"
REPORT = "supplierResult/socialReport"
AID = f"{REPORT}/decision/aid"
ELEMENT = f"{AID}/calculationElement"
FIELDS = [
    ("BCE number of the requesting CPAS", "informationCustomer/customerIdentification/cbeNumber"),
    ("number that follows the request", "informationCustomer/ticket"),
    ("period asked: begin", "criteria/period/beginDate"),
    ("period asked: end", "criteria/period/endDate"),
    ("BCE number of the holding CPAS", "supplierResult/supplier/cbeNumber"),
    ("its name in Dutch", "supplierResult/supplier/nameNl"),
    ("its name in French", "supplierResult/supplier/nameFr"),
    ("its general telephone number", "supplierResult/supplier/telephone"),
    ("NISS of the beneficiary", f"{REPORT}/beneficiary/ssin"),
    ("last name", f"{REPORT}/beneficiary/lastName"),
    ("first name", f"{REPORT}/beneficiary/firstName"),
    ("NISS of the partner", f"{REPORT}/partner/ssin"),
    ("type of the decision", f"{REPORT}/decision/decisionType"),
    ("date ratified", f"{REPORT}/decision/ratificationDate"),
    ("follows a judgment", f"{REPORT}/decision/followsJudgment"),
    ("duration of the decision", f"{REPORT}/decision/duration/value"),
    ("date of entry into force", f"{REPORT}/decision/entryIntoForceDate"),
    ("legislation", f"{AID}/legislation"),
    ("type of the aid", f"{AID}/aidType/code"),
    ("amount", f"{AID}/amount"),
    ("payment frequency", f"{AID}/paymentFrequency/code"),
    ("period of the aid: begin", f"{AID}/period/beginDate"),
    ("period of the aid: end", f"{AID}/period/endDate"),
    ("date from which effectively granted", f"{AID}/effectiveFrom"),
    ("legal subrogation", f"{AID}/legalSubrogation"),
    ("comment", f"{AID}/comment"),
    ("type of the element", f"{ELEMENT}/elementType/code"),
    ("amount of the element", f"{ELEMENT}/amount"),
    ("its unit of time", f"{ELEMENT}/unit"),
    ("NISS of the cohabitant with income", f"{ELEMENT}/cohabitantIncome/ssin"),
    ("income taken into account", f"{ELEMENT}/cohabitantIncome/amount"),
    ("its unit of time too", f"{ELEMENT}/cohabitantIncome/unit"),
]
CODES = {
    "DecisionTypeType": "GRANT REFUSAL REVISION EXTENSION SUSPENSION SANCTION RECOVERY",
    "LegislationType": "DRI ERI INSTALLATION_PREMIUM",
    "AidTypeCodeType": "RIS FINANCIAL_AID RIS_COMPLEMENT INSTALLATION_PREMIUM",
    "PaymentFrequencyCodeType": "MONTHLY WEEKLY DAILY YEARLY ONCE",
    "ElementTypeCodeType": (
        "PROFESSIONAL_INCOME UNEMPLOYMENT_BENEFIT PENSION SICKNESS_BENEFIT DISABILITY_ALLOWANCE"
        " REAL_ESTATE_INCOME MOVABLE_INCOME ASSET_TRANSFER BENEFIT_IN_KIND ALIMONY EXEMPTION"
    ),
    "AmountUnitType": "MONTH YEAR",
    "DurationUnitType": "MONTHS WEEKS DAYS",
}


def _full(message: str, *, choice: int = 0, optional: bool = True) -> "etree._Element":
    declared = next(item for item in messages(xmlschema_schema(ESR)) if item.local_name == message)
    return build(declared, optional=optional, choice=choice)


@pytest.mark.parametrize(("datum", "path"), FIELDS, ids=[datum for datum, _ in FIELDS])
def test_a_datum_of_the_circular_has_its_element(datum: str, path: str) -> None:
    assert _full("consultSocialReportResponse").find(path) is not None


def test_the_period_of_an_aid_may_be_a_begin_and_a_number_of_months_weeks_or_days() -> None:
    assert _full("consultSocialReportResponse", choice=1).find(f"{AID}/period/duration/value") is not None


@pytest.mark.parametrize(("type_name", "codes"), CODES.items())
def test_a_list_of_codes_holds_exactly_the_agreed_codes(type_name: str, codes: str) -> None:
    declared = next(item for item in xmlschema_schema(ESR).types.values() if item.local_name == type_name)
    assert isinstance(declared, XsdSimpleType)
    assert declared.enumeration == codes.split()


def test_an_old_closed_file_needs_no_more_than_the_type_and_date_of_a_decision() -> None:
    report = etree.fromstring(
        "<socialReport><beneficiary><ssin>85073003328</ssin><lastName>Test</lastName></beneficiary><decision>"
        "<decisionType>GRANT</decisionType><ratificationDate>2024-01-15</ratificationDate><aid><legislation>DRI"
        "</legislation><aidType><code>RIS</code></aidType></aid></decision></socialReport>"
    )
    message = _full("deliverSocialReportRequest", optional=False)
    message.append(report)
    assert xmlschema_schema(ESR).is_valid(message)


def test_a_holding_cpas_learns_neither_the_user_nor_the_file_of_the_requesting_cpas() -> None:
    names = [node.tag for node in _full("provideSocialReportRequest").find("informationCustomer").iter()]  # type: ignore[union-attr]
    assert names == [
        "informationCustomer",
        "ticket",
        "timestampSent",
        "customerIdentification",
        "cbeNumber",
        "environment",
    ]


@pytest.mark.parametrize(
    "operation", [item for names in SERVICES.values() for item in names if "ocialReport" in item]
)
def test_a_message_begins_with_the_blocks_of_the_convention_in_their_order(operation: str) -> None:
    order = ["informationCustomer", "informationCBSS", "legalContext", "criteria", "status"]
    for kind, expected in (("Request", order[:4]), ("Response", order)):
        tags = [node.tag for node in _full(f"{operation}{kind}") if node.tag in order]
        assert tags == expected
