"""What a row of a consultation log can say, and what it then names (``docs/reference/trail-format.md``)."""

from enum import StrEnum


class Kind(StrEnum):
    """The kind of a row; the requester's, the gateway's and the holder's kinds share one list."""

    # requesting CPAS
    REQUEST_SENT = "REQUEST_SENT"
    ANSWER_RECEIVED = "ANSWER_RECEIVED"
    # gateway and holding CPAS
    REQUEST_RECEIVED = "REQUEST_RECEIVED"
    ANSWER_SENT = "ANSWER_SENT"
    # gateway
    REQUEST_REPEATED = "REQUEST_REPEATED"
    REFUSED = "REFUSED"
    REFUSED_UNAUTHENTICATED = "REFUSED_UNAUTHENTICATED"
    FORWARDED = "FORWARDED"
    SUPPLIER_ANSWERED = "SUPPLIER_ANSWERED"
    SUPPLIER_FAILED = "SUPPLIER_FAILED"
    CONFLICT = "CONFLICT"
    ANSWER_PICKED_UP = "ANSWER_PICKED_UP"
    UNANSWERED = "UNANSWERED"
    EXPIRED = "EXPIRED"
    DRY_RUN = "DRY_RUN"
    ACCESS_REGISTERED = "ACCESS_REGISTERED"
    ACCESS_ENDED = "ACCESS_ENDED"
    ACCESS_LISTED = "ACCESS_LISTED"
    DIRECTORY_IMPORTED = "DIRECTORY_IMPORTED"
    INSTITUTION_CHANGED = "INSTITUTION_CHANGED"
    SETTING_CHANGED = "SETTING_CHANGED"
    KEY_CHANGED = "KEY_CHANGED"
    LOG_CONSULTED = "LOG_CONSULTED"
    PURGED = "PURGED"
    ERASED = "ERASED"
    RESTORED = "RESTORED"


_LEG = frozenset({"ticketCBSS", "holding"})
_RANGE = frozenset({"from", "until", "count"})

REQUIRED_BY_KIND: dict[Kind, frozenset[str]] = {
    Kind.REQUEST_SENT: frozenset({"ticket", "operation"}),
    Kind.ANSWER_RECEIVED: frozenset({"ticket", "operation", "outcome"}),
    Kind.REQUEST_RECEIVED: frozenset({"ticketCBSS", "operation"}),
    Kind.REQUEST_REPEATED: frozenset({"ticketCBSS", "operation"}),
    Kind.ANSWER_SENT: frozenset({"ticketCBSS", "operation", "outcome"}),
    Kind.REFUSED: frozenset({"ticketCBSS", "outcome", "check"}),
    Kind.REFUSED_UNAUTHENTICATED: _RANGE,
    Kind.FORWARDED: _LEG | {"reminderNumber"},
    Kind.SUPPLIER_ANSWERED: _LEG | {"outcome"},
    Kind.SUPPLIER_FAILED: _LEG | {"outcome"},
    Kind.CONFLICT: _LEG,
    Kind.UNANSWERED: _LEG,
    Kind.EXPIRED: _LEG,
    Kind.DIRECTORY_IMPORTED: frozenset({"fileDigest"}),
    Kind.LOG_CONSULTED: frozenset({"reason"}),
    Kind.PURGED: _RANGE | {"fileDigest"},
}
"""Fields that a row of this kind has beside ``REQUIRED``; a kind that is not listed needs no more."""
