"""Good consultations and their answers; pick-up and list stand in `pick_ups`."""

from dataclasses import replace
from typing import Any

from golden_pack import blocks, reports
from golden_pack.blocks import Values
from golden_pack.ground import (
    BIS_PERSON,
    BOUND_CONSULTATION,
    CENTRE,
    CONSULTATION,
    EAST,
    MERGED_FILE,
    NEW_NUMBER,
    NORTH,
    SOUTH,
    WEST,
    cpas_key,
    gateway_key,
)
from golden_pack.sample import ACCEPTED, Expected, Family, Pack, Sentence
from golden_pack.tree import message
from rse_gateway.contract.catalogue import load_catalogue

DRY_RUN = Expected(outcome="NO_RESULT", code="RSE00007", stopped_at="dryRun")
SINCE = "2026-11-21T10:00:00.960Z"


def add(pack: Pack) -> None:
    """Add the family."""
    consult = Family(pack=pack, folder="good/consultSocialReport", operation="consultSocialReport")
    _consult_requests(consult)
    _consult_answers(replace(consult, direction="answer"))


def asked(**changes: Any) -> Values:
    """Return the children of the request that most answers of this family belong to."""
    return blocks.request(blocks.person_criteria(), **changes)


def result(number: str, outcome: str, code: str, **more: Any) -> Values:
    """Return one holding CPAS's part of an answer, in French and Dutch unless ``language`` names another."""
    values = {
        "supplier": blocks.supplier(number),
        "outcome": outcome,
        "outcomeSince": more.pop("since", SINCE),
        "code": code,
        "description": load_catalogue().text(code, more.pop("language", None)),
    }
    return values | more


def _consult_requests(family: Family) -> None:
    name, key = "consultSocialReportRequest", cpas_key(NORTH)
    minimal = blocks.customer()
    del minimal["timestampSent"], minimal["fileReference"]
    family.both(
        "request-minimal",
        message(name, asked(who=minimal | {"ticket": "N-2026-004712"})),
        (
            "La plus petite demande : aucun élément facultatif.",
            "De kleinste aanvraag: geen enkel facultatief element.",
            "The smallest request: no optional element.",
        ),
        key=key,
    )
    full = asked(options={"language": "FR", "collectWindow": "5", "dryRun": "false"})
    full_shows = (
        "Une demande avec tous les éléments facultatifs.",
        "Een aanvraag met alle facultatieve elementen.",
        "A request with every optional element.",
    )
    full_tree = message(name, {**_with_copied_gateway_block(full)})
    family.both("request-full", full_tree, full_shows, key=key)
    family.signed("request-full-rsa", full_tree, full_shows, key=cpas_key(NORTH, rsa=True))
    for language, words in _LANGUAGES.items():
        who = blocks.customer(ticket=f"N-2026-LANG-{language}", role="SERVICE_HEAD")
        payload = message(name, asked(who=who, options={"language": language}))
        family.both(f"request-language-{language.lower()}", payload, words, key=key)
    _consult_edges(family)
    _consult_for_others(family)


def _with_copied_gateway_block(values: Values) -> Values:
    """Put the optional ``informationCBSS`` where it belongs: after the customer."""
    head = {"informationCustomer": values["informationCustomer"]}
    return head | {"informationCBSS": blocks.gateway_block(replied=False)} | values


_LANGUAGES = {
    "FR": ("Réponse demandée en français.", "Antwoord gevraagd in het Frans.", "Answer asked in French."),
    "NL": (
        "Réponse demandée en néerlandais.",
        "Antwoord gevraagd in het Nederlands.",
        "Answer asked in Dutch.",
    ),
    "DE": ("Réponse demandée en allemand.", "Antwoord gevraagd in het Duits.", "Answer asked in German."),
    "EN": ("Réponse demandée en anglais.", "Antwoord gevraagd in het Engels.", "Answer asked in English."),
}


def _consult_edges(family: Family) -> None:
    name, key = "consultSocialReportRequest", cpas_key(NORTH)
    family.both(
        "request-dry-run",
        message(name, _dry_run()),
        (
            "Essai à blanc : contrôlé, jamais transmis.",
            "Proefaanvraag: gecontroleerd, nooit doorgegeven.",
            "Dry run: checked, never passed on.",
        ),
        key=key,
        expected=DRY_RUN,
    )
    edges: dict[str, tuple[Values, Sentence]] = {
        "request-no-wait": (
            asked(who=blocks.customer(ticket="N-2026-004714"), options={"collectWindow": "0"}),
            (
                "Ne pas attendre : les réponses se cherchent plus tard.",
                "Niet wachten: de antwoorden worden later opgehaald.",
                "Do not wait: the answers are fetched later.",
            ),
        ),
        "request-longest-period": (
            _in_period("N-2026-004715", "2021-11-21", "2026-11-21"),
            (
                "La plus longue période admise : cinq ans jusqu'à aujourd'hui.",
                "De langste toegelaten periode: vijf jaar tot vandaag.",
                "The longest period allowed: five years up to today.",
            ),
        ),
        "request-one-day": (
            _in_period("N-2026-004716", "2026-11-21", "2026-11-21"),
            (
                "Une période d'un jour : aujourd'hui.",
                "Een periode van één dag: vandaag.",
                "A period of one day: today.",
            ),
        ),
        "request-bis-number": (
            asked(who=blocks.customer(ticket="N-2026-004717"))
            | {"criteria": blocks.person_criteria(BIS_PERSON)},
            (
                "Une personne avec un numéro BIS.",
                "Een persoon met een BIS-nummer.",
                "A person with a BIS number.",
            ),
        ),
        "request-repeat": (
            _repeat(),
            (
                "Même ticket, même contenu : la même consultation, répondue à nouveau.",
                "Zelfde ticket, zelfde inhoud: dezelfde raadpleging, opnieuw beantwoord.",
                "Same ticket, same content: the same consultation, answered anew.",
            ),
        ),
    }
    for file, (values, shows) in edges.items():
        family.both(file, message(name, values), shows, key=key)


def _consult_for_others(family: Family) -> None:
    """Add what mandates, mergers and replaced numbers allow."""
    hosted = blocks.customer(WEST, ticket="W-2026-000311", file_reference="W-2025-031")
    successor = blocks.customer(SOUTH, ticket="S-2026-000512", file_reference="B-2024-009")
    current = blocks.customer(ticket="N-2026-004718")
    cases: dict[str, tuple[Values, str, str, Sentence]] = {
        "request-by-shared-host": (hosted, BIS_PERSON, CENTRE, (
            "Un hébergeur partagé signe pour un CPAS qui lui a donné mandat.",
            "Een gedeelde host ondertekent voor een OCMW dat hem een mandaat gaf.",
            "A shared host signs for a CPAS that gave it a mandate.")),
        "request-by-successor": (successor, MERGED_FILE, SOUTH, (
            "Le CPAS né d'une fusion demande, avec la ligne de son prédécesseur.",
            "Het OCMW dat uit een fusie ontstond vraagt, met de lijn van zijn voorganger.",
            "The CPAS that a merger left asks, on the line of its predecessor.")),
        "request-current-number": (current, NEW_NUMBER, NORTH, (
            "Le numéro actuel : un détenteur connaît la personne sous son ancien numéro BIS.",
            "Het huidige nummer: een OCMW kent de persoon onder haar oude BIS-nummer.",
            "The current number: a holder knows the person under her former BIS number.")),
    }  # fmt: skip
    for file, (who, ssin, signer, shows) in cases.items():
        values = blocks.request(blocks.person_criteria(ssin), who=who)
        payload = message("consultSocialReportRequest", values)
        family.both(file, payload, shows, key=cpas_key(signer))


def _dry_run() -> Values:
    return asked(who=blocks.customer(ticket="N-2026-004713"), options={"dryRun": "1"})


def _repeat() -> Values:
    """Return the request whose ticket is bound, in `stored`, to the same content."""
    return _in_period("N-2026-000001", "2024-01-01", "2024-12-31")


def _in_period(ticket: str, begin: str, end: str) -> Values:
    return blocks.request(blocks.person_criteria(begin=begin, end=end), who=blocks.customer(ticket=ticket))


def _consult_answers(family: Family) -> None:
    for file, (values, shows) in (_complete_answers() | _other_answers()).items():
        payload = message("consultSocialReportResponse", values)
        said = Expected(outcome="NO_RESULT", code="RSE00007") if file == "answer-dry-run" else ACCEPTED
        asked_in = _QUESTIONS.get(file, "")
        family.both(file, payload, shows, key=gateway_key(), expected=said, question=asked_in)
    found_values, found_shows = _complete_answers()["answer-data-found"]
    payload = message("consultSocialReportResponse", found_values)
    family.signed("answer-data-found-rsa", payload, found_shows, key=gateway_key(rsa=True))


def _complete_answers() -> dict[str, tuple[Values, Sentence]]:
    found = [result(CENTRE, "ANSWERED", "MSG00000", socialReport=reports.full_report())]
    nothing = [result(CENTRE, "NO_DATA", "MSG00100")]
    return {
        "answer-data-found": (_answer("DATA_FOUND", "MSG00000", found), (
            "Un CPAS détenteur a répondu ; le rapport est complet.",
            "Eén OCMW heeft geantwoord; het verslag is volledig.",
            "One holding CPAS answered; the report is full.")),
        "answer-decisions-outside": (_answer("DATA_FOUND", "MSG00000", [_with_omitted_decisions()]), (
            "Une décision hors période et une contradictoire ont été écartées et comptées.",
            "Eén beslissing buiten de periode en één tegenstrijdige zijn weggelaten en geteld.",
            "One decision outside the period and a contradictory one were left out and counted.")),
        "answer-nothing-left": (_answer("NO_DATA_FOUND", "MSG00100", [_nothing_left()]), (
            "Toutes les décisions du rapport reçu étaient hors période : pas de rapport, pas de partenaire.",
            "Alle ontvangen beslissingen lagen buiten de periode: geen verslag, geen partner.",
            "Every decision of the report received was outside the period: no report, no partner.")),
        "answer-nobody-known": (_answer("NO_DATA_FOUND", "MSG00100", []), (
            "Aucun CPAS ne connaît la personne : personne n'a été interrogé.",
            "Geen enkel OCMW kent de persoon: niemand werd bevraagd.",
            "No CPAS knows the person: nobody was asked.")),
        "answer-no-data": (_answer("NO_DATA_FOUND", "MSG00100", nothing), (
            "Le CPAS détenteur n'a rien dans la période.",
            "Het OCMW heeft niets in de periode.",
            "The holding CPAS has nothing in the period.")),
    }  # fmt: skip


def _other_answers() -> dict[str, tuple[Values, Sentence]]:
    return {
        "answer-incomplete": (_answer("INCOMPLETE_DATA", "RSE00020", _every_outcome()), (
            "Réponse incomplète : toutes les issues possibles d'un CPAS.",
            "Onvolledig antwoord: alle mogelijke uitkomsten van een OCMW.",
            "Incomplete answer: every outcome that a CPAS can have.")),
        "answer-incomplete-codes": (_answer("INCOMPLETE_DATA", "RSE00020", _other_codes()), (
            "Réponse incomplète : inutilisable, tardive, à chercher à part.",
            "Onvolledig antwoord: onbruikbaar, laattijdig, apart op te halen.",
            "Incomplete answer: unusable, late, to be fetched apart.")),
        "answer-repeat": (_answer_to_repeat(), (
            "La même consultation, telle qu'elle est à présent.",
            "Dezelfde raadpleging, zoals ze nu is.",
            "The same consultation, as it stands now.")),
        "answer-dry-run": (blocks.reply(_dry_run(), "NO_RESULT", "RSE00007"), (
            "Essai à blanc réussi : rien n'a été transmis.",
            "Proefaanvraag geslaagd: niets werd doorgegeven.",
            "Dry run passed: nothing was passed on.")),
    }  # fmt: skip


_QUESTIONS = {
    "answer-dry-run": "messages/good/consultSocialReport/request-dry-run.signed.xml",
    "answer-repeat": "messages/good/consultSocialReport/request-repeat.signed.xml",
}


def _answer_to_repeat() -> Values:
    results = [
        result(
            CENTRE, "ANSWERED", "MSG00000", since="2026-11-20T09:00:01.400Z", language="NL",
            socialReport=reports.full_report(),
        )
    ]  # fmt: skip
    return blocks.reply(
        _repeat(),
        "DATA_FOUND",
        "MSG00000",
        information=blocks.ratified_from("2026-11-20"),
        ticket=BOUND_CONSULTATION,
        supplierResult=results,
    )


def _answer(value: str, code: str, results: list[Values]) -> Values:
    state = blocks.status(value, code, information=blocks.ratified_from())
    return blocks.answer(asked(), state, ticket=CONSULTATION, supplierResult=results)


def _counted(name: str, count: int) -> Values:
    return {"fieldName": name, "fieldValue": str(count)}


def _with_omitted_decisions() -> Values:
    information = [_counted("decisionsOutsidePeriod", 1), _counted("decisionsContradictory", 1)]
    return result(
        CENTRE, "ANSWERED", "MSG00000", information=information, socialReport=reports.single_report()
    )


def _nothing_left() -> Values:
    return result(CENTRE, "NO_DATA", "MSG00100", information=_counted("decisionsOutsidePeriod", 2))


def _every_outcome() -> list[Values]:
    return [
        result(EAST, "NOT_CONNECTED", "MSG00020"),
        result(CENTRE, "ANSWERED", "MSG00000", socialReport=reports.single_report()),
        result(SOUTH, "PENDING", "MSG00020", since="2026-11-21T10:00:00.120Z"),
        result("0200000142", "UNANSWERED", "MSG00020", since="2026-11-20T10:00:00.120Z"),
        result("0200000241", "NO_DATA", "MSG00100"),
        result("0200000340", "REFUSED", "MSG00027"),
    ]


def _other_codes() -> list[Values]:
    return [
        result(EAST, "UNANSWERED", "MSG00023", since="2026-11-20T09:00:00.000Z"),
        result(CENTRE, "ANSWERED", "RSE00021"),
        result(SOUTH, "NO_DATA", "MSG00100", late="true"),
        result("0200000142", "REFUSED", "MSG00021"),
    ]
