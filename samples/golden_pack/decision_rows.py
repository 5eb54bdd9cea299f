"""One answer of a holding CPAS per row of the contract's table "which decisions belong to a period".

The question is about 2022-01-01 to 2026-11-20, accepted on 2026-11-21. Each report holds a decision that
belongs and one that does not; where none belongs, the asker gets NO_DATA.
"""

from typing import Any, Final

from golden_pack import blocks, reports
from golden_pack.ground import CENTRE, PARTNER, cpas_key
from golden_pack.sample import Family, Pack, Sentence
from golden_pack.tree import message

QUESTION: Final = "messages/good/provideSocialReport/request.signed.xml"
_Case = tuple[list[reports.Report], Sentence]


def add(pack: Pack) -> None:
    """Add the family."""
    folder = "good/provideSocialReport/decisions"
    family = Family(pack=pack, folder=folder, operation="provideSocialReport", direction="answer")
    for name, (decisions, shows) in (_of_time() | _of_replacement() | _of_age()).items():
        report = {"beneficiary": reports.beneficiary(), "partner": {"ssin": PARTNER}, "decision": decisions}
        said = blocks.holder_answer(blocks.status("DATA_FOUND", "MSG00000"), report)
        payload = message("provideSocialReportResponse", said)
        family.both(name, payload, shows, key=cpas_key(CENTRE), question=QUESTION)


def _decision(ratified: str, *aids: reports.Report, kind: str = "GRANT", **more: Any) -> reports.Report:
    """Return a decision, its parts in the contract's order."""
    head = {"decisionType": kind, "ratificationDate": ratified}
    middle = {name: more[name] for name in ("duration", "entryIntoForceDate") if name in more}
    return head | middle | ({"aid": list(aids)} if aids else {})


def _aid(begin: str = "", end: str = "", *, code: str = "RIS", once: str = "") -> reports.Report:
    """Return an aid: closed by ``end``, paid once on the day ``once``, or open."""
    aid: reports.Report = {
        "legislation": "DRI",
        "aidType": {"code": code},
        "amount": reports.CATEGORY_SINGLE["2021"],
        "paymentFrequency": {"code": "ONCE" if once else "MONTHLY"},
    }
    if end:
        return aid | {"period": {"beginDate": begin, "endDate": end}}
    return aid | ({"effectiveFrom": begin or once} if begin or once else {})


def _lasts(value: str, unit: str) -> reports.Report:
    return {"value": value, "unit": unit}


def _of_time() -> dict[str, _Case]:
    return {
        "instants": ([
            _decision("2021-12-31", kind="REFUSAL"),
            _decision("2021-12-07", kind="SANCTION", entryIntoForceDate="2022-01-01"),
            _decision("2022-01-01", kind="RECOVERY")], (
            "Un refus, une sanction, une récupération sans durée : leur début compte, seul.",
            "Een weigering, een sanctie, een terugvordering zonder duur: alleen hun begin telt.",
            "A refusal, a sanction, a recovery without duration: their start counts, alone.")),
        "with-duration": ([
            _decision("2021-12-01", kind="SANCTION", duration=_lasts("1", "MONTHS")),
            _decision("2021-11-30", kind="SANCTION", duration=_lasts("1", "MONTHS"))], (
            "Avec une durée : son dernier jour compte encore ; l'autre finit avant.",
            "Met een duur: de laatste dag telt nog mee; de andere eindigt ervoor.",
            "With a duration: its last day still counts; the other one ends before.")),
        "closed-aids": ([
            _decision("2021-12-01", _aid("2021-01-01", "2021-06-30"), _aid("2021-07-01", "2022-01-01")),
            _decision("2021-12-02", _aid("2021-01-01", "2021-12-31"))], (
            "Des aides qui ont toutes une fin : la dernière compte.",
            "Steun die telkens een einde heeft: het laatste telt.",
            "Aids that all have an end: the latest counts.")),
        "paid-once": ([
            _decision("2021-12-01", _aid(code="INSTALLATION_PREMIUM", once="2022-01-01")),
            _decision("2021-12-02", _aid(code="INSTALLATION_PREMIUM", once="2021-12-31"))], (
            "Une aide payée une fois a un seul jour.", "Eenmalige steun heeft één dag.",
            "Aid that is paid once has one day.")),
        "granted-backwards": ([
            _decision("2026-11-20", _aid("2026-09-01", "2026-12-31"), entryIntoForceDate="2026-11-21"),
            _decision("2026-11-20", _aid("2026-12-01", "2027-01-31"), entryIntoForceDate="2026-11-21")], (
            "Une aide accordée avec effet rétroactif : son premier jour compte.",
            "Steun met terugwerkende kracht: de eerste dag telt.",
            "Aid granted backwards: its first day counts.")),
    }  # fmt: skip


def _of_replacement() -> dict[str, _Case]:
    return {
        "open-aid": ([
            _decision("2021-11-23", _aid()),
            _decision("2021-12-01", kind="REFUSAL")], (
            "Une aide sans fin court encore.", "Steun zonder einde loopt nog.",
            "Aid without an end still runs.")),
        "replaced": ([
            _decision("2021-11-23", _aid()),
            _decision("2022-01-01", _aid(), kind="REVISION")], (
            "Même aide décidée à nouveau au premier jour de la période : l'ancienne finit la veille.",
            "Dezelfde steun, opnieuw beslist op de eerste dag van de periode: de oude eindigt ervoor.",
            "The same aid, decided anew on the period's first day: the old decision ends before.")),
        "not-replaced": ([
            _decision("2021-11-23", _aid()),
            _decision("2021-12-07", _aid(code="RIS_COMPLEMENT"), kind="REVISION"),
            _decision("2021-12-14", kind="SUSPENSION", duration=_lasts("2", "WEEKS"))], (
            "Une autre aide, ou une décision avec une durée, ne remplace rien.",
            "Andere steun, of een beslissing met een duur, vervangt niets.",
            "Another aid, or a decision with a duration, replaces nothing.")),
        "without-aid": ([
            _decision("2021-12-07", kind="SUSPENSION"),
            _decision("2021-12-21", _aid(), kind="REVISION")], (
            "Une décision sans aide est remplacée par la suivante qui porte une aide.",
            "Een beslissing zonder steun wordt vervangen door de volgende met steun.",
            "A decision without aid is replaced by the next one that has aid.")),
    }  # fmt: skip


def _of_age() -> dict[str, _Case]:
    return {
        "cap-same-day": ([
            _decision("2021-11-21", _aid()),
            _decision("2021-11-20", _aid())], (
            "Cinq ans jour pour jour compte encore ; la veille ne se transmet plus, et ne se compte pas.",
            "Vijf jaar op de dag telt nog; de dag ervoor wordt niet doorgegeven en niet geteld.",
            "Five years to the day still counts; the day before is not passed on, and not counted.")),
        "cap-runs": ([
            _decision("2021-11-20", _aid(), entryIntoForceDate="2024-01-01"),
            _decision("2024-05-21", _aid(code="FINANCIAL_AID"))], (
            "Une décision trop ancienne ne se transmet pas, même si son aide court.",
            "Een te oude beslissing wordt niet doorgegeven, ook al loopt de steun.",
            "A decision too old is not passed on, even where its aid runs.")),
        "cap-refusal-of-1999": ([_decision("1999-03-02", kind="REFUSAL")], (
            "Seul un refus de 1999 : rien à transmettre, rien à compter.",
            "Alleen een weigering van 1999: niets door te geven, niets te tellen.",
            "A refusal of 1999 alone: nothing to pass on, nothing to count.")),
        "nothing-left": ([
            _decision("2021-11-30", kind="REFUSAL"),
            _decision("2021-12-07", kind="REFUSAL")], (
            "Tout est hors période : le demandeur reçoit NO_DATA et le compte, sans partenaire.",
            "Alles ligt buiten de periode: de vrager krijgt NO_DATA en het aantal, zonder partner.",
            "All is outside the period: the asker gets NO_DATA and the count, without partner.")),
        "contradictory": ([
            _decision("2025-03-11", _aid("2025-03-01", "2025-02-28")),
            _decision("2025-03-11", _aid("2025-04-01", "2025-04-01"))], (
            "Une aide finit avant son début : cette décision seule est écartée et comptée.",
            "Steun eindigt voor het begin: alleen die beslissing wordt weggelaten en geteld.",
            "An aid ends before its begin: that decision alone is left out and counted.")),
    }  # fmt: skip
