"""What the gateway says when it refuses: signed faults, and normal answers with status NO_RESULT or NOK.

Faults and refusals come from the gateway's own composer, so they are exactly what a caller receives.
"""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from golden_pack import blocks, business, operation_cases, pick_ups, services
from golden_pack.ground import NEW_NUMBER, OWN_TICKET, cpas_key, gateway_key
from golden_pack.sample import Expected, Family, Pack, Sentence
from golden_pack.tree import message
from rse_gateway.contract.faults import FaultFrame, fault_envelope_body
from rse_gateway.contract.namespaces import REPORT
from rse_gateway.contract.parsing import build_tree
from rse_gateway.contract.violations import list_violations
from rse_gateway.domain.identifiers import GatewayTicket
from rse_gateway.errors import (
    ContentRefused,
    EdgeRefused,
    GatewayFault,
    GatewayUnavailable,
    ReplayRefused,
    RseError,
    SecurityRefused,
)

RECEIVED_AT = datetime(2026, 11, 21, 10, 0, 0, 120_000, tzinfo=UTC)
REPLIED_AT = datetime(2026, 11, 21, 10, 0, 2, 480_000, tzinfo=UTC)
LONG_BUDGET = 60.0


def add(pack: Pack, *, broken: bytes, very_broken: bytes) -> None:
    """Add the family; ``broken`` and ``very_broken`` are payloads whose violations the faults tell."""
    family = Family(pack=pack, folder="faults", operation="consultSocialReport", direction="fault")
    for name, (error, shows) in _errors().items():
        _fault(family, name, error, shows)
    three = (
        "Trois violations, chacune avec sa ligne, son chemin et ce qui est attendu.",
        "Drie fouten, elk met regel, pad en wat verwacht wordt.",
        "Three violations, each with its line, its path and what was expected.",
    )
    for language in (None, "FR", "NL", "DE", "EN"):
        name = "MSG00004-three-violations" + (f"-{language}" if language else "")
        _fault(family, name, _content(broken), three, language=language)
    _fault(
        replace(family, operation="deliverSocialReport"), "MSG00004-thirty-violations", _content(very_broken),
        ("Quarante violations : les trente premières sont citées.",
         "Veertig fouten: de eerste dertig worden vermeld.",
         "Forty violations: the first thirty are told."),
        service="SocialReportDeliveryService",
    )  # fmt: skip
    for service, operation in (
        ("SocialReportDeliveryService", "deliverSocialReport"),
        ("ManageAccessService", "manageAccess"),
        ("TestConnectionService", "sendTestMessage"),
    ):
        _fault(
            replace(family, operation=operation), f"MSG00003-{operation}", GatewayFault("example"),
            ("L'erreur interne, dans le fault de ce service.",
                "De interne fout, in de fault van deze dienst.",
             "The internal error, in this service's fault."),
            service=service,
        )  # fmt: skip
    _partner_faults(pack)
    answers = Family(pack=pack, folder="replies", operation="consultSocialReport", direction="answer")
    _replies(answers)
    _replies_of_other_operations(answers)


def _errors() -> dict[str, tuple[RseError, Sentence]]:
    return {
        "MSG00001": (GatewayUnavailable("example"), (
            "La passerelle ne peut rien enregistrer : aucune donnée ne sort.",
            "De gateway kan niets registreren: geen gegevens verlaten haar.",
            "The gateway can record nothing: no data leave.")),
        "MSG00003": (GatewayFault("example"), (
            "Erreur interne de la passerelle.", "Interne fout van de gateway.",
            "Internal error of the gateway.")),
        "MSG00004-bytes": (EdgeRefused("G1", "byte order mark"), (
            "Octets refusés avant toute lecture.", "Bytes geweigerd vóór het lezen.",
            "Bytes refused before anything is read.")),
        "RSE00001": (SecurityRefused("G8", "the digest of Body differs"), (
            "Sécurité refusée ; hors production, l'étape et la raison sont dites.",
            "Beveiliging geweigerd; buiten productie worden stap en reden vermeld.",
            "Refused by security; outside production step and reason are told.")),
        "RSE00001-version-mismatch": (SecurityRefused("G4", "SOAP 1.2 envelope", version_mismatch=True), (
            "Réponse à une enveloppe SOAP 1.2 : VersionMismatch.",
            "Antwoord op een SOAP 1.2-envelop: VersionMismatch.",
            "Answer to a SOAP 1.2 envelope: VersionMismatch.")),
        "RSE00002": (ReplayRefused("G9", "already received"), (
            "Le même message signé est arrivé deux fois.", "Hetzelfde ondertekende bericht kwam twee keer.",
            "The same signed message came twice.")),
    }  # fmt: skip


def _content(raw: bytes) -> ContentRefused:
    violations, truncated = list_violations(REPORT, build_tree(raw), budget=LONG_BUDGET)
    return ContentRefused(violations, truncated=truncated)


def _frame(service: str | None, environment: str = "test", language: str | None = None) -> FaultFrame:
    return FaultFrame(
        service=service,
        gateway_ticket=GatewayTicket(UUID(OWN_TICKET)),
        received_at=RECEIVED_AT,
        replied_at=REPLIED_AT,
        environment=environment,
        language=language,
    )


def _fault(
    family: Family,
    name: str,
    error: RseError,
    shows: Sentence,
    *,
    service: str = "ElectronicSocialReportService",
    language: str | None = None,
) -> None:
    fault = fault_envelope_body(error, _frame(service, language=language))
    code = str(getattr(error, "code", ""))
    count = len(error.violations) if isinstance(error, ContentRefused) else 0
    expected = Expected(outcome="fault", code=code, violations=count)
    family.both(name, fault, shows, key=gateway_key(), expected=expected)


def _partner_faults(pack: Pack) -> None:
    """Add faults that CPAS write themselves when the gateway calls them."""
    head = {"informationCustomer": blocks.forwarded(), "informationCBSS": blocks.gateway_block(replied=False)}
    details = [
        {"severity": "FATAL", "reasonCode": "MSG00003", "diagnostic": "Erreur interne / interne fout",
         "authorCode": "CPAS-0299990217"},
        {"severity": "WARNING", "reasonCode": "MSG00001", "diagnostic": "Base de données arrêtée"},
        {"severity": "INFORMATION", "reasonCode": "MSG00001", "diagnostic": "Retour prévu à 11 h",
         "information": {"fieldName": "until", "fieldValue": "2026-11-21T10:00:00Z"}},
    ]  # fmt: skip
    for operation, element, number in (
        ("provideSocialReport", "socialReportSupplierFault", "0299990217"),
        ("receiveSocialReport", "socialReportReceiverFault", "0299990118"),
    ):
        family = Family(pack=pack, folder="faults", operation=operation, direction="fault")
        named = message(f"{operation}Response", head | {"detail": details})
        named.tag = f"{{{REPORT}}}{element}"
        fault = fault_envelope_body(GatewayFault("example"), _frame(None))
        detail = fault[-1]
        detail.replace(detail[0], named)
        family.both(
            f"{operation}-of-a-cpas",
            fault,
            ("Le fault d'un CPAS : la passerelle le traite comme une absence de réponse.",
             "De fault van een OCMW: de gateway behandelt die als geen antwoord.",
             "A CPAS's fault: the gateway treats it as no answer."),
            key=cpas_key(number),
            expected=Expected(outcome="unreachable", code="MSG00020", stopped_at="leg.fault"),
        )  # fmt: skip


REPLIES: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "MSG00006": ("replaced-old-number", (("newSSIN", NEW_NUMBER),)),
    "MSG00007": ("cancelled-number", ()),
    "MSG00008": ("period-one-day-too-early", (("beginDate", "2021-11-20"),)),
    "MSG00011": ("ssin-check-digits", (("ssin", "-"),)),
    "MSG00012": ("integration-no-file", ()),
    "MSG00013": ("legalContext-not-allowed", (("legalContext", "PCSA:STATISTICS"),)),
    "MSG00014": ("signer-another-institution", ()),
    "MSG00015": ("userRole-administration", (("userRole", "ADMINISTRATION"),)),
    "MSG00016": ("operation-other-ground", (("operation", "consultSocialReport"),)),
    "RSE00003": ("quota-used-up", ()),
}
"""The refused consultation that each reply answers, and the fields that it names."""


def _replies(family: Family) -> None:
    for code, (question, information) in REPLIES.items():
        values = business.cases()[question].asked
        refused = blocks.reply(values, "NO_RESULT", code, information=information)
        _reply(family, code, refused, code, question=question)
    values = business.cases()[REPLIES["MSG00012"][0]].asked
    for language in ("FR", "NL", "DE", "EN"):
        state = blocks.status("NO_RESULT", "MSG00012", language=language)
        refused = blocks.answer(values, state)
        _reply(family, f"MSG00012-{language}", refused, "MSG00012", suffix=f" ({language})")


_ANSWERED_ELSEWHERE = frozenset({
    "retrieve-ticket-somebody-elses", "retrieve-noLongerKept-confirmed", "access-line-no-such-line",
    "deliver-horizon-past", "deliver-conflict-other-content", "deliver-leg.report-refusal-with-aid",
})  # fmt: skip


def _replies_of_other_operations(family: Family) -> None:
    retrieve = replace(family, operation="retrieveSocialReport")
    foreign = blocks.reply(operation_cases.somebody_elses(), "NO_RESULT", "RSE00004")
    _reply(retrieve, "RSE00004", foreign, "RSE00004", question="retrieve-ticket-somebody-elses")
    gone = pick_ups.answer_no_longer_kept(operation_cases.no_longer_kept())
    _reply(retrieve, "RSE00010", gone, "RSE00010", question="retrieve-noLongerKept-confirmed")
    access = replace(family, operation="manageAccess")
    refused = services.access_request({"register": services.line()}, "N-2026-004790")
    signer = blocks.reply(refused, "NO_RESULT", "MSG00014")
    _reply(access, "MSG00014-manageAccess", signer, "MSG00014")
    for operation, cases in operation_cases.cases().items():
        for name, case in cases.items():
            if name not in _ANSWERED_ELSEWHERE:
                said = blocks.reply(case.values, case.outcome, case.code, information=case.information)
                named = replace(family, operation=operation)
                _reply(named, name, said, case.code, question=name, value=case.outcome)


def _reply(
    family: Family,
    name: str,
    values: blocks.Values,
    code: str,
    *,
    question: str = "",
    suffix: str = "",
    value: str = "NO_RESULT",
) -> None:
    of = "" if family.operation == "consultSocialReport" else f" ({family.operation})"
    family.both(
        name,
        message(f"{family.operation}Response", values),
        (
            f"La réponse qui refuse avec {code}{suffix}{of}.",
            f"Het antwoord dat weigert met {code}{suffix}{of}.",
            f"The answer that refuses with {code}{suffix}{of}.",
        ),
        key=gateway_key(),
        expected=Expected(outcome=value, code=code),
        question=f"messages/bad/checks/{question}.signed.xml" if question else "",
    )
