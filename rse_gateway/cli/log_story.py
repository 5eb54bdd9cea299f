"""A consultation as a story: each row of the log as a sentence that a person understands."""

from collections.abc import Iterator, Sequence
from hashlib import sha256

from rse_gateway.cli.log_reading import Row
from rse_gateway.cli.outcome import plain
from rse_gateway.trail.kinds import Kind
from rse_gateway.trail.private import PrivatePart
from rse_gateway.trail.record import Record

_SENTENCES = {
    Kind.REQUEST_SENT: "{asking} sent the request {operation}",
    Kind.ANSWER_RECEIVED: "{asking} received the answer ({outcome})",
    Kind.REQUEST_RECEIVED: "{asking} asked: {operation}{ground}{asked_period}{user}",
    Kind.REQUEST_REPEATED: "{asking} sent the same request again{user}",
    Kind.REFUSED: "the request of {signing} was refused with {outcome}, at the check {check}{user}",
    Kind.REFUSED_UNAUTHENTICATED: "{count} message(s) of unknown senders were refused ({outcome})",
    Kind.FORWARDED: "the question may have left for {holding}{reminder}",
    Kind.SUPPLIER_ANSWERED: "{holding} answered ({outcome}){late}",
    Kind.SUPPLIER_FAILED: "{holding} gave no usable answer ({outcome}){reminder}",
    Kind.CONFLICT: "{holding} delivered other content than before; refused",
    Kind.ANSWER_SENT: "the answer to {asking} was handed over ({outcome}): {operation}",
    Kind.ANSWER_PICKED_UP: "{asking} picked up the answer{user}",
    Kind.UNANSWERED: "24 hours are over and {holding} has not answered",
    Kind.EXPIRED: "the last reminder to {holding} is over",
    Kind.DRY_RUN: "{asking} tried the request without asking anybody ({outcome})",
    Kind.ACCESS_REGISTERED: "{asking} registered a directory line{user}",
    Kind.ACCESS_ENDED: "{asking} ended a directory line{user}",
    Kind.ACCESS_LISTED: "{asking} listed its directory lines{user}",
    Kind.DIRECTORY_IMPORTED: "{count} directory line(s) were imported",
    Kind.INSTITUTION_CHANGED: "{count} institution(s) were registered{why}",
    Kind.SETTING_CHANGED: "a setting was changed{why}",
    Kind.KEY_CHANGED: "a key was changed{why}",
    Kind.LOG_CONSULTED: "{looker} looked into the log, {count} row(s){why}",
    Kind.PURGED: "{count} row(s) were purged{why}",
    Kind.ERASED: "private parts were erased{why}",
    Kind.RESTORED: "the log was restored{why}",
}


class _Words(dict[str, str]):
    """Words of a sentence; what a record does not say is named as unknown."""

    def __missing__(self, name: str) -> str:
        return f"an unnamed {name}"


def sentence(record: Record) -> str:
    """Return what the row says, as one sentence without control characters."""
    words = _Words(record.fields)
    period = f"{record.get('periodBegin')} to {record.get('periodEnd')}"
    role = record.get("userRole")
    reminder = record.get("reminderNumber")
    words |= {
        "ground": _if(record.get("legalContext"), ", on the ground {}"),
        "asked_period": _if(record.get("periodBegin") and period, ", for {}"),
        "user": _if(record.get("userReference"), "; user {}" + (f", {role}" if role else "")),
        "reminder": _if(reminder if reminder != "0" else None, ", reminder {}"),
        "why": _if(record.get("reason"), "; reason: {}"),
        "late": ", late" if record.get("late") else "",
        "looker": record.get("userReference")
        or _if(record.get("certificate"), "auditor {:.12}")
        or "somebody",
    }
    return plain(_SENTENCES[record.kind].format_map(words))


def _looker(record: Record) -> str:
    return record.get("userReference") or _if(record.get("certificate"), "auditor {:.12}") or "somebody"


def _if(value: str | None, form: str) -> str:
    return form.format(value) if value else ""


def story(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the lines of the story: one chapter per consultation, then what names none."""
    chapters: dict[str, list[Row]] = {}
    for row in rows:
        chapters.setdefault(row.record.get("ticketCBSS") or "", []).append(row)
    for ticket in sorted(chapters, key=lambda name: (not name, name)):
        yield _title(ticket, chapters[ticket])
        for row in chapters[ticket]:
            yield f"  {row.record.fields['at']}  {sentence(row.record)}"
            yield from (f"      {plain(line)}" for line in _private_lines(row))
        yield ""


def _title(ticket: str, rows: Sequence[Row]) -> str:
    if not ticket:
        return "Rows that name no consultation of the gateway"
    own = next((row.record.get("ticket") for row in rows if row.record.get("ticket")), None)
    return plain(f"Consultation {ticket}" + (f" (ticket {own})" if own else ""))


def _private_lines(row: Row) -> Iterator[str]:
    if row.closed:
        yield row.closed
    if row.private is None:
        return
    for person in row.private.persons:
        yield f"{person.role.value.lower()}: {person.niss}"
    named = {"file": row.private.file_reference, "user at the institution": row.private.real_user}
    yield from (f"{name}: {text}" for name, text in named.items() if text)
    if row.private.message_digest is not None:
        yield f"message digest {row.private.message_digest.hex()}"
    if row.private.signed_info is not None:
        yield f"signed by certificate {row.private.certificate}"
        yield f"SHA-256 of SignedInfo {sha256(row.private.signed_info).hexdigest()}"


def as_json(row: Row) -> dict[str, object]:
    """Return the row for machines: the record's fields, and the private part where it is open."""
    value: dict[str, object] = {"record": dict(row.record.fields), "sentence": sentence(row.record)}
    if row.private is not None:
        value["private"] = _private_json(row.private)
    elif row.closed:
        value["closed"] = row.closed
    return value


def _private_json(private: PrivatePart) -> dict[str, object]:
    binary = {
        "messageDigest": private.message_digest,
        "signedInfo": private.signed_info,
        "signatureValue": private.signature_value,
    }
    texts = {
        "fileReference": private.file_reference,
        "realUser": private.real_user,
        "certificate": private.certificate,
    }
    value: dict[str, object] = {
        "persons": [{"niss": person.niss, "role": person.role.value} for person in private.persons]
    }
    value |= {name: raw.hex() for name, raw in binary.items() if raw is not None}
    return value | {name: text for name, text in texts.items() if text is not None}
