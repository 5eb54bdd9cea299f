"""Whatever an import accepts, every message that shows it can be written: one bound in readers and XSD."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import xmlschema
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from rse_gateway.domain.bounds import FIRST_DAY, LAST_DAY, MAX_NAME, MAX_QUALITY_CODE, MAX_TELEPHONE
from rse_gateway.registration.fields import Fields
from rse_gateway.registration.institution_reader import LEGAL_CONTEXT, TELEPHONE

TYPES = xmlschema.XMLSchema(str(Path(__file__).parents[2] / "xsd/common/common-v1.xsd")).types
TEXT = st.text(max_size=MAX_NAME + 2)
ODD = st.text("\ufffe\uffff\u202e\u2066\ufeff\u200e\u061c\t\n\x85\u2028 a\u00e9", min_size=1, max_size=8)


def sayable(kind: str, value: str) -> bool:
    """Tell whether an element of that type can be written with that value."""
    element = etree.Element("value")
    try:
        element.text = value
    except ValueError:
        return False
    found: Any = TYPES[kind]
    return bool(found.is_valid(value))


def read(value: object, longest: int, form: str | None = None) -> str | None:
    return Fields({"field": value}, "institution 1", lambda _name: 1).text("field", longest, form=form)


@given(TEXT | ODD)
@example("\ufffe")
def test_a_name_that_is_read_can_be_shown(value: str) -> None:
    if read(value, MAX_NAME) is not None:
        assert sayable("NameType", value)


@given(st.text("0123456789+ /.()-x", max_size=MAX_TELEPHONE + 2))
def test_a_telephone_number_that_is_read_can_be_shown(value: str) -> None:
    if read(value, MAX_TELEPHONE, TELEPHONE) is not None:
        assert sayable("TelephoneType", value)


@given(st.text("AZ09_:a", max_size=66))
def test_a_legal_context_that_is_read_can_be_shown(value: str) -> None:
    if Fields({"field": [value]}, "", lambda _name: 1).texts("field", LEGAL_CONTEXT, ""):
        assert sayable("LegalContextType", value)


@given(st.dates())
@example(FIRST_DAY - timedelta(1))
@example(LAST_DAY + timedelta(1))
@example(date(9999, 12, 31))
def test_a_date_that_is_read_can_be_shown(value: date) -> None:
    day = Fields({"field": value}, "", lambda _name: 1).day("field")
    assert (day is not None) == (FIRST_DAY <= value <= LAST_DAY)
    assert day is None or sayable("DateType", day.isoformat())


@pytest.mark.parametrize("code", [0, 1, 8, 40, MAX_QUALITY_CODE])
def test_the_quality_codes_of_the_domain_are_those_of_the_contract(code: int) -> None:
    assert sayable("QualityCodeType", str(code))
    assert not sayable("QualityCodeType", str(MAX_QUALITY_CODE + 1))
