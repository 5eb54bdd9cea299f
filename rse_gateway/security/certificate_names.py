"""Which institution a certificate names: exactly one, over all attributes of its subject and all forms.

Forms: ``urn:be:fgov:kbo-bce:organization:cbe-number:…`` and ``NTRBE-…``. The CA's rule says which attribute
counts; a number elsewhere may repeat it, never differ. Rules: security page, "Trust".
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal

from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier

from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.security.certificate_reasons import Reason

SubjectRule = Literal["ou", "organization_identifier"]

_FORMS: Final[dict[SubjectRule, tuple[ObjectIdentifier, str]]] = {
    "ou": (NameOID.ORGANIZATIONAL_UNIT_NAME, "urn:be:fgov:kbo-bce:organization:cbe-number:"),
    "organization_identifier": (NameOID.ORGANIZATION_IDENTIFIER, "NTRBE-"),
}
_NUMBER: Final = re.compile(r"[01][0-9]{9}", re.ASCII)
_ANYWHERE: Final = re.compile(
    r"(?:cbe-number:?|(?:NTR|VAT)BE-?)[ .]*([0-9][0-9 .]*)", re.ASCII | re.IGNORECASE
)


def institution_reasons(certificate: x509.Certificate, rules: Sequence[SubjectRule]) -> Iterator[Reason]:
    """Yield what is wrong with how the institution is named, by the rules of its CAs (none = either)."""
    if any(len(one) > 1 for one in certificate.subject.rdns):
        yield Reason("several_values")
    told = [_named_by(certificate, rule) for rule in rules or _rules_used(certificate)]
    good = [one for one in told if isinstance(one, CbeNumber)]
    if not good:
        yield next((one for one in told if isinstance(one, Reason)), Reason("no_institution"))
    elif len({*good, *_mentioned(certificate)}) > 1:
        yield Reason("several_institutions")


def number_named(certificate: x509.Certificate, rules: Sequence[SubjectRule]) -> CbeNumber | None:
    """Return the one institution that the certificate names, None where there is any doubt."""
    if any(True for _ in institution_reasons(certificate, rules)):
        return None
    told = [_named_by(certificate, rule) for rule in rules or _rules_used(certificate)]
    return next((one for one in told if isinstance(one, CbeNumber)), None)


def _rules_used(certificate: x509.Certificate) -> tuple[SubjectRule, ...]:
    """Return the rules whose attribute stands in the subject: all of them have to name the institution."""
    return tuple(rule for rule in _FORMS if _values(certificate, rule))


def _values(certificate: x509.Certificate, rule: SubjectRule) -> list[str | bytes]:
    """Return the values of the rule's attribute that mean to name an institution."""
    values = [one.value for one in certificate.subject.get_attributes_for_oid(_FORMS[rule][0])]
    if rule == "organization_identifier":
        return values
    return [one for one in values if isinstance(one, str) and "cbe-number" in one.lower()]


def _named_by(certificate: x509.Certificate, rule: SubjectRule) -> CbeNumber | Reason:
    prefix = _FORMS[rule][1]
    values = _values(certificate, rule)
    if len(values) > 1:
        return Reason("several_institutions")
    if not values or not isinstance(values[0], str) or not values[0].startswith(prefix):
        return Reason("no_institution")
    number = values[0].removeprefix(prefix)
    if not _NUMBER.fullmatch(number):
        return Reason("number_malformed")
    try:
        return CbeNumber(number)
    except ValueError:
        return Reason("check_digits")


def _mentioned(certificate: x509.Certificate) -> Iterator[CbeNumber | str]:
    """Yield every number that stands in one of the forms in any attribute, well written or not."""
    for attribute in certificate.subject:
        if not isinstance(attribute.value, str):
            continue
        for found in _ANYWHERE.findall(attribute.value):
            digits = re.sub(r"[ .]", "", found)
            try:
                yield CbeNumber(digits)
            except ValueError:
                yield digits
