"""A row of our own log as a sentence that a person understands, beside the same row of the gateway's log."""

from collections.abc import Iterator, Sequence

from rse_gateway.trail import Kind, LogEntry, PrivatePart, Record

_SENTENCES = {
    (Kind.REQUEST_SENT, "consultSocialReport"): "we asked{period}{ground}{user}",
    (Kind.ANSWER_RECEIVED, "consultSocialReport"): "the gateway answered us ({outcome})",
    (Kind.REQUEST_SENT, "retrieveSocialReport"): "we asked for the answer as it stands{of_holder}{user}",
    (Kind.ANSWER_RECEIVED, "retrieveSocialReport"): "we picked up the answer ({outcome}){of_holder}",
    (Kind.REQUEST_SENT, "listSocialReports"): "we asked for the list of our consultations{user}",
    (Kind.ANSWER_RECEIVED, "listSocialReports"): "we received the list of our consultations ({outcome})",
    (Kind.REQUEST_SENT, "manageAccess"): "we asked for a change or list of our directory lines{user}",
    (Kind.ANSWER_RECEIVED, "manageAccess"): "the gateway answered about our directory lines ({outcome})",
    (Kind.REQUEST_SENT, "deliverSocialReport"): "we delivered our answer to the question of {asking}{period}",
    (Kind.ANSWER_RECEIVED, "deliverSocialReport"): "the gateway answered to our delivery ({outcome})",
    (Kind.REQUEST_RECEIVED, "provideSocialReport"): (
        "the gateway asked us on behalf of {asking}{period}{ground}{reminder}"
    ),
    (Kind.ANSWER_SENT, "provideSocialReport"): "we answered the question of {asking} ({outcome})",
    (Kind.ANSWER_RECEIVED, "receiveSocialReport"): (
        "the gateway pushed a late answer of {holding} to us ({outcome}){late}"
    ),
}
_OTHERWISE = "{kind} {operation} ({outcome})"


class _Words(dict[str, str]):
    """Words of a sentence; what a record does not say is named as unknown."""

    def __missing__(self, name: str) -> str:
        return f"no {name}"


def plain_text(text: str) -> str:
    """Return ``text`` without what could steer a terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)


def sentence(record: Record) -> str:
    """Return what a row says, as one sentence."""
    role = record.get("userRole")
    reminder = record.get("reminderNumber")
    signing, own = record.get("signing"), record.get("asking")
    by_host = record.kind is Kind.REQUEST_SENT and signing not in {None, own, record.get("holding")}
    words = _Words(record.fields)
    words |= {
        "period": _if(record.get("periodBegin"), ", for {} to " + (record.get("periodEnd") or "")),
        "ground": _if(record.get("legalContext"), ", on the ground {}"),
        "user": _if(record.get("userReference"), "; user {}" + (f", {role}" if role else "")),
        "of_holder": _if(record.get("holding"), ", of {} only"),
        "reminder": _if(None if reminder == "0" else reminder, ", reminder {}"),
        "late": ", after 24 hours" if record.get("late") else "",
    }
    form = _SENTENCES.get((record.kind, record.get("operation") or ""), _OTHERWISE)
    host = f"; signed by {signing} for us" if by_host else ""
    return plain_text(form.format_map(words) + host)


def _if(value: str | None, form: str) -> str:
    return form.format(value) if value else ""


def heading(entries: Sequence[LogEntry]) -> str:
    """Return the title of a story: whose log, which tickets."""
    records = [entry.parsed() for entry in entries]
    ours = sorted({ticket for record in records if (ticket := record.get("ticket"))})
    theirs = sorted({ticket for record in records if (ticket := record.get("ticketCBSS"))})
    named = f"Log {records[0].fields['log']}: ticket {', '.join(ours)}"
    return plain_text(named + (f", ticketCBSS {', '.join(theirs)}" if theirs else ""))


def lines_of_row(entry: LogEntry, private: PrivatePart | None) -> Iterator[str]:
    """Yield a row's sentence, then what to compare it by with the gateway's log."""
    record = entry.parsed()
    yield f"  {record.fields['at']}  {sentence(record)}"
    yield f"      kind={record.kind} operation={record.get('operation')} leaf={entry.leaf.hex()}"
    if private is None:
        return
    yield from (f"      {person.role.value.lower()}: {person.niss}" for person in private.persons)
    named = {"file": private.file_reference, "real user": private.real_user}
    yield from (plain_text(f"      {name}: {text}") for name, text in named.items() if text)
    if private.message_digest is not None:
        yield f"      message digest {private.message_digest.hex()}"
        yield f"      signed by certificate {private.certificate}"


def as_json_row(entry: LogEntry, private: PrivatePart | None) -> dict[str, object]:
    """Return a row for programs: its fields and leaf, and the private part where it is open."""
    row: dict[str, object] = {**entry.parsed().fields, "leaf": entry.leaf.hex()}
    if private is not None:
        named = {
            "fileReference": private.file_reference,
            "realUser": private.real_user,
            "messageDigest": None if private.message_digest is None else private.message_digest.hex(),
            "certificate": private.certificate,
        }
        row["private"] = {
            "persons": [{"niss": person.niss, "role": person.role.value} for person in private.persons],
            **{name: value for name, value in named.items() if value is not None},
        }
    return row
