"""What the contract expects at a place, in words: the only source of the texts of violations.

Every text is made from the schema and from the tables below, never from what was received. Texts are keyed
so that another language is another table.
"""

from typing import Any, Final

from xmlschema.validators import XsdElement

_MAX: Final = 256

_WORDS: Final[dict[str, dict[str, str]]] = {
    "EN": {
        "element": "the element {names} here",
        "elements": "one of the elements {names} here",
        "unqualified": "{names} without a namespace: only the root element of a message is qualified",
        "nothing": "no further element here",
        "no_attribute": "an element without attributes",
        "no_text": "child elements only, no text between them",
        "text_only": "text only, no child elements",
        "one_of": "one of {values}",
        "root": "a message of this service, as its WSDL names it",
        "somewhere": "a message that follows the XSD; the place could not be found in the time allowed",
        "pattern": "a value of the form {pattern}",
        "length": "{low} to {high} characters",
        "text": "text as the XSD defines it ({type})",
    }
}

_TYPES: Final[dict[str, dict[str, str]]] = {
    "EN": {
        "SsinType": "a NISS: 11 digits, no spaces, points or dashes",
        "CbeNumberType": "an enterprise number: 10 digits, the first 0 or 1, no points",
        "TicketType": "a ticket: 1 to 36 characters of A-Z a-z 0-9 . _ -",
        "TicketCbssType": "a UUID in lower case, as the gateway gave it",
        "SectorType": "a sector: a whole number from 0 to 999",
        "InstitutionType": "an institution: a whole number from 0 to 999",
        "QualityCodeType": "a quality code: 0 to 7, 902 or 999",
        "LegalContextType": "a legal context ORGANISATION:PURPOSE, at most 64 of A-Z 0-9 _, one colon",
        "UserReferenceType": "a pseudonym: 1 to 64 characters of A-Z a-z 0-9 . _ : @ -",
        "StatusCodeType": "a code: MSG or RSE and 5 digits",
        "AuthorCodeType": "1 to 64 characters of A-Z a-z 0-9 . _ : -",
        "TelephoneType": "a telephone number: 3 to 30 digits, spaces, + / . ( ) -",
        "ShortTextType": "1 to 64 characters, not only spaces, no control characters",
        "NameType": "1 to 128 characters, not only spaces, no control characters",
        "TextType": "1 to 256 characters, not only spaces, no control characters",
        "LongTextType": "1 to 1000 characters, not only spaces, no control characters",
        "DateType": "an existing date YYYY-MM-DD from 1900 to 2099, without time zone",
        "TimestampType": "a moment in UTC: YYYY-MM-DDThh:mm:ss.sssZ",
        "ReceivedTimestampType": "a moment in UTC: YYYY-MM-DDThh:mm:ssZ, 0 to 9 decimals",
        "AmountType": "an amount: digits, a point, exactly 2 decimals, not negative, at most 999999999.99",
        "CollectWindowType": "seconds: a whole number from 0 to 60",
        "ReminderNumberType": "a whole number from 0 to 999",
        "DurationValueType": "a whole number from 1 to 9999",
        "OffsetType": "a whole number from 0 to 9999999",
        "boolean": "true or false",
    }
}


def words(key: str, *, language: str = "EN", **parts: str) -> str:
    """Return the text of ``key`` with its parts filled in, at most 256 characters."""
    return _WORDS[language][key].format(**parts)[:_MAX]


def elements_expected(names: list[str], received: str | None, *, language: str = "EN") -> str:
    """Return words for a place where one of ``names`` must stand (none: nothing more may stand there).

    ``received`` is the local name found there; when it is the right one, its namespace is what is wrong.
    """
    if received is not None and received in names:
        return words("unqualified", language=language, names=received)
    if not names:
        return words("nothing", language=language)
    key = "element" if len(names) == 1 else "elements"
    return words(key, language=language, names=", ".join(names))


def value_expected(element: XsdElement, *, language: str = "EN") -> str:
    """Return words for the simple value that ``element`` holds."""
    xsd_type: Any = element.type
    name = (xsd_type.local_name or "") if xsd_type.name else ""
    if name in _TYPES[language]:
        return _TYPES[language][name]
    if xsd_type.enumeration:
        return words("one_of", language=language, values=", ".join(str(v) for v in xsd_type.enumeration))
    if xsd_type.min_length is not None and xsd_type.max_length is not None:
        low, high = str(xsd_type.min_length), str(xsd_type.max_length)
        return words("length", language=language, low=low, high=high)
    if xsd_type.patterns is not None:
        return words("pattern", language=language, pattern=" or ".join(xsd_type.patterns.regexps))
    return words("text", language=language, type=name)
