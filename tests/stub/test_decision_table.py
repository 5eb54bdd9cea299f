"""The contract's table "which decisions belong to a period", row by row, on both implementations at once."""

from datetime import date

import pytest

from rse_cpas_stub.period import Period, cut
from rse_cpas_stub.report import report_of
from rse_gateway.contract.decision_dates import decision_dates
from rse_gateway.domain.consultation import Period as AskedPeriod
from rse_gateway.domain.decisions import Verdict, judge_decisions

BEGIN, END, OLDEST = date(2024, 1, 1), date(2024, 12, 31), date(2021, 6, 1)
"""A question about 2024; what was ratified before 1 June 2021 is told to nobody."""
IN, OUT, WRONG, OLD = Verdict.BELONGS, Verdict.OUTSIDE, Verdict.CONTRADICTORY, Verdict.TOO_OLD


def aid(begin=None, end=None, *, lasts=None, kind="RIS", law="DRI", once=False, effective=None):
    """One aid; ``lasts`` = number and unit."""
    made = {"legislation": law, "aidType": {"code": kind}}
    if once:
        made["paymentFrequency"] = {"code": "ONCE"}
    if begin is not None:
        made["period"] = {"beginDate": begin}
        if end is not None:
            made["period"]["endDate"] = end
        else:
            made["period"]["duration"] = {"value": lasts[0], "unit": lasts[1]}
    if effective is not None:
        made["effectiveFrom"] = effective
    return made


def decided(ratified, *aids, kind="GRANT", force=None, lasts=None):
    """One decision; ``force`` = its entry into force."""
    made = {"decisionType": kind, "ratificationDate": ratified, "aid": list(aids)}
    if force is not None:
        made["entryIntoForceDate"] = force
    if lasts is not None:
        made["duration"] = {"value": lasts[0], "unit": lasts[1]}
    return made


ROWS = {
    "a refusal is an instant: on the first day": ([decided("2024-01-01", kind="REFUSAL")], [IN]),
    "a refusal is an instant: on the last day": ([decided("2024-12-31", kind="REFUSAL")], [IN]),
    "a refusal is an instant: the day before": ([decided("2023-12-31", kind="REFUSAL")], [OUT]),
    "a refusal of 1999 in a question of five years": ([decided("1999-03-01", kind="REFUSAL")], [OLD]),
    "a recovery without duration is an instant": ([decided("2023-12-31", aid(), kind="RECOVERY")], [OUT]),
    "a sanction without duration is an instant": ([decided("2023-06-01", kind="SANCTION")], [OUT]),
    "an instant is where it enters into force": (
        [decided("2023-06-01", kind="SANCTION", force="2024-02-01")],
        [IN],
    ),
    "a sanction with a duration lasts": (
        [decided("2023-12-15", kind="SANCTION", lasts=(1, "MONTHS"))],
        [IN],
    ),
    "a duration's last day counts": ([decided("2023-12-01", lasts=(1, "MONTHS"))], [IN]),
    "a duration that ended the day before": ([decided("2023-11-30", lasts=(1, "MONTHS"))], [OUT]),
    "a month takes the last day of a shorter one": ([decided("2023-10-31", lasts=(2, "MONTHS"))], [OUT]),
    "a duration in weeks": ([decided("2023-12-25", lasts=(1, "WEEKS"))], [IN]),
    "a duration in days": ([decided("2023-12-30", lasts=(1, "DAYS"))], [OUT]),
    "with a duration, aid granted backwards counts from its begin": (
        [decided("2025-02-01", aid("2024-12-15", "2025-12-31"), lasts=(12, "MONTHS"))],
        [IN],
    ),
    "with a duration, its aids' ends do not count": (
        [decided("2023-01-01", aid("2023-01-01", "2024-06-30"), lasts=(6, "MONTHS"))],
        [OUT],
    ),
    "it begins after the period": ([decided("2025-01-01", lasts=(12, "MONTHS"))], [OUT]),
    "aid with an end": ([decided("2023-01-01", aid("2023-01-01", "2024-01-01"))], [IN]),
    "aid that ended the day before": ([decided("2023-01-01", aid("2023-01-01", "2023-12-31"))], [OUT]),
    "aid with a duration": ([decided("2023-01-01", aid("2023-01-01", lasts=(12, "MONTHS")))], [IN]),
    "the latest last day of several aids": (
        [decided("2022-01-01", aid("2022-01-01", "2022-06-30"), aid("2022-07-01", "2024-03-31"))],
        [IN],
    ),
    "aid paid once lasts its one day": (
        [decided("2023-11-01", aid(once=True, effective="2024-01-01"))],
        [IN],
    ),
    "aid paid once, before": ([decided("2023-11-01", aid(once=True, effective="2023-12-31"))], [OUT]),
    "aid paid once without a date is paid at the start": ([decided("2023-11-01", aid(once=True))], [OUT]),
    "aid paid once with an end has that end": (
        [decided("2023-11-01", aid("2023-11-01", "2024-02-01", once=True))],
        [IN],
    ),
    "granted backwards: ratified after the period": (
        [decided("2025-02-01", aid("2024-11-01", "2025-01-31"))],
        [IN],
    ),
    "granted backwards by effectiveFrom": ([decided("2025-02-01", aid(effective="2024-11-01"))], [IN]),
    "begin goes before effectiveFrom": (
        [decided("2025-02-01", aid("2025-01-01", "2025-06-30", effective="2024-11-01"))],
        [OUT],
    ),
    "open aid stays open": ([decided("2021-06-01", aid())], [IN]),
    "a decision without aid stays open": ([decided("2022-06-01", kind="SUSPENSION")], [IN]),
    "open aid replaced by the same aid": (
        [decided("2022-06-01", aid()), decided("2023-07-01", aid(), kind="REVISION")],
        [OUT, IN],
    ),
    "replaced on the first day of the period: its last day is the day before": (
        [decided("2022-06-01", aid()), decided("2024-01-01", aid(), kind="EXTENSION")],
        [OUT, IN],
    ),
    "replaced on the second day": (
        [decided("2022-06-01", aid()), decided("2024-01-02", aid(), kind="SUSPENSION")],
        [IN, IN],
    ),
    "replaced by its start, not by its first day": (
        [decided("2022-06-01", aid()), decided("2024-02-01", aid(effective="2023-01-01"))],
        [IN, IN],
    ),
    "the same day replaces nothing": (
        [decided("2022-06-01", aid()), decided("2022-06-01", aid(), kind="REVISION")],
        [IN, IN],
    ),
    "another aid type replaces nothing": (
        [decided("2022-06-01", aid()), decided("2023-07-01", aid(kind="FINANCIAL_AID"))],
        [IN, IN],
    ),
    "another legislation replaces nothing": (
        [decided("2022-06-01", aid()), decided("2023-07-01", aid(law="ERI"))],
        [IN, IN],
    ),
    "aid paid once replaces nothing": (
        [decided("2022-06-01", aid()), decided("2023-07-01", aid(once=True))],
        [IN, OUT],
    ),
    "what has a duration replaces nothing": (
        [decided("2022-06-01", aid()), decided("2023-07-01", aid(), lasts=(1, "MONTHS"))],
        [IN, OUT],
    ),
    "a sanction replaces nothing": (
        [decided("2022-06-01", aid()), decided("2023-07-01", aid(), kind="SANCTION")],
        [IN, OUT],
    ),
    "of several open aids the last replaced counts": (
        [
            decided("2022-06-01", aid(), aid(kind="FINANCIAL_AID")),
            decided("2023-07-01", aid()),
            decided("2024-03-01", aid(kind="FINANCIAL_AID")),
        ],
        [IN, IN, IN],
    ),
    "several open aids, all replaced before": (
        [
            decided("2022-06-01", aid(), aid(kind="FINANCIAL_AID")),
            decided("2023-07-01", aid(), aid(kind="FINANCIAL_AID")),
        ],
        [OUT, IN],
    ),
    "an aid with an end beside an open one does not count for the replacement": (
        [
            decided("2022-06-01", aid(), aid("2022-06-01", "2022-12-31", law="ERI")),
            decided("2023-07-01", aid()),
        ],
        [OUT, IN],
    ),
    "the first replacement counts, not the last": (
        [decided("2022-06-01", aid()), decided("2024-03-01", aid()), decided("2023-07-01", aid())],
        [OUT, IN, IN],
    ),
    "without aid: replaced by the next that has aid": (
        [decided("2022-06-01", kind="SUSPENSION"), decided("2023-07-01", aid(), kind="REVISION")],
        [OUT, IN],
    ),
    "without aid: it replaces nothing": (
        [decided("2022-06-01", aid()), decided("2023-07-01", kind="SUSPENSION")],
        [IN, IN],
    ),
    "without aid: not replaced by aid paid once": (
        [decided("2022-06-01", kind="SUSPENSION"), decided("2023-07-01", aid(once=True))],
        [IN, OUT],
    ),
    "contradictory: that decision alone": (
        [decided("2024-02-01", aid("2024-02-01", "2024-01-31")), decided("2024-03-01", aid())],
        [WRONG, IN],
    ),
    "an end on its begin is no contradiction": (
        [decided("2024-02-01", aid("2024-02-01", "2024-02-01"))],
        [IN],
    ),
    "the cap: the same day still counts": ([decided("2021-06-01", lasts=(5000, "DAYS"))], [IN]),
    "the cap: the day before, though its aid runs": ([decided("2021-05-31", aid())], [OLD]),
    "the cap looks at the ratification, not at the entry into force": (
        [decided("2021-05-31", aid(), force="2024-03-01")],
        [OLD],
    ),
    "the cap goes before what contradicts itself": (
        [decided("2020-01-01", aid("2024-02-01", "2024-01-31"))],
        [OLD],
    ),
    "a decision left out by the cap still replaces": (
        [decided("2022-01-01", aid(), force="2019-01-01"), decided("2021-05-01", aid())],
        [OUT, OLD],
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS)
def test_both_sides_follow_each_row_of_the_table(row: str) -> None:
    file, expected = ROWS[row]
    report = report_of({"beneficiary": {"ssin": "85073003328", "lastName": "Modèle"}, "decision": file})
    verdicts = judge_decisions(decision_dates(report), AskedPeriod(BEGIN, END), OLDEST)
    assert list(verdicts) == expected
    theirs = cut(file, Period(BEGIN, END), oldest=OLDEST)
    assert theirs.inside == [one for one, verdict in zip(file, expected, strict=True) if verdict is IN]
    counts = (theirs.outside, theirs.contradictory, theirs.too_old)
    assert counts == tuple(expected.count(verdict) for verdict in (OUT, WRONG, OLD))


def test_other_words_are_another_type_of_aid_and_never_a_code() -> None:
    def other(words: str) -> dict[str, object]:
        return {"legislation": "DRI", "aidType": {"other": words}}

    old = decided("2022-06-01", other("Aide  A"))
    for words, verdict in {"Aide A": OUT, "Aide B": IN, "RIS": IN}.items():
        file = [old, decided("2023-07-01", other(words))]
        report = report_of({"beneficiary": {"ssin": "85073003328"}, "decision": file})
        assert judge_decisions(decision_dates(report), AskedPeriod(BEGIN, END), None)[0] is verdict
        assert (cut(file, Period(BEGIN, END)).inside[0] is old) == (verdict is IN)
