"""Good pick-ups and lists: what became of consultations that are stored, asked and answered."""

from dataclasses import replace

from golden_pack import blocks, reports
from golden_pack.blocks import Values
from golden_pack.consultations import result
from golden_pack.ground import (
    BOUND_CONSULTATION,
    CENTRE,
    CONFIRMED_CONSULTATION,
    DELIVERED_CONSULTATION,
    EAST,
    JEANNE,
    LATE_CONSULTATION,
    MERGED_FILE,
    MEUSE,
    NORTH,
    PREDECESSORS_CONSULTATION,
    SOUTH,
    cpas_key,
    gateway_key,
)
from golden_pack.sample import Family, Pack, Sample, Sentence
from golden_pack.tree import message

AS_OF = "2026-11-21T09:59:32.480Z"
"""30 s before the answer, so that what is being written at that moment is not missed."""
_Case = tuple[Values, str, Sentence]


def add(pack: Pack) -> None:
    """Add the family."""
    retrieve = Family(pack=pack, folder="good/retrieveSocialReport", operation="retrieveSocialReport")
    asked = {name: (values, _request(retrieve, name, values, by, shows))
             for name, (values, by, shows) in _retrieve_requests().items()}  # fmt: skip
    _retrieve_answers(replace(retrieve, direction="answer"), asked)
    listing = Family(pack=pack, folder="good/listSocialReports", operation="listSocialReports")
    asked = {name: (values, _request(listing, name, values, by, shows))
             for name, (values, by, shows) in _list_requests().items()}  # fmt: skip
    _list_answers(replace(listing, direction="answer"), asked)


def retrieve_request(
    ticket_cbss: str, *, number: str = NORTH, ticket: str = "N-2026-004720", supplier: str = ""
) -> Values:
    """Return the children of a request to pick an answer up."""
    criteria = {"ticketCBSS": ticket_cbss} | ({"supplier": supplier} if supplier else {})
    return blocks.request(criteria, who=blocks.customer(number, ticket=ticket, role="ADMINISTRATION"))


def list_request(criteria: Values, *, number: str = NORTH, ticket: str = "N-2026-004730") -> Values:
    """Return the children of a request for what became of one's own consultations."""
    who = blocks.customer(number, ticket=ticket, role="SYSTEM", user="logiciel-1")
    return blocks.request(criteria, who=who)


def consultation(ticket: str, ticket_cbss: str, accepted: str, ssin: str, period: tuple[str, str]) -> Values:
    """Return the consultation that is picked up, as its requester knows it."""
    return {
        "ticket": ticket,
        "ticketCBSS": ticket_cbss,
        "acceptedAt": accepted,
        "ssin": ssin,
        "period": {"beginDate": period[0], "endDate": period[1]},
    }


def answer_no_longer_kept(asked: Values) -> Values:
    """Return the answer to a pick-up of `CONFIRMED_CONSULTATION`, whose answers are deleted."""
    named = consultation("N-2026-000005", CONFIRMED_CONSULTATION, "2026-11-10T09:00:00.000Z", JEANNE,
                         ("2024-01-01", "2024-12-31"))  # fmt: skip
    gone = result(CENTRE, "ANSWERED", "RSE00010", since="2026-11-10T09:00:01.200Z", language="NL")
    return _told(asked, "NO_RESULT", "RSE00010", consultation=named, supplierResult=gone)


def _told(asked: Values, value: str, code: str, **content: Values) -> Values:
    """Return the answer to a pick-up: it says how far back decisions of that consultation are passed on."""
    accepted = content["consultation"]["acceptedAt"]
    return blocks.reply(asked, value, code, information=blocks.ratified_from(accepted), **content)


def _request(family: Family, name: str, values: Values, by: str, shows: Sentence) -> Sample:
    payload = message(f"{family.operation}Request", values)
    return family.both(name, payload, shows, key=cpas_key(by))


def _retrieve_requests() -> dict[str, _Case]:
    merged = retrieve_request(PREDECESSORS_CONSULTATION, number=SOUTH, ticket="S-2026-000520")
    return {
        "request": (retrieve_request(BOUND_CONSULTATION), NORTH, (
            "Chercher la réponse d'une consultation telle qu'elle est à présent.",
            "Het antwoord van een raadpleging ophalen zoals het nu is.",
            "Fetch the answer of a consultation as it stands now.")),
        "request-one-supplier": (
            retrieve_request(DELIVERED_CONSULTATION, ticket="N-2026-004721", supplier=CENTRE), NORTH, (
            "Chercher le rapport d'un seul CPAS, trop grand pour la réponse groupée.",
            "Het verslag van één OCMW ophalen, te groot voor het gezamenlijke antwoord.",
            "Fetch one CPAS's report, too large for the joint answer.")),
        "request-unanswered": (retrieve_request(LATE_CONSULTATION, ticket="N-2026-004722"), NORTH, (
            "Chercher une réponse qui n'est pas encore complète.",
            "Een antwoord ophalen dat nog niet volledig is.",
            "Fetch an answer that is not complete yet.")),
        "request-by-successor": (merged, SOUTH, (
            "Le CPAS né d'une fusion cherche la réponse demandée par son prédécesseur.",
            "Het OCMW dat uit een fusie ontstond haalt het antwoord op dat zijn voorganger vroeg.",
            "The CPAS that a merger left fetches the answer that its predecessor asked for.")),
    }  # fmt: skip


def _retrieve_answers(family: Family, asked: dict[str, tuple[Values, Sample]]) -> None:
    first = consultation("N-2026-000001", BOUND_CONSULTATION, "2026-11-20T09:00:00.000Z", JEANNE,
                         ("2024-01-01", "2024-12-31"))  # fmt: skip
    delivered = consultation("N-2026-000003", DELIVERED_CONSULTATION, "2026-11-19T09:00:00.000Z", JEANNE,
                             ("2022-01-01", "2026-11-18"))  # fmt: skip
    found = result(CENTRE, "ANSWERED", "MSG00000", since="2026-11-20T09:00:01.400Z", language="NL",
                   socialReport=reports.full_report())  # fmt: skip
    late = result(CENTRE, "ANSWERED", "MSG00000", since="2026-11-20T14:30:00.000Z", language="NL",
                  late="true", socialReport=reports.single_report())  # fmt: skip
    parts: dict[str, tuple[str, str, str, Values, Sentence]] = {
        "answer": ("request", "DATA_FOUND", "MSG00000",
            {"consultation": first, "supplierResult": found}, (
            "La réponse cherchée.", "Het opgehaalde antwoord.", "The fetched answer.")),
        "answer-one-supplier": ("request-one-supplier", "DATA_FOUND", "MSG00000",
            {"consultation": delivered, "supplierResult": late}, (
            "La part d'un seul CPAS, arrivée en retard.",
            "Het deel van één OCMW, laattijdig aangekomen.", "One CPAS's part, which came late.")),
        "answer-unanswered": ("request-unanswered", "INCOMPLETE_DATA", "RSE00020", _unanswered(), (
            "Après 24 heures : non raccordé, sans réponse, réponse inutilisable.",
            "Na 24 uur: niet aangesloten, zonder antwoord, onbruikbaar antwoord.",
            "After 24 hours: not connected, unanswered, unusable answer.")),
        "answer-by-successor": ("request-by-successor", "NO_DATA_FOUND", "MSG00100", _predecessors(), (
            "La réponse que le prédécesseur avait demandée : rien dans la période.",
            "Het antwoord dat de voorganger vroeg: niets in de periode.",
            "The answer that the predecessor asked for: nothing in the period.")),
    }  # fmt: skip
    for name, (question, value, code, content, shows) in parts.items():
        values, signed = asked[question]
        payload = message("retrieveSocialReportResponse", _told(values, value, code, **content))
        family.both(name, payload, shows, key=gateway_key(), question=signed.path)
    large = result(CENTRE, "ANSWERED", "RSE00021", since="2026-11-20T09:00:01.400Z", language="NL")
    values, _signed = asked["request"]
    apart = _told(values, "DATA_FOUND", "MSG00000", consultation=first, supplierResult=large)
    family.both(
        "answer-fetch-apart",
        message("retrieveSocialReportResponse", apart),
        ("Un rapport trop grand pour la réponse groupée : à chercher à part, en nommant le CPAS.",
         "Een verslag te groot voor het gezamenlijke antwoord: apart op te halen, met de naam van het OCMW.",
         "A report too large for the joint answer: fetch it apart, naming the CPAS."),
        key=gateway_key(),
    )  # fmt: skip


def _unanswered() -> Values:
    named = consultation("N-2026-000002", LATE_CONSULTATION, "2026-11-20T08:00:00.000Z", JEANNE,
                         ("2022-01-01", "2026-11-19"))  # fmt: skip
    parts = (
        (EAST, "NOT_CONNECTED", "MSG00020", "2026-11-20T08:00:00.000Z"),
        (CENTRE, "UNANSWERED", "MSG00020", "2026-11-21T08:00:00.000Z"),
        (SOUTH, "UNANSWERED", "MSG00023", "2026-11-20T15:00:00.000Z"),
    )
    results = [result(n, outcome, code, since=since, language="NL") for n, outcome, code, since in parts]
    return {"consultation": named, "supplierResult": results}


def _predecessors() -> Values:
    named = consultation("B-2026-000071", PREDECESSORS_CONSULTATION, "2026-10-30T09:00:00.000Z",
                         MERGED_FILE, ("2022-01-01", "2023-12-31"))  # fmt: skip
    nothing = result(CENTRE, "NO_DATA", "MSG00100", since="2026-10-30T09:00:02.000Z", language="FR")
    return {"consultation": named, "supplierResult": nothing}


def _list_requests() -> dict[str, _Case]:
    criteria = {"since": "2026-11-21T07:00:00Z", "confirmed": [BOUND_CONSULTATION, DELIVERED_CONSULTATION]}
    hosted = list_request({}, number=MEUSE, ticket="M-2026-000088")
    merged = list_request({"since": "2026-10-29T00:00:00Z"}, number=SOUTH, ticket="S-2026-000530")
    return {
        "request": (list_request(criteria), NORTH, (
            "Ce qui a changé depuis trois heures, et les réponses bien reçues.",
            "Wat er in drie uur veranderde, en de goed ontvangen antwoorden.",
            "What changed in three hours, and the answers well received.")),
        "request-no-news": (
            list_request({"since": "2026-11-21T09:30:00Z"}, ticket="N-2026-004731"), NORTH, (
            "Ce qui a changé depuis une demi-heure.", "Wat er in een half uur veranderde.",
            "What changed in half an hour.")),
        "request-by-successor": (merged, SOUTH, (
            "Les consultations d'un prédécesseur sont celles du CPAS né de la fusion.",
            "De raadplegingen van een voorganger zijn die van het OCMW uit de fusie.",
            "A predecessor's consultations are those of the CPAS that the merger left.")),
        "request-by-shared-host": (hosted, CENTRE, (
            "Un hébergeur partagé demande la liste d'un CPAS qui lui en a donné mandat.",
            "Een gedeelde host vraagt de lijst van een OCMW dat hem daarvoor een mandaat gaf.",
            "A shared host asks for the list of a CPAS that gave it a mandate for that.")),
    }  # fmt: skip


def _listed(ticket: str, ticket_cbss: str, accepted: str, value: str, *states: tuple[str, ...]) -> Values:
    names = ("cbeNumber", "outcome", "outcomeSince", "code")
    return {
        "ticket": ticket,
        "ticketCBSS": ticket_cbss,
        "acceptedAt": accepted,
        "statusValue": value,
        "supplierState": [dict(zip(names, state, strict=True)) for state in states],
    }


def _list_answers(family: Family, asked: dict[str, tuple[Values, Sample]]) -> None:
    late = _listed(
        "N-2026-000002", LATE_CONSULTATION, "2026-11-20T08:00:00.000Z", "INCOMPLETE_DATA",
        (EAST, "NOT_CONNECTED", "2026-11-20T08:00:00.000Z", "MSG00020"),
        (CENTRE, "UNANSWERED", "2026-11-21T08:00:00.000Z", "MSG00020"),
        (SOUTH, "UNANSWERED", "2026-11-20T15:00:00.000Z", "MSG00023"),
    )  # fmt: skip
    merged = _listed(
        "B-2026-000071", PREDECESSORS_CONSULTATION, "2026-10-30T09:00:00.000Z", "NO_DATA_FOUND",
        (CENTRE, "NO_DATA", "2026-10-30T09:00:02.000Z", "MSG00100"),
    )  # fmt: skip
    answers: dict[str, tuple[str, list[Values], Sentence]] = {
        "answer": ("request", [late], (
            "Une consultation et l'état de chaque CPAS.", "Eén raadpleging en de toestand van elk OCMW.",
            "One consultation and the state of each CPAS.")),
        "answer-by-successor": ("request-by-successor", [merged], (
            "La consultation du prédécesseur.", "De raadpleging van de voorganger.",
            "The predecessor's consultation.")),
        "answer-no-news": ("request-no-news", [], (
            "Rien n'a changé.", "Niets is veranderd.", "Nothing changed.")),
    }  # fmt: skip
    for name, (question, listed, shows) in answers.items():
        values, signed = asked[question]
        value, code = ("DATA_FOUND", "MSG00000") if listed else ("NO_DATA_FOUND", "MSG00100")
        found = blocks.reply(values, value, code, asOf=AS_OF, more="false", consultation=listed)
        payload = message("listSocialReportsResponse", found)
        family.both(name, payload, shows, key=gateway_key(), question=signed.path)
