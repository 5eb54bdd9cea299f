"""Late answers: what a holding CPAS delivers, what the gateway says to it, and what goes on to who asked."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from golden_pack import blocks, reports
from golden_pack.blocks import Values
from golden_pack.consultations import result
from golden_pack.ground import (
    BIS_PERSON,
    CENTRE,
    DELIVERED_CONSULTATION,
    EXPIRED_CONSULTATION,
    HOSTED_CONSULTATION,
    JEANNE,
    LATE_CONSULTATION,
    MERGED_CONSULTATION,
    MERGED_FILE,
    NORTH,
    SOUTH,
    WEST,
    cpas_key,
    gateway_key,
)
from golden_pack.sample import ACCEPTED, Expected, Family, Pack, Sentence
from golden_pack.tree import message

_CHECKS = "messages/bad/checks"
_GOOD = "messages/good/deliverSocialReport"
REFUSAL_WITH_AID = (("decision/aid", "a refusal carries aid"),)
REPLIED_AT = "2026-11-21T10:00:02.480Z"


def add(pack: Pack) -> None:
    """Add the family."""
    deliver = Family(pack=pack, folder="good/deliverSocialReport", operation="deliverSocialReport")
    _deliver(deliver, replace(deliver, direction="answer"))
    receive = Family(pack=pack, folder="good/receiveSocialReport", operation="receiveSocialReport")
    _receive(receive, replace(receive, direction="answer"))


def found() -> Values:
    """Return the status of a delivery that carries a report."""
    return blocks.status("DATA_FOUND", "MSG00000")


def delivery(
    state: Values,
    report: reports.Report | None = None,
    *,
    about: tuple[str, str] = (LATE_CONSULTATION, JEANNE),
    who: Values | None = None,
    **more: Any,
) -> Values:
    """Return the children of a delivery: an answer about ``about`` (ticketCBSS, ssin) that comes later."""
    values = blocks.request({"ticketCBSS": about[0], "ssin": about[1]}, who=who or holder(), **more)
    values["supplierStatus"] = state
    return values | {"socialReport": report} if report is not None else values


def holder(number: str = CENTRE, *, ticket: str = "C-2026-0107", **more: Any) -> Values:
    """Return ``informationCustomer`` of a holding CPAS's software."""
    values = {"role": "SYSTEM", "user": "logiciel-7", "file_reference": "C-2023-014"} | more
    return blocks.customer(number, ticket=ticket, **values)


def delivered_again() -> Values:
    """Return the delivery whose content `stored` holds already."""
    about = (DELIVERED_CONSULTATION, JEANNE)
    return delivery(found(), reports.single_report(), about=about, who=holder(ticket="C-2026-0110"))


def other_content() -> Values:
    """Return a delivery that says something else than the one before."""
    about = (DELIVERED_CONSULTATION, JEANNE)
    return delivery(found(), reports.full_report(), about=about, who=holder(ticket="C-2026-0201"))


def past_horizon() -> Values:
    """Return a delivery whose consultation is over."""
    about = (EXPIRED_CONSULTATION, BIS_PERSON)
    return delivery(found(), reports.single_report(BIS_PERSON), about=about, who=holder(ticket="C-2026-0202"))


def refusal_with_aid() -> Values:
    """Return a delivery whose report no XSD can refuse, and which nobody can use."""
    report = reports.with_aid({}, decisionType="REFUSAL")
    return delivery(found(), report, who=holder(ticket="C-2026-0203"))


def _no_data() -> Values:
    return blocks.status("NO_DATA_FOUND", "MSG00100")


def _requests() -> dict[str, tuple[Values, str, Sentence]]:
    refused = blocks.status("NO_RESULT", "MSG00027")
    merged = delivery(_no_data(), about=(MERGED_CONSULTATION, MERGED_FILE),
                      who=holder(SOUTH, ticket="S-2026-0040", file_reference="B-2024-009"))  # fmt: skip
    hosted = delivery(found(), reports.single_report(BIS_PERSON), about=(HOSTED_CONSULTATION, BIS_PERSON),
                      who=holder(WEST, ticket="W-2026-0050", file_reference="W-2025-031"))  # fmt: skip
    return {
        "request": (delivery(found(), reports.single_report()), CENTRE, (
            "Une réponse tardive, poussée par le détenteur.",
            "Een laattijdig antwoord, doorgestuurd door het OCMW.",
            "A late answer, pushed by the holder.")),
        "request-no-data": (delivery(_no_data(), who=holder(ticket="C-2026-0108")), CENTRE, (
            "Une réponse tardive : rien dans la période.", "Een laattijdig antwoord: niets in de periode.",
            "A late answer: nothing in the period.")),
        "request-refused": (delivery(refused, who=holder(ticket="C-2026-0109")), CENTRE, (
            "Une réponse tardive : refus.", "Een laattijdig antwoord: weigering.",
            "A late answer: a refusal.")),
        "request-again": (delivered_again(), CENTRE, (
            "Le même contenu une seconde fois : c'est une seule remise.",
            "Dezelfde inhoud een tweede keer: het is één levering.",
            "The same content a second time: it is one delivery.")),
        "request-by-successor": (merged, SOUTH, (
            "Le CPAS né d'une fusion répond à ce qui fut demandé à son prédécesseur.",
            "Het OCMW dat uit een fusie ontstond antwoordt op wat zijn voorganger gevraagd werd.",
            "The CPAS that a merger left answers what its predecessor was asked.")),
        "request-by-shared-host": (hosted, CENTRE, (
            "Un hébergeur partagé remet la réponse d'un CPAS qui lui a donné mandat.",
            "Een gedeelde host levert het antwoord van een OCMW dat hem een mandaat gaf.",
            "A shared host delivers the answer of a CPAS that gave it a mandate.")),
    }  # fmt: skip


_Answer = tuple[str, Callable[[], Values], str, str, Sentence]


def _answers() -> dict[str, _Answer]:
    return {
        "answer-ok": (f"{_GOOD}/request", lambda: _requests()["request"][0], "OK", "MSG00000", (
            "La remise est acceptée.", "De levering is aanvaard.", "The delivery is accepted.")),
        "answer-again": (f"{_GOOD}/request-again", delivered_again, "OK", "MSG00000", (
            "La même remise une seconde fois est acceptée et ne change rien.",
            "Dezelfde levering een tweede keer is aanvaard en verandert niets.",
            "The same delivery a second time is accepted and changes nothing.")),
        "answer-past-the-horizon": (f"{_CHECKS}/deliver-horizon-past", past_horizon, "NOK", "RSE00005", (
            "Trop tard : la remise est refusée.", "Te laat: de levering is geweigerd.",
            "Too late: the delivery is refused.")),
        "answer-conflict": (
            f"{_CHECKS}/deliver-conflict-other-content", other_content, "NOK", "RSE00006", (
            "Un autre contenu avait déjà été remis.", "Er was al een andere inhoud geleverd.",
            "Other content had been delivered already.")),
        "answer-unusable": (
            f"{_CHECKS}/deliver-leg.report-refusal-with-aid", refusal_with_aid, "NOK", "MSG00023", (
            "Le rapport remis est inutilisable.", "Het geleverde verslag is onbruikbaar.",
            "The delivered report is unusable.")),
    }  # fmt: skip


def _deliver(requests: Family, answers: Family) -> None:
    for name, (values, by, shows) in _requests().items():
        requests.both(name, message("deliverSocialReportRequest", values), shows, key=cpas_key(by))
    for name, (question, asked, value, code, shows) in _answers().items():
        why = REFUSAL_WITH_AID if code == "MSG00023" else ()
        payload = message("deliverSocialReportResponse", blocks.reply(asked(), value, code, information=why))
        answers.both(
            name, payload, shows, key=gateway_key(),
            expected=_write_outcome(value, code), question=f"{question}.signed.xml",
        )  # fmt: skip


def _write_outcome(value: str, code: str) -> Expected:
    return ACCEPTED if value == "OK" else Expected(outcome=value, code=code)


def _receive(requests: Family, answers: Family) -> None:
    """Add the push that follows the delivery ``request``, and what the receiver may say."""
    values = {
        "informationCustomer": blocks.forwarded(ticket="N-2026-000002") | {"timestampSent": REPLIED_AT},
        "informationCBSS": {"ticketCBSS": LATE_CONSULTATION, "timestampReceive": "2026-11-20T08:00:00.000Z"},
        "legalContext": "PCSA:SOCIAL_INQUIRY",
        "criteria": blocks.person_criteria(end="2026-11-19"),
        "supplierResult": result(
            CENTRE, "ANSWERED", "MSG00000", since=REPLIED_AT, language="NL", late="true",
            socialReport=reports.single_report(),
        ),
    }  # fmt: skip
    shows = (
        "La passerelle pousse une réponse tardive au CPAS demandeur.",
        "De gateway stuurt een laattijdig antwoord naar het vragende OCMW.",
        "The gateway pushes a late answer to the requesting CPAS.",
    )
    signed = requests.both(
        "request", message("receiveSocialReportRequest", values), shows, key=gateway_key(),
        question=f"{_GOOD}/request.signed.xml",
    )  # fmt: skip
    for name, value, code, words in (
        ("answer-ok", "OK", "MSG00000", ("Bien reçu.", "Goed ontvangen.", "Well received.")),
        ("answer-nok", "NOK", "RSE00004", ("Ce ticket n'est pas à nous.", "Dit ticket is niet van ons.",
                                           "This ticket is not ours.")),
    ):  # fmt: skip
        copied = {block: values[block] for block in ("informationCustomer", "legalContext", "criteria")}
        said = blocks.answer(copied, blocks.status(value, code))
        said["informationCBSS"] = values["informationCBSS"]
        payload = message("receiveSocialReportResponse", said)
        answers.both(
            name, payload, words, key=cpas_key(NORTH),
            expected=_write_outcome(value, code), question=signed.path,
        )  # fmt: skip
