"""Every code of every list of a socialReport, and every form that a period, duration or income may have."""

from golden_pack import blocks, reports
from golden_pack.ground import CHILD, PARTNER, cpas_key
from golden_pack.reports import Report
from golden_pack.sample import Family, Pack, Sentence
from golden_pack.tree import message

DECISION_TYPES = ("GRANT", "REFUSAL", "REVISION", "EXTENSION", "SUSPENSION", "SANCTION", "RECOVERY")
LEGISLATIONS = ("DRI", "ERI", "INSTALLATION_PREMIUM")
AID_TYPES = ("RIS", "FINANCIAL_AID", "RIS_COMPLEMENT", "INSTALLATION_PREMIUM")
FREQUENCIES = ("MONTHLY", "WEEKLY", "DAILY", "YEARLY", "ONCE")
ELEMENT_TYPES = (
    "PROFESSIONAL_INCOME", "UNEMPLOYMENT_BENEFIT", "PENSION", "SICKNESS_BENEFIT", "DISABILITY_ALLOWANCE",
    "REAL_ESTATE_INCOME", "MOVABLE_INCOME", "ASSET_TRANSFER", "BENEFIT_IN_KIND", "ALIMONY", "EXEMPTION",
)  # fmt: skip


def add(pack: Pack) -> None:
    """Add the family."""
    family = Family(
        pack=pack,
        folder="good/provideSocialReport/codes",
        operation="provideSocialReport",
        direction="answer",
    )
    for name, (report, shows) in (_lists() | _forms()).items():
        state = blocks.status("DATA_FOUND", "MSG00000")
        payload = message("provideSocialReportResponse", blocks.holder_answer(state, report))
        family.unsigned(name, payload, shows, key=cpas_key("0299990217"))


def _decisions(*decisions: Report) -> Report:
    return {"beneficiary": reports.beneficiary(), "decision": list(decisions)}


def _decision(kind: str = "GRANT", **more: object) -> Report:
    return {"decisionType": kind, "ratificationDate": "2025-03-11", **more}


def _aid(legislation: str = "DRI", aid_type: Report | None = None, **more: object) -> Report:
    return {"legislation": legislation, "aidType": aid_type or {"code": "RIS"}, **more}


def _element(kind: Report, unit: str = "MONTH", **more: object) -> Report:
    return {"elementType": kind, "amount": "120.00", "unit": unit, **more}


def _lists() -> dict[str, tuple[Report, Sentence]]:
    aids = [_aid(aid_type={"code": code}) for code in AID_TYPES]
    aids.append(_aid(aid_type={"other": "Aide médicale urgente / dringende medische hulp"}))
    paid = [_aid(amount="70.00", paymentFrequency={"code": code}) for code in FREQUENCIES]
    paid.append(_aid(amount="70.00", paymentFrequency={"other": "Par trimestre / per kwartaal"}))
    elements = [_element({"code": code}) for code in ELEMENT_TYPES]
    elements.append(_element({"other": "Bourse d'étude / studiebeurs"}, "YEAR"))
    return {
        "decision-types": (_decisions(*map(_decision, DECISION_TYPES)), (
            "Les sept types de décision.", "De zeven soorten beslissing.", "The seven types of decision.")),
        "legislations": (_decisions(_decision(aid=[_aid(law) for law in LEGISLATIONS])), (
            "Les trois législations.", "De drie wetgevingen.", "The three legislations.")),
        "aid-types": (_decisions(_decision(aid=aids)), (
            "Tous les types d'aide, et un autre, décrit.", "Alle soorten steun, en een andere, beschreven.",
            "Every type of aid, and another one, described.")),
        "payment-frequencies": (_decisions(_decision(aid=paid)), (
            "Toutes les périodicités de paiement, et une autre, décrite.",
            "Alle betaalfrequenties, en een andere, beschreven.",
            "Every payment frequency, and another one, described.")),
        "element-types": (_decisions(_decision(aid=_aid(calculationElement=elements))), (
            "Tous les éléments de calcul, et un autre, décrit.",
            "Alle berekeningselementen, en een ander, beschreven.",
            "Every calculation element, and another one, described.")),
    }  # fmt: skip


def _forms() -> dict[str, tuple[Report, Sentence]]:
    begin = {"beginDate": "2025-03-01"}
    periods = [_aid(period=begin | {"endDate": "2026-02-28"})]
    durations = []
    for value, unit in (("12", "MONTHS"), ("6", "WEEKS"), ("90", "DAYS")):
        length = {"value": value, "unit": unit}
        periods.append(_aid(period=begin | {"duration": length}))
        durations.append(_decision(duration=length, entryIntoForceDate="2025-03-01"))
    incomes = [
        {"ssin": PARTNER, "amount": "1050.00", "unit": "MONTH"},
        {"ssin": CHILD, "amount": "2400.00", "unit": "YEAR"},
    ]
    shared = [
        _element({"code": "PENSION"}, cohabitantIncome=incomes),
        _element({"code": "ALIMONY"}, "YEAR", cohabitantIncome=incomes[:1]),
    ]
    flags = [_decision(followsJudgment=flag) for flag in ("true", "false", "1", "0")]
    return {
        "periods": (_decisions(_decision(aid=[*periods, _aid()])), (
            "Période : début et fin, ou début et durée, ou aucune.",
            "Periode: begin en einde, of begin en duur, of geen.",
            "Period: begin and end, or begin and duration, or none.")),
        "durations": (_decisions(*durations, _decision()), (
            "Durée en mois, en semaines, en jours, ou sans durée.",
            "Duur in maanden, weken, dagen, of zonder duur.",
            "Duration in months, weeks, days, or without one.")),
        "cohabitant-incomes": (_decisions(_decision(aid=_aid(calculationElement=shared))), (
            "Revenus de cohabitants, par mois et par an, un ou plusieurs.",
            "Inkomens van samenwonenden, per maand en per jaar, één of meer.",
            "Incomes of cohabitants, per month and per year, one or more.")),
        "booleans": (_decisions(*flags), (
            "Les quatre écritures de vrai et faux.", "De vier schrijfwijzen van waar en onwaar.",
            "The four ways to write true and false.")),
        "amount-bounds": (_decisions(_decision(aid=[_aid(amount="0.00"), _aid(amount="999999999.99")])), (
            "Le plus petit et le plus grand montant.", "Het kleinste en het grootste bedrag.",
            "The smallest and the largest amount.")),
    }  # fmt: skip
