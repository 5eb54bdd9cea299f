"""Files of invented persons with decisions of every kind, close enough in time to replace each other."""

from datetime import date, timedelta

from hypothesis import strategies as st

DAYS = st.dates(date(2019, 1, 1), date(2026, 12, 31))
_ISO = DAYS.map(date.isoformat)
_KINDS = ("GRANT", "REFUSAL", "REVISION", "EXTENSION", "SUSPENSION", "SANCTION", "RECOVERY")
_DURATIONS = st.fixed_dictionaries(
    {"value": st.integers(1, 40), "unit": st.sampled_from(["MONTHS", "WEEKS", "DAYS"])}
)
_AID_PERIODS = st.one_of(
    st.fixed_dictionaries({"beginDate": _ISO, "endDate": _ISO}),
    st.fixed_dictionaries({"beginDate": _ISO, "duration": _DURATIONS}),
)
_AIDS = st.fixed_dictionaries(
    {
        "legislation": st.sampled_from(["DRI", "ERI"]),
        "aidType": st.sampled_from(
            [{"code": "RIS"}, {"code": "FINANCIAL_AID"}, {"other": "Aide A"}, {"other": "RIS"}]
        ),
    },
    optional={
        "paymentFrequency": st.sampled_from([{"code": "MONTHLY"}, {"code": "ONCE"}, {"other": "ONCE"}]),
        "period": _AID_PERIODS,
        "effectiveFrom": _ISO,
    },
)


@st.composite
def _decisions(draw: st.DrawFn) -> dict[str, object]:
    kind = draw(st.sampled_from(_KINDS))
    decision: dict[str, object] = {"decisionType": kind, "ratificationDate": draw(_ISO)}
    if draw(st.integers(0, 3)) == 0:
        decision["duration"] = draw(_DURATIONS)
    if draw(st.booleans()):
        decision["entryIntoForceDate"] = draw(_ISO)
    if kind != "REFUSAL":
        decision["aid"] = draw(st.lists(_AIDS, max_size=3))
    return decision


def files(ssin: str, partner: str) -> st.SearchStrategy[dict[str, object]]:
    """Return the strategy of a person's file with up to eight decisions."""
    return st.fixed_dictionaries(
        {
            "beneficiary": st.just({"ssin": ssin, "lastName": "Modèle"}),
            "partner": st.just({"ssin": partner}),
            "decision": st.lists(_decisions(), max_size=8),
        }
    )


ASKED = st.tuples(DAYS, st.integers(0, 1500)).map(lambda one: (one[0], one[0] + timedelta(days=one[1])))
"""Begin and end of an asked period."""
