"""Every table of the gateway, once: migrations are compared with this page.

No column holds a NISS in clear: ``niss_enc`` is AES-256-GCM bound to its row, ``niss_hmac`` finds it again
under the key named by ``hmac_key_id``. Moments are microseconds in UTC (`columns.Moment`); a gateway ticket
is the text of its UUIDv7, which sorts by time. ``quota`` and ``register_quota`` are NULL for the default and
-1 for no bound; ``registered_at`` of a line says when it was new by message, NULL when a file brought it.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
)

from rse_gateway.store.columns import Moment
from rse_gateway.trail.sql.tables import trail_tables

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

TRAIL = trail_tables(metadata)


def _cbe(name: str, *, primary_key: bool = False, nullable: bool = False) -> Column[str]:
    return Column(name, String(10), primary_key=primary_key, nullable=nullable)


def _of_institution(*, primary_key: bool = False) -> Column[str]:
    return Column(
        "cbe_number",
        String(10),
        ForeignKey("institutions.cbe_number"),
        primary_key=primary_key,
        nullable=False,
        index=not primary_key,
    )


def _gateway_ticket() -> Column[str]:
    return Column("gateway_ticket", String(36), primary_key=True)


institutions = Table(
    "institutions",
    metadata,
    _cbe("cbe_number", primary_key=True),
    Column("name_fr", String(256), nullable=False),
    Column("name_nl", String(256), nullable=False),
    Column("telephone", String(64)),
    Column("language", String(2)),
    Column("contact", String(256)),
    Column("endpoint", String(1024)),
    Column("receiver_endpoint", String(1024)),
    Column("exempt_from", Date),
    Column("exempt_until", Date),
    Column("quota", Integer),
    Column("register_quota", Integer),
    Column("register_quota_until", Date),
    Column("profile", String(8), nullable=False),
    Column("maintenance_until", Moment),
    _cbe("successor", nullable=True),
    Column("successor_since", Date),
    Column("suspended_at", Moment),
)

institution_keys = Table(
    "institution_keys",
    metadata,
    Column("key_id", String(64), primary_key=True),
    _of_institution(),
    Column("roles", String(128), nullable=False),
    Column("profile", String(8)),
    Column("active_from", Moment, nullable=False),
    Column("active_until", Moment),
    Column("certificate_digest", String(64)),
    Column("certificate", LargeBinary),
)

key_checks = Table(
    "key_checks",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

rights = Table(
    "rights",
    metadata,
    Column("id", Integer, primary_key=True),
    _of_institution(),
    Column("operation", String(64), nullable=False),
    Column("legal_context", String(64), nullable=False),
    Column("valid_from", Date),
    Column("valid_until", Date),
)

mandates = Table(
    "mandates",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mandatary", String(10), ForeignKey("institutions.cbe_number"), nullable=False, index=True),
    _cbe("cpas"),
    Column("operation", String(64), nullable=False),
    Column("valid_from", Date),
    Column("valid_until", Date),
)

config_generation = Table(
    "config_generation",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("generation", BigInteger, nullable=False),
)

directory_lines = Table(
    "directory_lines",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("niss_enc", LargeBinary, nullable=False),
    Column("niss_hmac", LargeBinary(32), nullable=False),
    Column("hmac_key_id", String(16), nullable=False),
    Column("sector", Integer, nullable=False),
    _cbe("cbe_number"),
    Column("quality_code", Integer, nullable=False),
    Column("begin_date", Date, nullable=False),
    Column("end_date", Date),
    Column("changed_at", Moment, nullable=False),
    Column("file_reference", String(64)),
    Column("registered_at", Moment),
    UniqueConstraint("niss_hmac", "cbe_number", "quality_code", "begin_date"),
    Index("ix_directory_lines_own", "cbe_number", "begin_date"),
    Index(
        "ix_directory_lines_registered",
        "cbe_number",
        "registered_at",
        sqlite_where=text("registered_at IS NOT NULL"),
        postgresql_where=text("registered_at IS NOT NULL"),
    ),
)

niss_replacements = Table(
    "niss_replacements",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("old_enc", LargeBinary, nullable=False),
    Column("old_hmac", LargeBinary(32), nullable=False, unique=True),
    Column("new_enc", LargeBinary),
    Column("new_hmac", LargeBinary(32), index=True),
    Column("hmac_key_id", String(16), nullable=False),
    Column("kind", String(9), nullable=False),
    Column("since", Date, nullable=False),
)

replay_keys = Table(
    "replay_keys",
    metadata,
    Column("replay_key", LargeBinary(32), primary_key=True),
    Column("received_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("hits", Integer, nullable=False),
)

consultations = Table(
    "consultations",
    metadata,
    _gateway_ticket(),
    _cbe("requesting_cpas"),
    _cbe("signing"),
    Column("ticket", String(36), nullable=False),
    Column("niss_enc", LargeBinary, nullable=False),
    Column("niss_hmac", LargeBinary(32), nullable=False, index=True),
    Column("hmac_key_id", String(16), nullable=False),
    Column("period_begin", Date, nullable=False),
    Column("period_end", Date, nullable=False),
    Column("legal_context", String(64), nullable=False),
    Column("quality_code", Integer, nullable=False),
    Column("accepted_at", Moment, nullable=False, index=True),
    UniqueConstraint("requesting_cpas", "ticket"),
    Index("ix_consultations_asked", "requesting_cpas", "accepted_at"),
)

legs = Table(
    "legs",
    metadata,
    Column("gateway_ticket", String(36), ForeignKey("consultations.gateway_ticket"), primary_key=True),
    _cbe("holding_cpas", primary_key=True),
    Column("niss_enc", LargeBinary, nullable=False),
    Column("accepted_at", Moment, nullable=False),
    Column("deadline", Moment, nullable=False),
    Column("horizon", Moment, nullable=False),
    Column("state", String(8), nullable=False),
    Column("since", Moment, nullable=False),
    Column("code", String(16), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("next_attempt_at", Moment),
    Column("lease_owner", String(64)),
    Column("lease_until", Moment),
    Column("fence", BigInteger, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("content_digest", LargeBinary, nullable=False),
    Column("unusable_count", Integer, nullable=False),
    Column("unusable_reason", String(32), nullable=False, server_default=""),
    Column("promised", Boolean, nullable=False, server_default=false()),
    Index(
        "ix_legs_due",
        "next_attempt_at",
        sqlite_where=text("next_attempt_at IS NOT NULL"),
        postgresql_where=text("next_attempt_at IS NOT NULL"),
    ),
    Index(
        "ix_legs_leased",
        "lease_until",
        sqlite_where=text("lease_until IS NOT NULL"),
        postgresql_where=text("lease_until IS NOT NULL"),
    ),
    Index("ix_legs_holding_cpas", "holding_cpas", "accepted_at"),
)

not_connected = Table(
    "not_connected",
    metadata,
    Column("gateway_ticket", String(36), ForeignKey("consultations.gateway_ticket"), primary_key=True),
    _cbe("holding_cpas", primary_key=True),
    Column("since", Moment, nullable=False),
)

answers = Table(
    "answers",
    metadata,
    _gateway_ticket(),
    _cbe("holding_cpas", primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("content_digest", LargeBinary(32), nullable=False),
    Column("stored_at", Moment, nullable=False),
    Column("disclosed_at", Moment),
    Column("delete_at", Moment, nullable=False, index=True),
    ForeignKeyConstraint(["gateway_ticket", "holding_cpas"], ["legs.gateway_ticket", "legs.holding_cpas"]),
)

holders = Table(
    "holders",
    metadata,
    _cbe("holding_cpas", primary_key=True),
    Column("blocked_until", Moment),
    Column("failures", Integer, nullable=False),
    Column("max_calls", Integer, nullable=False),
)

alarms = Table(
    "alarms",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("raised_at", Moment, nullable=False, index=True),
    Column("kind", String(64), nullable=False),
    Column("subject", String(256), nullable=False),
    Column("explanation", String(1024), nullable=False),
    Column("acknowledged_at", Moment),
    Column("acknowledged_by", String(64)),
)
