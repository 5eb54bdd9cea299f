"""Good questions of the gateway to a holding CPAS, and good answers."""

from dataclasses import replace

from golden_pack import blocks, reports
from golden_pack.blocks import Values
from golden_pack.ground import (
    BIS_PERSON,
    CENTRE,
    HOSTED_CONSULTATION,
    MERGED_CONSULTATION,
    MERGED_FILE,
    NOW,
    SOUTH,
    SPRINGS,
    WEST,
    cpas_key,
    gateway_key,
)
from golden_pack.sample import Family, Pack, Sample, Sentence
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
    _for_others(provide, replace(provide, direction="answer"))


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


def _for_others(requests: Family, answers: Family) -> None:
    """Add questions that somebody else than the CPAS asked answers: its host, or its successor."""
    west = blocks.question(holder=WEST, ssin=BIS_PERSON, ticket=HOSTED_CONSULTATION,
                           requested="N-2026-000007")  # fmt: skip
    springs = blocks.question(holder=SPRINGS, ssin=MERGED_FILE, ticket=MERGED_CONSULTATION,
                              requested="N-2026-000008", reminder=41)  # fmt: skip
    cases: dict[str, tuple[Values, str, str, Sentence, Sentence]] = {
        "shared-host": (west, WEST, CENTRE, (
            "La question à un CPAS dont le logiciel tourne ailleurs.",
            "De vraag aan een OCMW waarvan de software elders draait.",
            "The question to a CPAS whose software runs elsewhere."), (
            "Un hébergeur partagé répond pour un CPAS qui lui a donné mandat.",
            "Een gedeelde host antwoordt voor een OCMW dat hem een mandaat gaf.",
            "A shared host answers for a CPAS that gave it a mandate.")),
        "successor": (springs, SPRINGS, SOUTH, (
            "Un rappel de la question à un CPAS qui a fusionné depuis.",
            "Een herinnering van de vraag aan een OCMW dat sindsdien fuseerde.",
            "A reminder of the question to a CPAS that was merged since."), (
            "Le CPAS né de la fusion répond à la place de son prédécesseur.",
            "Het OCMW uit de fusie antwoordt in de plaats van zijn voorganger.",
            "The CPAS that the merger left answers in its predecessor's place.")),
    }  # fmt: skip
    for name, (asked, holder, by, shows, words) in cases.items():
        payload = message("provideSocialReportRequest", asked)
        question = requests.both(f"request-to-{name}", payload, shows, key=gateway_key())
        report = reports.single_report(asked["criteria"]["ssin"])
        said = blocks.holder_answer(_found(), report, holder=holder, asked=asked)
        payload = message("provideSocialReportResponse", said)
        answers.both(f"answer-by-{name}", payload, words, key=cpas_key(by), question=question.path)


def _found() -> Values:
    return blocks.status("DATA_FOUND", "MSG00000")


def _ended_before_it_began() -> reports.Report:
    return reports.with_aid({"period": {"beginDate": "2025-03-01", "endDate": "2025-02-28"}})


def _holder_answers() -> dict[str, tuple[Values, reports.Report | None, Sentence]]:
    return {
        "answer-full": (_found(), reports.full_report(), (
            "Un rapport avec tous les éléments facultatifs, et l'en-tête qui nomme la question.",
            "Een verslag met alle facultatieve elementen, en de header die de vraag noemt.",
            "A report with every optional element, and the header that names the question.")),
        "answer-bare": (_found(), reports.bare_report(), (
            "Un rapport sans élément facultatif.", "Een verslag zonder facultatief element.",
            "A report without optional element.")),
        "answer-largest": (_found(), reports.largest_report(), (
            "Presque la plus grande réponse admise : signée, un peu moins de 1 MiB.",
            "Bijna het grootste toegelaten antwoord: ondertekend iets minder dan 1 MiB.",
            "Nearly the largest answer allowed: signed, a little less than 1 MiB.")),
        "answer-old-file": (_found(), reports.old_file_report(), (
            "Un vieux dossier clos : le strict minimum d'une décision et d'une aide.",
            "Een oud gesloten dossier: het strikte minimum van een beslissing en een steun.",
            "An old closed file: the bare minimum of a decision and an aid.")),
        "answer-decision-outside": (_found(), reports.report_with_decisions_outside(), (
            "Une décision hors période : la passerelle l'écarte et la compte.",
            "Een beslissing buiten de periode: de gateway laat ze weg en telt ze.",
            "A decision outside the period: the gateway leaves it out and counts it.")),
        "answer-period-ends-before-it-begins": (_found(), _ended_before_it_began(), (
            "Une période d'aide finit avant de commencer : la décision est écartée et comptée.",
            "Een steunperiode eindigt vóór ze begint: de beslissing wordt weggelaten en geteld.",
            "A period of aid ends before it begins: the decision is left out and counted.")),
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
