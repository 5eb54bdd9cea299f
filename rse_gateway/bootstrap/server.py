"""From settings to the two kinds of process that `serve` runs: web application and keeper."""

import os
import socket
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from rse_gateway.adapters.flushing import Flushing
from rse_gateway.adapters.holder_transport import HolderTransport
from rse_gateway.adapters.holding_cpas import MAX_ANSWER_BYTES, ZeepHoldingCpas
from rse_gateway.adapters.ids import TimeOrderedIds
from rse_gateway.adapters.outbound_pool import OutboundPool
from rse_gateway.adapters.receivers import SoapReceivers
from rse_gateway.bootstrap.hosts import connector
from rse_gateway.bootstrap.served import SERVED
from rse_gateway.bootstrap.store import Store, hub_log, open_store
from rse_gateway.bootstrap.trust import hub_keys, hub_number, refuse_registered_hub_key, trust_anchors
from rse_gateway.contract.answers import SignedAnswers, SignedFaults
from rse_gateway.contract.files import contract_root
from rse_gateway.contract.report import ReportCutter
from rse_gateway.contract.schemas import Schemas, load_schemas
from rse_gateway.domain.leg import ReminderPlan
from rse_gateway.domain.quota import DefaultQuotas
from rse_gateway.errors import SetupError
from rse_gateway.security.gate import Gate
from rse_gateway.security.keys import signer_from_pem
from rse_gateway.security.signing import MessageSigner
from rse_gateway.security.trust import TrustPolicy
from rse_gateway.serving.keeper import Keeper, PeriodicJob
from rse_gateway.settings import Settings
from rse_gateway.soap.application import Collaborators, GatewayApplication
from rse_gateway.soap.operations import ContractOperations
from rse_gateway.soap.reception import GateReception, RefusalDesk
from rse_gateway.soap.wsdl import ContractFiles
from rse_gateway.store.consultations import SqlConsultations
from rse_gateway.store.directory import SqlDirectory
from rse_gateway.store.purge import purge_answers, purge_replay_keys
from rse_gateway.store.registry import SqlRegistry
from rse_gateway.store.schema_version import is_current
from rse_gateway.store.writer import GroupWriter
from rse_gateway.use_cases.admission import AccessRules, Sources
from rse_gateway.use_cases.attempt import Attempt
from rse_gateway.use_cases.consult import Consult, ConsultRules
from rse_gateway.use_cases.deliver import Deliver
from rse_gateway.use_cases.fan_out import FanOut
from rse_gateway.use_cases.forget import Forget
from rse_gateway.use_cases.list_reports import ListReports
from rse_gateway.use_cases.list_rights import ListRights
from rse_gateway.use_cases.manage_access import ManageAccess
from rse_gateway.use_cases.push import Push
from rse_gateway.use_cases.refusals import Refusals, RefusalSummary
from rse_gateway.use_cases.results import DecisionCap
from rse_gateway.use_cases.retrieve import Retrieve
from rse_gateway.use_cases.rows import Rows
from rse_gateway.use_cases.test_connection import TestConnection

SUMMARY_SECONDS = 60.0
PURGE_SECONDS = 600.0


@dataclass(frozen=True, slots=True, repr=False)
class _Core:
    """What web processes and the keeper both need, built once per process."""

    settings: Settings
    store: Store
    rows: Rows
    writer: GroupWriter
    registry: SqlRegistry
    consultations: SqlConsultations
    summary: RefusalSummary


def _build_core(settings: Settings) -> _Core:
    store = open_store(settings)
    if not is_current(store.engine):
        raise SetupError("the database is not at this version: run rse-gateway database upgrade")
    registry = SqlRegistry(
        store.engine, quotas=DefaultQuotas(settings.default_quota, settings.default_register_quota)
    )
    refuse_registered_hub_key(registry, hub_keys(settings))
    rows = Rows(hub_log(settings, store).maker, hub_number(settings))
    writer = GroupWriter(store.engine, store.keys)
    return _Core(
        settings=settings,
        store=store,
        rows=rows,
        writer=writer,
        registry=registry,
        consultations=SqlConsultations(
            store.engine, store.keys, store.clock, horizon=timedelta(seconds=settings.reminder_horizon)
        ),
        summary=RefusalSummary(rows, writer, store.clock),
    )


@dataclass(frozen=True, slots=True, repr=False)
class _Partners:
    """What speaks with partners: the schemas, our signature, the gate, and how messages travel."""

    schemas: Schemas
    signer: MessageSigner
    gate: Gate
    transport: HolderTransport
    pool: OutboundPool


def build_application(settings: Settings) -> GatewayApplication:
    """Return the web application of one process, with everything behind it.

    Raises:
        SetupError: a key, certificate or setting is wrong.
        GatewayUnavailable: the store cannot be read.
    """
    core = _build_core(settings)
    schemas = load_schemas()
    schemas.warm()
    partners = _Partners(
        schemas=schemas,
        signer=signer_from_pem(settings.message_key, settings.message_certificate),
        gate=Gate(TrustPolicy(trust_anchors(settings), core.registry, not_of=hub_keys(settings))),
        transport=HolderTransport(connector=connector(settings), max_reply_bytes=MAX_ANSWER_BYTES),
        pool=OutboundPool(settings.outbound_calls),
    )
    flushing = Flushing(core.summary.flush, seconds=SUMMARY_SECONDS)

    def close() -> None:
        partners.pool.close()
        flushing.close()
        core.writer.close()

    clock, environment = core.store.clock, settings.environment
    return GatewayApplication(
        Collaborators(
            reception=GateReception(partners.gate, schemas, core.consultations),
            operations=_build_operations(core, partners),
            faults=SignedFaults(schemas, partners.signer, core.registry, clock, environment),
            contract=ContractFiles(contract_root(), public_url=settings.public_url),
            clock=clock,
            ids=TimeOrderedIds(clock),
            note_refusal=RefusalDesk(Refusals(core.rows, core.writer, core.summary)).note,
        ),
        max_working=settings.threads + settings.waiting_requests,
        on_close=close,
    )


def lease_owner(host: str, process: int) -> str:
    """Return the name of a process in leases: the end of a long host name, so that the column holds it."""
    return f"{host[-48:]}:{process}"


def _build_operations(core: _Core, partners: _Partners) -> ContractOperations:
    settings, clock, writer, rows = core.settings, core.store.clock, core.writer, core.rows
    answers = SignedAnswers(
        partners.schemas, partners.signer, core.registry, environment=settings.environment
    )
    sources = _build_sources(core)
    rules = _access_rules(settings)
    plan = ReminderPlan(deadline=settings.reminder_deadline, horizon=settings.reminder_horizon)
    holders = ZeepHoldingCpas(
        signer=partners.signer,
        gate=partners.gate,
        schemas=partners.schemas,
        clock=clock,
        registry=core.registry,
        transport=partners.transport,
        decision_years=settings.decision_years,
    )
    receivers = SoapReceivers(
        signer=partners.signer,
        gate=partners.gate,
        schemas=partners.schemas,
        clock=clock,
        registry=core.registry,
        transport=partners.transport,
    )
    attempt = Attempt(clock, writer, holders, rows, plan)
    cap = DecisionCap(settings.decision_years, ReportCutter())
    owner = lease_owner(socket.gethostname(), os.getpid())
    push = Push(clock, sources, writer, receivers, partners.pool, rows, rules, cap)
    return ContractOperations(
        consult=Consult(
            clock=clock,
            sources=sources,
            writer=writer,
            fan_out=FanOut(clock, holders, attempt, rows, plan, owner, settings.holding_codes),
            pool=partners.pool,
            answers=answers,
            rows=rows,
            rules=ConsultRules(rules, settings.collect_window),
            cap=cap,
        ),
        retrieve=Retrieve(clock, sources, writer, answers, rows, rules, cap),
        list_reports=ListReports(clock, sources, writer, answers, rows, rules),
        deliver=Deliver(clock, sources, writer, answers, rows, rules, plan, push, settings.decision_years),
        manage_access=ManageAccess(clock, sources, writer, answers, rows, rules),
        list_rights=ListRights(clock, sources, writer, answers, rows, rules, SERVED),
        test_connection=TestConnection(clock, sources, writer, rows, rules),
        answers=answers,
        clock=clock,
    )


def _build_sources(core: _Core) -> Sources:
    directory = SqlDirectory(core.store.engine, core.store.keys, new_id=uuid4)
    return Sources(core.registry, directory, core.consultations)


def _access_rules(settings: Settings) -> AccessRules:
    return AccessRules(settings.environment, settings.period_years, settings.integration_codes)


def build_keeper(settings: Settings) -> Keeper:
    """Return the keeper of one node: what comes round, whatever the web processes do.

    Raises:
        SetupError: a key or setting is wrong.
        GatewayUnavailable: the store cannot be read.
    """
    core = _build_core(settings)
    engine, clock = core.store.engine, core.store.clock
    forget = Forget(clock, _build_sources(core), core.writer, _access_rules(core.settings))

    def purge_keys() -> None:
        purge_replay_keys(engine, clock.now())

    def purge_kept() -> None:
        purge_answers(engine, clock.now())
        forget()

    return Keeper(
        [
            PeriodicJob("replay keys", PURGE_SECONDS, purge_keys),
            PeriodicJob("kept answers", PURGE_SECONDS, purge_kept),
        ],
        on_close=core.writer.close,
    )
