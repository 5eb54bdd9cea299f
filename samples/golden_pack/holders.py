"""Good messages between the gateway and the CPAS beyond the question: provide, deliver and receive."""

from dataclasses import replace

from golden_pack import blocks, reports
from golden_pack.blocks import Values
from golden_pack.consultations import result
from golden_pack.ground import CENTRE, CONSULTATION, JEANNE, NORTH, NOW, OWN_TICKET, cpas_key, gateway_key
from golden_pack.sample import ACCEPTED, Expected, Family, Pack, Sample, Sentence
from golden_pack.tree import message, pretty
from rse_gateway.contract.trail_header import trail_header

QUESTION: Sentence = (
    "La question de la passerelle à un CPAS détenteur.",
    "De vraag van de gateway aan een OCMW dat het dossier heeft.",
    "The gateway's question to a holding CPAS.",
)


def add(pack: Pack) -> None:
    """Add the family."""
    provide = Family(pack=pack, folder="good/provideSocialReport", operation="provideSocialReport")
    question = _questions(provide)
    _answers(replace(provide, direction="answer"), question)
    deliver = Family(pack=pack, folder="good/deliverSocialReport", operation="deliverSocialReport")
    _deliver(deliver, replace(deliver, direction="answer"))
    receive = Family(pack=pack, folder="good/receiveSocialReport", operation="receiveSocialReport")
    _receive(receive, replace(receive, direction="answer"))


def question_digest() -> bytes:
    """Return the Body digest of the signed question, which an answer's trail header names."""
    payload = message("provideSocialReportRequest", blocks.question())
    pretty(payload)
    return gateway_key().signer.sign(payload, created=NOW).body_digest


def _questions(family: Family) -> Sample:
    payload = message("provideSocialReportRequest", blocks.question())
    signed = family.both("request", payload, QUESTION, key=gateway_key())
    family.signed("request-rsa", payload, QUESTION, key=gateway_key(rsa=True))
    reminder = message("provideSocialReportRequest", blocks.question(reminder=3))
    family.both(
        "request-reminder",
        reminder,
        ("Le troisième rappel de la même question.", "De derde herinnering van dezelfde vraag.",
         "The third reminder of the same question."),
        key=gateway_key(),
    )  # fmt: skip
    return signed


def _answers(family: Family, question: Sample) -> None:
    for name, (state, report, shows) in _holder_answers().items():
        payload = message("provideSocialReportResponse", blocks.holder_answer(state, report))
        trail = trail_header(question_digest()) if name == "answer-full" else None
        family.both(name, payload, shows, key=cpas_key(CENTRE), trail=trail, question=question.path)
    payload = message("provideSocialReportResponse", blocks.holder_answer(_found(), reports.single_report()))
    family.signed(
        "answer-rsa",
        payload,
        ("Un rapport, signé en RSA.", "Een verslag, ondertekend met RSA.", "A report, signed with RSA."),
        key=cpas_key(CENTRE, rsa=True),
        question=question.path,
    )
    late = blocks.holder_answer(blocks.status("ACCEPTED", "MSG00000"))
    for block in ("ticket", "timestampReceive", "timestampReply"):
        del late["informationSupplier"][block]
    family.both(
        "answer-accepted-minimal",
        message("provideSocialReportResponse", late),
        ("Le détenteur répondra plus tard ; aucun élément facultatif.",
         "Het OCMW antwoordt later; geen facultatief element.",
         "The holder will answer later; no optional element."),
        key=cpas_key(CENTRE),
        question=question.path,
    )  # fmt: skip


def _found() -> Values:
    return blocks.status("DATA_FOUND", "MSG00000")


def _holder_answers() -> dict[str, tuple[Values, reports.Report | None, Sentence]]:
    return {
        "answer-full": (_found(), reports.full_report(), (
            "Un rapport avec tous les éléments facultatifs, et l'en-tête qui nomme la question.",
            "Een verslag met alle facultatieve elementen, en de header die de vraag noemt.",
            "A report with every optional element, and the header that names the question.")),
        "answer-bare": (_found(), reports.bare_report(), (
            "Un rapport sans élément facultatif.", "Een verslag zonder facultatief element.",
            "A report without optional element.")),
        "answer-old-file": (_found(), reports.old_file_report(), (
            "Un vieux dossier clos : le strict minimum d'une décision et d'une aide.",
            "Een oud gesloten dossier: het strikte minimum van een beslissing en een steun.",
            "An old closed file: the bare minimum of a decision and an aid.")),
        "answer-decision-outside": (_found(), reports.report_with_decisions_outside(), (
            "Une décision hors période : la passerelle l'écarte et la compte.",
            "Een beslissing buiten de periode: de gateway laat ze weg en telt ze.",
            "A decision outside the period: the gateway leaves it out and counts it.")),
        "answer-no-data": (blocks.status("NO_DATA_FOUND", "MSG00100"), None, (
            "Rien dans la période.", "Niets in de periode.", "Nothing in the period.")),
        "answer-refused": (blocks.status("NO_RESULT", "MSG00027"), None, (
            "Le détenteur refuse : données non autorisées.", "Het OCMW weigert: gegevens niet toegelaten.",
            "The holder refuses: data not authorised.")),
        "answer-unknown-person": (blocks.status("NO_RESULT", "MSG00021"), None, (
            "Le détenteur ne connaît pas la personne.", "Het OCMW kent de persoon niet.",
            "The holder does not know the person.")),
        "answer-later": (blocks.status("ACCEPTED", "MSG00000"), None, (
            "Le détenteur répondra plus tard par deliverSocialReport.",
            "Het OCMW antwoordt later met deliverSocialReport.",
            "The holder will answer later by deliverSocialReport.")),
    }  # fmt: skip


def delivery(state: Values, report: reports.Report | None = None) -> Values:
    """Return the children of a delivery: a late answer that its holder pushes."""
    who = blocks.customer(CENTRE, ticket="C-2026-0107", role="SYSTEM", user="logiciel-7",
                          file_reference="C-2023-014")  # fmt: skip
    values = blocks.request({"ticketCBSS": CONSULTATION, "ssin": JEANNE}, who=who)
    values["supplierStatus"] = state
    return values | {"socialReport": report} if report is not None else values


def _deliver(requests: Family, answers: Family) -> None:
    values = delivery(_found(), reports.single_report())
    cases = {
        "request": (values, ("Une réponse tardive, poussée par le détenteur.",
                             "Een laattijdig antwoord, doorgestuurd door het OCMW.",
                             "A late answer, pushed by the holder.")),
        "request-no-data": (delivery(blocks.status("NO_DATA_FOUND", "MSG00100")), (
            "Une réponse tardive : rien dans la période.", "Een laattijdig antwoord: niets in de periode.",
            "A late answer: nothing in the period.")),
        "request-refused": (delivery(blocks.status("NO_RESULT", "MSG00027")), (
            "Une réponse tardive : refus.", "Een laattijdig antwoord: weigering.",
            "A late answer: a refusal.")),
    }  # fmt: skip
    for name, (content, shows) in cases.items():
        requests.both(name, message("deliverSocialReportRequest", content), shows, key=cpas_key(CENTRE))
    for name, value, code, shows in (
        ("answer-ok", "OK", "MSG00000", ("La remise est acceptée.", "De levering is aanvaard.",
                                         "The delivery is accepted.")),
        ("answer-past-the-horizon", "NOK", "RSE00005", ("Trop tard : la remise est refusée.",
                                                        "Te laat: de levering is geweigerd.",
                                                        "Too late: the delivery is refused.")),
        ("answer-conflict", "NOK", "RSE00006", ("Un autre contenu avait déjà été remis.",
                                                "Er was al een andere inhoud geleverd.",
                                                "Other content had been delivered already.")),
        ("answer-unusable", "NOK", "MSG00023", ("Le rapport remis est inutilisable.",
                                                "Het geleverde verslag is onbruikbaar.",
                                                "The delivered report is unusable.")),
    ):  # fmt: skip
        state = blocks.status(value, code)
        payload = message("deliverSocialReportResponse", blocks.answer(values, state))
        answers.both(name, payload, shows, key=gateway_key(), expected=_write_outcome(value, code))


def _write_outcome(value: str, code: str) -> Expected:
    return ACCEPTED if value == "OK" else Expected(outcome=value, code=code)


def _receive(requests: Family, answers: Family) -> None:
    values = {
        "informationCustomer": blocks.forwarded(),
        "informationCBSS": blocks.gateway_block(CONSULTATION, replied=False),
        "legalContext": "PCSA:SOCIAL_INQUIRY",
        "criteria": blocks.person_criteria(),
        "supplierResult": result(
            CENTRE, "ANSWERED", "MSG00000", late="true", socialReport=reports.single_report()
        ),
    }
    shows = (
        "La passerelle pousse une réponse tardive au CPAS demandeur.",
        "De gateway stuurt een laattijdig antwoord naar het vragende OCMW.",
        "The gateway pushes a late answer to the requesting CPAS.",
    )
    requests.both("request", message("receiveSocialReportRequest", values), shows, key=gateway_key())
    for name, value, code, words in (
        ("answer-ok", "OK", "MSG00000", ("Bien reçu.", "Goed ontvangen.", "Well received.")),
        ("answer-nok", "NOK", "RSE00004", ("Ce ticket n'est pas à nous.", "Dit ticket is niet van ons.",
                                           "This ticket is not ours.")),
    ):  # fmt: skip
        copied = {block: values[block] for block in ("informationCustomer", "legalContext", "criteria")}
        said = blocks.answer(copied, blocks.status(value, code), ticket=OWN_TICKET)
        payload = message("receiveSocialReportResponse", said)
        answers.both(name, payload, words, key=cpas_key(NORTH), expected=_write_outcome(value, code))
