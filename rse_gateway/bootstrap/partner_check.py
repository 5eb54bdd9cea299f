"""From an opened gateway to the check of a partner, which speaks to partners as web processes do."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from cryptography import x509

from rse_gateway.adapters.holding_cpas import MAX_ANSWER_BYTES, ZeepHoldingCpas
from rse_gateway.adapters.ids import TimeOrderedIds
from rse_gateway.adapters.partner_probe import PartnerProbe, WatchedTransport
from rse_gateway.bootstrap.hosts import address_judge, connector
from rse_gateway.bootstrap.store import HubLog, Store
from rse_gateway.bootstrap.trust import certificate_rules, hub_keys, hub_number, trust_anchors
from rse_gateway.conformance.partner_check import Network, PartnerCheck
from rse_gateway.conformance.trial import Trial
from rse_gateway.contract.schemas import load_schemas
from rse_gateway.ports import Clock, UnitOfWork
from rse_gateway.registration.certificates import CertificateRules
from rse_gateway.security.certificates import MALFORMED, judge_certificate
from rse_gateway.security.gate import Gate
from rse_gateway.security.keys import signer_from_pem
from rse_gateway.security.trust import TrustPolicy
from rse_gateway.settings import Settings
from rse_gateway.store.key_list import list_keys
from rse_gateway.store.registry import SqlRegistry
from rse_gateway.store.writer import GroupWriter
from rse_gateway.trail.entry import LogEntry
from rse_gateway.use_cases.rows import Rows


@contextmanager
def partner_check(settings: Settings, store: Store, hub: HubLog) -> Iterator[PartnerCheck]:
    """Give the check of partners; its log writer lives as long as the block.

    Raises:
        SetupError: a key, certificate or setting is wrong.
    """
    number, clock, registry = hub_number(settings), store.clock, SqlRegistry(store.engine)
    gate = Gate(TrustPolicy(trust_anchors(settings), registry, not_of=hub_keys(settings)))
    connections = connector(settings)
    transport = WatchedTransport(connector=connections, max_reply_bytes=MAX_ANSWER_BYTES)
    probe = PartnerProbe(connections)
    holders = ZeepHoldingCpas(
        signer=signer_from_pem(settings.message_key, settings.message_certificate),
        gate=gate,
        schemas=load_schemas(),
        clock=clock,
        registry=registry,
        transport=transport,
        decision_years=settings.decision_years,
    )
    writer = GroupWriter(store.engine, store.keys)

    def write(row: LogEntry) -> None:
        writer.commit(UnitOfWork(log=(row,)))

    trial = Trial(
        clock=clock,
        ids=TimeOrderedIds(clock),
        holders=holders,
        transport=transport,
        gate=gate,
        rows=Rows(hub.maker, number),
        write=write,
        hub=number,
        environment=settings.environment,
    )
    try:
        yield PartnerCheck(
            registry=registry,
            keys_of=partial(list_keys, store.engine),
            network=Network(address_judge(settings), probe.reach, probe.fetch_wsdl),
            trial=trial,
            clock=clock,
            environment=settings.environment,
            against=partial(reasons_against, certificate_rules(settings), clock),
        )
    finally:
        writer.close()


def reasons_against(rules: CertificateRules, clock: Clock, certificate: bytes) -> tuple[str, ...]:
    """Return everything that stands now against a registered certificate (DER), in words."""
    try:
        read = x509.load_der_x509_certificate(certificate)
    except MALFORMED:
        return ("the certificate is malformed or not supported",)
    judged = judge_certificate(
        read, clock.now(), rules.anchors, rule=rules.subject_rule, not_of=rules.hub_keys
    )
    return tuple(reason.text for reason in judged.reasons)
