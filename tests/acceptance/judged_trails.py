"""What was lost or done twice, judged from what the requester and the holders wrote themselves.

The gateway's trail is only asked whether it knows what they have. Reminders are no duplicates: each is a
FORWARDED row of its own, and a holder may have as many questions as there are such rows.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from invented_world import ASKING, HOLDING
from reading_trails import TrailRow, digest, gateway_trail, holder_trail, requester_trail
from running_world import Gateway


@dataclass(frozen=True)
class Judgement:
    """What "nothing acknowledged is lost, nothing happens twice" comes to; every list names tickets."""

    answers: int
    holder_questions: int
    without_row: list[str]
    lost: list[str]
    doubled: list[str]

    def told(self) -> str:
        """Return it as one line."""
        return (
            f"{self.answers} answers at the requester, {self.holder_questions} questions at the holder: "
            f"{len(self.without_row)} answers without a row, {len(self.lost)} consultations lost, "
            f"{len(self.doubled)} duplicates with effect"
        )

    @property
    def faults(self) -> list[str]:
        """Everything that should not be."""
        return [*self.without_row, *self.lost, *self.doubled]


def judge(gateway: Gateway, answered: Mapping[str, str]) -> Judgement:
    """Compare the three trails; ``answered``: ticket → ticketCBSS that the requester holds an answer of."""
    hub, own = gateway_trail(gateway), requester_trail(gateway, ASKING)
    holder = holder_trail(gateway, HOLDING)
    received = hub.everything("REQUEST_RECEIVED")
    known = {row.fields["ticketCBSS"] for row in received}
    sent = {digest(row) for row in hub.everything("ANSWER_SENT")}
    got = [row for row in own.everything("ANSWER_RECEIVED") if _is_answer(row, answered)]
    asked = [row for row in holder.everything("REQUEST_RECEIVED") if row.fields["ticketCBSS"] in known]
    forwarded, supplied = hub.everything("FORWARDED"), hub.everything("SUPPLIER_ANSWERED")
    given = {digest(row) for row in holder.everything("ANSWER_SENT")}
    written = {row.fields["ticket"] for row in got}
    lost = [ticket for ticket, number in answered.items() if number not in known]
    lost += [ticket for ticket in answered if ticket not in written]
    lost += [f"never given: {_ticket(row)}" for row in _of_holder(supplied) if digest(row) not in given]
    return Judgement(
        answers=len(got),
        holder_questions=len(asked),
        without_row=[_ticket(row) for row in got if digest(row) not in sent],
        lost=lost,
        doubled=[*_doubled_questions(received), *_doubled_legs(forwarded, supplied, asked)],
    )


def strangers(gateway: Gateway, before: int) -> list[str]:
    """Return questions that the holder got after its first ``before`` ones and the gateway does not know."""
    known = {row.fields["ticketCBSS"] for row in gateway_trail(gateway).everything("FORWARDED")}
    rows = holder_trail(gateway, HOLDING).everything("REQUEST_RECEIVED")
    return [_ticket(row) for row in rows[: len(rows) - before] if row.fields["ticketCBSS"] not in known]


def questions_so_far(gateway: Gateway) -> int:
    """Return how many questions the holder had until now, from whatever gateway."""
    return len(holder_trail(gateway, HOLDING).everything("REQUEST_RECEIVED"))


def _is_answer(row: TrailRow, answered: Mapping[str, str]) -> bool:
    """Tell whether the row is of an answer; MSG00001 says that nothing can be written, so it has no row."""
    return row.fields.get("ticket") in answered and row.fields.get("outcome") != "MSG00001"


def _ticket(row: TrailRow) -> str:
    return row.fields.get("ticket") or row.fields["ticketCBSS"]


def _of_holder(rows: Iterable[TrailRow]) -> list[TrailRow]:
    return [row for row in rows if row.fields.get("holding") == HOLDING]


def _doubled_questions(received: Iterable[TrailRow]) -> list[str]:
    """Return tickets that were accepted as more than one consultation."""
    numbers = defaultdict[str, set[str]](set)
    for row in received:
        numbers[row.fields["ticket"]].add(row.fields["ticketCBSS"])
    return [f"accepted twice: {ticket}" for ticket, found in numbers.items() if len(found) > 1]


def _doubled_legs(
    forwarded: Iterable[TrailRow], supplied: Iterable[TrailRow], asked: Iterable[TrailRow]
) -> list[str]:
    """Return legs with two accepted answers, or with more questions at the holder than were sent."""
    answers = Counter((row.fields["ticketCBSS"], row.fields.get("holding")) for row in supplied)
    left = Counter(row.fields["ticketCBSS"] for row in _of_holder(forwarded))
    came = Counter(row.fields["ticketCBSS"] for row in asked)
    same = Counter(digest(row) for row in asked)
    doubled = [f"answered twice: {number}" for (number, _holder), count in answers.items() if count > 1]
    doubled += [f"asked more often than sent: {number}" for number in came if came[number] > left[number]]
    return doubled + [f"one message taken twice: {one.hex()}" for one, count in same.items() if count > 1]
