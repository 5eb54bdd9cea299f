"""Identifiers are right or refused, and never show a person's number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.be import ssn, vat

from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket, Niss, Ticket

VALID_NISS = [
    "85073003328", "17073003384", "80010100107", "80010100206", "00010100105",
    "98472899765", "01490700185", "75231010174", "75431010219",
]  # fmt: skip
VALID_CBE = ["0299990019", "0299990118", "0299990217", "0299990316", "0200000043", "0212344876"]


@pytest.mark.parametrize("digits", VALID_NISS)
def test_a_valid_niss_or_bis_number_is_accepted(digits: str) -> None:
    assert Niss(digits).value == digits


@pytest.mark.parametrize("digits", VALID_NISS)
def test_the_standard_library_of_numbers_agrees_on_every_valid_niss(digits: str) -> None:
    assert ssn.is_valid(digits)


@pytest.mark.parametrize(
    "text", ["", "8507300332", "850730033281", "8507300332a", "٨٥٠٧٣٠٠٣٣٢٨", "85.07.30-033.28"]
)
def test_what_is_not_eleven_ascii_digits_is_no_niss(text: str) -> None:
    with pytest.raises(ValueError, match="11 digits"):
        Niss(text)


@given(st.sampled_from(VALID_NISS), st.integers(1, 96))
def test_any_other_pair_of_check_digits_is_refused_unless_it_is_the_other_century(
    digits: str, shift: int
) -> None:
    wrong = f"{(int(digits[9:]) + shift - 1) % 97 + 1:02d}"
    first = int(digits[:9])
    if int(wrong) in (97 - first % 97, 97 - (2_000_000_000 + first) % 97):
        assert Niss(digits[:9] + wrong).value[9:] == wrong
    else:
        with pytest.raises(ValueError, match="check digits"):
            Niss(digits[:9] + wrong)


@pytest.mark.parametrize("digits", ["85133003300", "85993003300", "85073203300"])
def test_an_impossible_month_or_day_is_no_niss(digits: str) -> None:
    with pytest.raises(ValueError, match="NISS"):
        Niss(digits)


@pytest.mark.parametrize("digits", VALID_NISS)
def test_a_niss_never_shows_its_digits(digits: str) -> None:
    shown = f"{Niss(digits)} {Niss(digits)!r} {[Niss(digits)]}"
    assert not any(part in shown for part in (digits, digits[:6], digits[6:]))


def test_a_refused_number_is_not_quoted_in_the_error() -> None:
    with pytest.raises(ValueError, match="NISS") as caught:
        Niss("85073003329")
    assert "8507" not in str(caught.value)


@pytest.mark.parametrize("digits", VALID_CBE)
def test_a_valid_enterprise_number_is_accepted_here_and_by_the_standard_library(digits: str) -> None:
    assert CbeNumber(digits).value == digits
    assert vat.is_valid(digits)


@pytest.mark.parametrize("text", ["0299990018", "2299990019", "299990019", "02999900190", ""])
def test_a_wrong_enterprise_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="BCE"):
        CbeNumber(text)


@pytest.mark.parametrize("text", ["", "a" * 37, "a b", "a\n", "é"])
def test_a_ticket_is_one_to_thirty_six_plain_characters(text: str) -> None:
    with pytest.raises(ValueError, match="ticket"):
        Ticket(text)


def test_a_gateway_ticket_is_a_uuid_and_reads_back() -> None:
    text = "019aa3b0-7a10-7c3e-9f52-0123456789ab"
    assert str(GatewayTicket.parse(text)) == text
