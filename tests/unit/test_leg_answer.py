"""A holder's answer is judged in one order: is it the holder's answer to this question, then is it usable."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from gateway_fakes import NOW, ONE, TWO, MemoryWorld, proof
from lxml import etree

from rse_gateway.adapters.holding_cpas import (
    LEG_CHECKS,
    LEG_ORDER,
    LegAnswer,
    LegCheck,
    check_leg,
    may_answer,
)
from rse_gateway.contract.schemas import load_schemas
from rse_gateway.contract.trail_header import trail_header
from rse_gateway.domain.consultation import Period, SupplierQuestion
from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket, Niss, Ticket
from rse_gateway.errors import SupplierFailed, SupplierUnreachable, SupplierUnusable, Unheard

SENT = proof()
SCHEMAS = load_schemas()
SAMPLE = Path(__file__).parents[2] / "samples/messages/good/provideSocialReport/answer-no-data.xml"
HOLDER, ASKER, OTHER = CbeNumber("0299990217"), CbeNumber("0299990118"), "80010100107"
QUESTION = SupplierQuestion(
    gateway_ticket=GatewayTicket.parse("019aa5c0-7a00-7def-8123-456789abcdef"),
    ticket=Ticket("N-2026-004711"),
    requesting_cpas=ASKER,
    holding_cpas=HOLDER,
    legal_context="PCSA:SOCIAL_INQUIRY",
    niss=Niss("85073003328"),
    period=Period(date(2022, 1, 1), date(2026, 11, 20)),
    reminder_number=0,
    environment="test",
    received_at=NOW,
    sent_at=NOW,
)
TODAY = date(2026, 11, 21)
CBSS, CUSTOMER = "informationCBSS", "informationCustomer"


class Answer:
    """A good answer, to be broken rule by rule."""

    def __init__(self) -> None:
        self.payload = etree.parse(SAMPLE).getroot()
        self.signer = HOLDER
        self.trail: Any = None
        self.roles = frozenset({"cpas"})

    def judged(self, checks: tuple[LegCheck, ...] = LEG_CHECKS) -> SupplierFailed | None:
        """Return why it is refused, None when it passes."""
        signer = SimpleNamespace(cbe_number=self.signer, roles=self.roles)
        message: Any = SimpleNamespace(payload=self.payload, trail=self.trail, signer=signer)
        try:
            check_leg(LegAnswer(QUESTION, SENT, message, False, SCHEMAS), checks)
        except SupplierFailed as failure:
            return failure
        return None

    def check(self, checks: tuple[LegCheck, ...] = LEG_CHECKS) -> str:
        """Return the name of the check that refuses it."""
        failure = self.judged(checks)
        if isinstance(failure, SupplierUnusable):
            return failure.check
        return "" if failure is None else failure.reason.partition(":")[0]


Break = Callable[[Answer], None]


def says(path: str, text: str) -> Break:
    def change(answer: Answer) -> None:
        answer.payload.find(path).text = text

    return change


def names_another_question(answer: Answer) -> None:
    answer.trail = trail_header(bytes(32))


BREAKS: dict[str, Break] = {
    "signer": lambda answer: setattr(answer, "signer", CbeNumber("0299990316")),
    "environment": says(f"{CUSTOMER}/environment", "acpt"),
    "ticket": says(f"{CBSS}/ticketCBSS", "019aa5c0-7a00-7def-8123-00000000beef"),
    "addressee": says("informationSupplier/supplierIdentification/cbeNumber", "0299990316"),
    "questionDigest": names_another_question,
    "structure": says("status/value", "PERHAPS"),
    "legalContext": says("legalContext", "PCSA:OTHER_GROUND"),
    "asker": says(f"{CUSTOMER}/customerIdentification/cbeNumber", "0299990316"),
    "person": says("criteria/ssin", OTHER),
    "period": says("criteria/period/beginDate", "2021-01-01"),
}


def test_a_good_answer_passes() -> None:
    assert Answer().judged() is None
    assert list(BREAKS) == [check.name for check in LEG_CHECKS]
    assert [name for name, _run in LEG_ORDER] == [name for name in BREAKS if name != "structure"]


@pytest.mark.parametrize(("earlier", "later"), list(pairwise(BREAKS)))
def test_of_two_broken_rules_the_earlier_is_told_and_swapped_the_other(earlier: str, later: str) -> None:
    answer = Answer()
    BREAKS[later](answer)
    assert answer.check() == later
    BREAKS[earlier](answer)
    assert answer.check() == earlier
    if "structure" not in (earlier, later):
        at = list(BREAKS).index(earlier)
        swapped = (*LEG_CHECKS[:at], LEG_CHECKS[at + 1], LEG_CHECKS[at], *LEG_CHECKS[at + 2 :])
        assert answer.check(swapped) == later


@pytest.mark.parametrize("name", [name for name in BREAKS if name != "structure"])
def test_a_check_that_is_dropped_lets_its_breach_pass(name: str) -> None:
    answer = Answer()
    BREAKS[name](answer)
    assert answer.check(tuple(check for check in LEG_CHECKS if check.name != name)) == ""


@pytest.mark.parametrize("name", BREAKS)
def test_up_to_the_question_s_digest_it_is_no_answer_and_from_the_xsd_on_an_unusable_one(name: str) -> None:
    answer = Answer()
    BREAKS[name](answer)
    failure = answer.judged()
    if list(BREAKS).index(name) < list(BREAKS).index("structure"):
        assert isinstance(failure, SupplierUnreachable)
        wanted = Unheard.FOREIGN_SIGNER if name == "signer" else Unheard.OTHER_TICKET
        assert failure.why is wanted
    else:
        assert isinstance(failure, SupplierUnusable)


@pytest.mark.parametrize("path", [CUSTOMER, CBSS, "informationSupplier"])
def test_a_body_that_does_not_say_which_question_it_answers_is_one_to_another_ticket(path: str) -> None:
    answer = Answer()
    answer.payload.remove(answer.payload.find(path))
    failure = answer.judged()
    assert isinstance(failure, SupplierUnreachable)
    assert failure.why is Unheard.OTHER_TICKET


def test_a_key_that_is_no_cpas_key_is_a_foreign_signer() -> None:
    answer = Answer()
    answer.roles = frozenset({"auditor"})
    assert answer.check() == "signer"


@pytest.mark.parametrize("niss", ["85073003328", OTHER])
def test_an_answer_may_name_any_number_of_the_person_asked_about(niss: str) -> None:
    answer = Answer()
    says("criteria/ssin", niss)(answer)
    message: Any = SimpleNamespace(
        payload=answer.payload, trail=None, signer=SimpleNamespace(cbe_number=HOLDER, roles=answer.roles)
    )
    question = replace(QUESTION, known_numbers=frozenset({QUESTION.niss, Niss(OTHER)}))
    check_leg(LegAnswer(question, SENT, message, False, SCHEMAS))


@pytest.mark.parametrize("cpas", [ONE, TWO], ids=["holder", "its successor"])
def test_a_mandatary_of_the_holder_or_of_its_successor_may_answer(cpas: CbeNumber) -> None:
    world, mandatary = MemoryWorld(), CbeNumber("0299990316")
    world.successors[ONE] = TWO
    assert may_answer(world, TWO, ONE, TODAY)
    assert not may_answer(world, mandatary, ONE, TODAY)
    world.mandates.add((mandatary, cpas, "provideSocialReport"))
    assert may_answer(world, mandatary, ONE, TODAY)


@pytest.mark.parametrize("digest", [None, b64encode(SENT.body_digest).decode()])
def test_no_header_and_our_digest_pass(digest: str | None) -> None:
    answer = Answer()
    if digest is not None:
        answer.trail = trail_header(SENT.body_digest)
    assert answer.judged() is None


@pytest.mark.parametrize(
    "digest", ["", "A", "é", b64encode(bytes(32)).decode()], ids=["empty", "A", "é", "other"]
)
def test_what_is_no_digest_is_another_question(digest: str) -> None:
    answer = Answer()
    answer.trail = trail_header(bytes(32))
    answer.trail[0].text = digest
    assert answer.check() == "questionDigest"
