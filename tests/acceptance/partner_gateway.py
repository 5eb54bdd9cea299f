"""What acceptance tests do with a gateway among many CPAS: run them, sign for one, deliver, pick up, look."""

import json
import subprocess
from collections.abc import Sequence
from copy import deepcopy
from datetime import datetime
from typing import Any

from invented_world import LEGAL_CONTEXT, InventedPerson
from lxml import etree
from partner_world import ASKS, CPAS, PartnerWorld, write_stub_configuration
from running_world import BIN, PATIENCE, Gateway, utc_now, wait_for
from signed_messages import ACCESS, new_ticket, post, schema_of, signed, verified

from rse_cpas_stub.client import ConsultOutcome
from rse_cpas_stub.exchange import User
from rse_cpas_stub.holder import disclose
from rse_cpas_stub.messages import Customer, Status, read_status
from rse_cpas_stub.names import DELIVERY_SERVICE, REPORT, REPORT_SERVICE, tag
from rse_cpas_stub.persons import load_persons
from rse_cpas_stub.report import add
from rse_cpas_stub.request_messages import access_request, deliver_request, list_request, retrieve_request

ACCESS_SERVICE = "ManageAccessService"
SERVICES = {"manageAccess": (ACCESS_SERVICE, ACCESS), "deliverSocialReport": (DELIVERY_SERVICE, REPORT)}
WORKER = User("u-4711", "SOCIAL_WORKER", "A. Assistante")


class Fleet:
    """One process that plays every CPAS of the partner world, for the gateway at ``gateway_url``."""

    def __init__(self, world: PartnerWorld, gateway_url: str) -> None:
        """Start it; `wait` returns when all of them answer."""
        self._count = len(world.endpoints)
        self.talk = world.folder / "talk-of-all.txt"
        file = write_stub_configuration(world, gateway_url)
        with self.talk.open("ab") as talk:
            self._process = subprocess.Popen(
                [BIN / "rse-cpas-stub", "serve", "--config", file, "--json"],
                stdout=subprocess.PIPE, stderr=talk,
            )  # fmt: skip

    def wait(self) -> None:
        """Return when every CPAS answers."""
        assert self._process.stdout is not None
        for _ in range(self._count):
            line = self._process.stdout.readline()
            assert line, self.talk.read_text()
            assert json.loads(line)["cbeNumber"] in {one.number for one in CPAS.values()}

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(PATIENCE)
        assert self._process.stdout is not None
        self._process.stdout.close()


def customer(number: str, role: str, *, ticket: str | None = None, environment: str = "test") -> Customer:
    """Return a CPAS as a request of its names it."""
    return Customer(ticket or new_ticket("partner"), number, "u-4711", role, environment, "2026/0815")


def retrieve_payload(
    ticket_cbss: str, *, number: str = ASKS, supplier: str | None = None, **of_customer: Any
) -> etree._Element:
    """Return a `retrieveSocialReportRequest`."""
    who = customer(number, of_customer.pop("role", "SYSTEM"), **of_customer)
    return retrieve_request(
        who, utc_now(), legal_context=LEGAL_CONTEXT, ticket_cbss=ticket_cbss, supplier=supplier
    )


def list_payload(
    *,
    number: str = ASKS,
    since: datetime | None = None,
    confirmed: Sequence[str] = (),
    **of_customer: Any,
) -> etree._Element:
    """Return a `listSocialReportsRequest`."""
    who = customer(number, of_customer.pop("role", "SYSTEM"), **of_customer)
    return list_request(who, utc_now(), legal_context=LEGAL_CONTEXT, since=since, confirmed=confirmed)


def access_payload(
    action: str, *, number: str = ASKS, role: str = "ADMINISTRATION", **line: Any
) -> etree._Element:
    """Return a `manageAccessRequest`; ``line`` holds the contract's names."""
    who = customer(number, role)
    return access_request(who, utc_now(), legal_context=LEGAL_CONTEXT, action=action, line=line)


def deliver_payload(
    gateway: Gateway,
    number: str,
    person: InventedPerson,
    ticket_cbss: str,
    *,
    refused: str | None = None,
    ssin: str | None = None,
) -> etree._Element:
    """Return what a holding CPAS delivers about a person from its files, or its refusal with a code."""
    world = gateway.world
    said = disclose(load_persons(world.persons(number), number), person.ssin, world.period)
    status = said.status if refused is None else Status("NO_RESULT", refused, "Refused.")
    return deliver_request(
        customer(number, "SYSTEM"),
        utc_now(),
        legal_context=LEGAL_CONTEXT,
        ticket_cbss=ticket_cbss,
        ssin=ssin or person.ssin,
        status=status,
        report=said.report if refused is None else None,
    )


def in_language(payload: etree._Element, language: str) -> etree._Element:
    """Return a copy of a request that wishes for a language."""
    wishing = deepcopy(payload)
    options = wishing.find("requestOptions")
    if options is None:
        options = etree.Element("requestOptions")
        wishing.find("legalContext").addnext(options)
    add(options, "language", language)
    return wishing


def send(gateway: Gateway, payload: etree._Element, *, by: str) -> etree._Element:
    """Sign and send a request; return its answer, verified and valid."""
    operation = etree.QName(payload).localname.removesuffix("Request")
    service, namespace = SERVICES.get(operation, (REPORT_SERVICE, REPORT))
    reply = post(gateway, signed(gateway.world, payload, by=by), service=service)
    answer = verified(gateway.world, reply).payload
    assert answer.tag == tag(namespace, f"{operation}Response"), etree.tostring(answer).decode()
    schema_of(namespace).assertValid(answer)
    return answer


def said_to(gateway: Gateway, payload: etree._Element, *, by: str) -> tuple[str, str]:
    """Sign and send a request; return value and code of the answer's status."""
    status = read_status(send(gateway, payload, by=by))
    return status.value, status.code


def deliver(gateway: Gateway, number: str, person: InventedPerson, ticket_cbss: str) -> tuple[str, str]:
    """Deliver what a CPAS has about a person; return value and code of the answer's status."""
    return said_to(gateway, deliver_payload(gateway, number, person, ticket_cbss), by=number)


def pick_up(
    gateway: Gateway, outcome: ConsultOutcome, *, number: str = ASKS, supplier: str | None = None
) -> ConsultOutcome:
    """Pick an answer up as the library of the requesting CPAS does."""
    return gateway.requester(number).retrieve(outcome.gateway_ticket, WORKER, supplier=supplier)


def outcomes(outcome: ConsultOutcome) -> dict[str, tuple[str, str]]:
    """Return what each holding CPAS answered: outcome and code."""
    return {one.cbe_number: (one.outcome, one.code) for one in outcome.results}


def picked_up_when(
    gateway: Gateway, outcome: ConsultOutcome, wanted: str, *, number: str = ASKS
) -> ConsultOutcome:
    """Pick an answer up again and again until every holding CPAS has the outcome that is wanted."""

    def look() -> ConsultOutcome | None:
        found = pick_up(gateway, outcome, number=number)
        return found if {one.outcome for one in found.results} == {wanted} else None

    return wait_for(f"the outcome {wanted}", look, 20)
