"""Every table of the first version."""

import sqlalchemy as sa
from alembic import op

revision = 'r0001'
down_revision = None


def upgrade() -> None:
    op.create_table('alarms',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('raised_at', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('subject', sa.String(length=256), nullable=False),
    sa.Column('explanation', sa.String(length=1024), nullable=False),
    sa.Column('acknowledged_at', sa.BigInteger(), nullable=True),
    sa.Column('acknowledged_by', sa.String(length=64), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alarms'))
    )
    op.create_index(op.f('ix_alarms_raised_at'), 'alarms', ['raised_at'], unique=False)
    op.create_table('config_generation',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('generation', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_config_generation'))
    )
    op.create_table('consultations',
    sa.Column('gateway_ticket', sa.String(length=36), nullable=False),
    sa.Column('requesting_cpas', sa.String(length=10), nullable=False),
    sa.Column('signing', sa.String(length=10), nullable=False),
    sa.Column('ticket', sa.String(length=36), nullable=False),
    sa.Column('niss_enc', sa.LargeBinary(), nullable=False),
    sa.Column('niss_hmac', sa.LargeBinary(length=32), nullable=False),
    sa.Column('hmac_key_id', sa.String(length=16), nullable=False),
    sa.Column('period_begin', sa.Date(), nullable=False),
    sa.Column('period_end', sa.Date(), nullable=False),
    sa.Column('legal_context', sa.String(length=64), nullable=False),
    sa.Column('quality_code', sa.Integer(), nullable=False),
    sa.Column('accepted_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('gateway_ticket', name=op.f('pk_consultations')),
    sa.UniqueConstraint('requesting_cpas', 'ticket', name=op.f('uq_consultations_requesting_cpas'))
    )
    op.create_index(op.f('ix_consultations_accepted_at'), 'consultations', ['accepted_at'], unique=False)
    op.create_index(op.f('ix_consultations_niss_hmac'), 'consultations', ['niss_hmac'], unique=False)
    op.create_table('directory_lines',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('niss_enc', sa.LargeBinary(), nullable=False),
    sa.Column('niss_hmac', sa.LargeBinary(length=32), nullable=False),
    sa.Column('hmac_key_id', sa.String(length=16), nullable=False),
    sa.Column('sector', sa.Integer(), nullable=False),
    sa.Column('cbe_number', sa.String(length=10), nullable=False),
    sa.Column('quality_code', sa.Integer(), nullable=False),
    sa.Column('begin_date', sa.Date(), nullable=False),
    sa.Column('end_date', sa.Date(), nullable=True),
    sa.Column('changed_at', sa.BigInteger(), nullable=False),
    sa.Column('file_reference', sa.String(length=64), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_directory_lines')),
    sa.UniqueConstraint('niss_hmac', 'cbe_number', 'quality_code', 'begin_date', name=op.f('uq_directory_lines_niss_hmac'))
    )
    op.create_index('ix_directory_lines_cbe_number', 'directory_lines', ['cbe_number'], unique=False)
    op.create_table('holders',
    sa.Column('holding_cpas', sa.String(length=10), nullable=False),
    sa.Column('blocked_until', sa.BigInteger(), nullable=True),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('max_calls', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('holding_cpas', name=op.f('pk_holders'))
    )
    op.create_table('institutions',
    sa.Column('cbe_number', sa.String(length=10), nullable=False),
    sa.Column('name_fr', sa.String(length=256), nullable=False),
    sa.Column('name_nl', sa.String(length=256), nullable=False),
    sa.Column('telephone', sa.String(length=64), nullable=True),
    sa.Column('language', sa.String(length=2), nullable=True),
    sa.Column('contact', sa.String(length=256), nullable=True),
    sa.Column('endpoint', sa.String(length=1024), nullable=True),
    sa.Column('receiver_endpoint', sa.String(length=1024), nullable=True),
    sa.Column('exempt_from', sa.Date(), nullable=True),
    sa.Column('exempt_until', sa.Date(), nullable=True),
    sa.Column('quota', sa.Integer(), nullable=True),
    sa.Column('profile', sa.String(length=8), nullable=False),
    sa.Column('maintenance_until', sa.BigInteger(), nullable=True),
    sa.Column('successor', sa.String(length=10), nullable=True),
    sa.Column('successor_since', sa.Date(), nullable=True),
    sa.PrimaryKeyConstraint('cbe_number', name=op.f('pk_institutions'))
    )
    op.create_table('log_entries',
    sa.Column('entry_id', sa.LargeBinary(length=16), nullable=False),
    sa.Column('record', sa.LargeBinary(), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('at', sa.String(length=24), nullable=False),
    sa.Column('gateway_ticket', sa.String(length=36), nullable=True),
    sa.Column('ticket', sa.String(length=36), nullable=True),
    sa.Column('asking', sa.String(length=10), nullable=True),
    sa.Column('holding', sa.String(length=10), nullable=True),
    sa.Column('signing', sa.String(length=10), nullable=True),
    sa.Column('operation', sa.String(length=64), nullable=True),
    sa.Column('legal_context', sa.String(length=64), nullable=True),
    sa.Column('user_reference', sa.String(length=256), nullable=True),
    sa.Column('outcome', sa.String(length=32), nullable=True),
    sa.PrimaryKeyConstraint('entry_id', name=op.f('pk_log_entries'))
    )
    op.create_index('ix_log_entries_asking', 'log_entries', ['asking', 'at'], unique=False)
    op.create_index('ix_log_entries_at', 'log_entries', ['at'], unique=False)
    op.create_index('ix_log_entries_gateway_ticket', 'log_entries', ['gateway_ticket'], unique=False)
    op.create_index('ix_log_entries_holding', 'log_entries', ['holding', 'at'], unique=False)
    op.create_index('ix_log_entries_kind', 'log_entries', ['kind', 'at'], unique=False)
    op.create_index('ix_log_entries_ticket', 'log_entries', ['ticket'], unique=False)
    op.create_index('ix_log_entries_user_reference', 'log_entries', ['user_reference', 'at'], unique=False)
    op.create_table('log_month_keys',
    sa.Column('key_id', sa.String(length=36), nullable=False),
    sa.Column('auditor', sa.String(length=64), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('wrapped', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('key_id', 'auditor', name=op.f('pk_log_month_keys'))
    )
    op.create_index(op.f('ix_log_month_keys_month'), 'log_month_keys', ['month'], unique=False)
    op.create_table('log_pending',
    sa.Column('entry_id', sa.LargeBinary(length=16), nullable=False),
    sa.PrimaryKeyConstraint('entry_id', name=op.f('pk_log_pending'))
    )
    op.create_table('log_persons',
    sa.Column('entry_id', sa.LargeBinary(length=16), nullable=False),
    sa.Column('role', sa.String(length=16), nullable=False),
    sa.Column('niss_hmac', sa.LargeBinary(length=32), nullable=False),
    sa.Column('hmac_key_id', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('entry_id', 'role', 'niss_hmac', name=op.f('pk_log_persons'))
    )
    op.create_index('ix_log_persons_niss_hmac', 'log_persons', ['niss_hmac', 'entry_id'], unique=False)
    op.create_table('log_private',
    sa.Column('entry_id', sa.LargeBinary(length=16), nullable=False),
    sa.Column('month_key_id', sa.String(length=36), nullable=False),
    sa.Column('nonce', sa.LargeBinary(length=12), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('entry_id', name=op.f('pk_log_private'))
    )
    op.create_index(op.f('ix_log_private_month_key_id'), 'log_private', ['month_key_id'], unique=False)
    op.create_table('niss_replacements',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('old_enc', sa.LargeBinary(), nullable=False),
    sa.Column('old_hmac', sa.LargeBinary(length=32), nullable=False),
    sa.Column('new_enc', sa.LargeBinary(), nullable=True),
    sa.Column('new_hmac', sa.LargeBinary(length=32), nullable=True),
    sa.Column('hmac_key_id', sa.String(length=16), nullable=False),
    sa.Column('kind', sa.String(length=9), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_niss_replacements')),
    sa.UniqueConstraint('old_hmac', name=op.f('uq_niss_replacements_old_hmac'))
    )
    op.create_index(op.f('ix_niss_replacements_new_hmac'), 'niss_replacements', ['new_hmac'], unique=False)
    op.create_table('replay_keys',
    sa.Column('replay_key', sa.LargeBinary(length=32), nullable=False),
    sa.Column('received_at', sa.BigInteger(), nullable=False),
    sa.Column('expires_at', sa.BigInteger(), nullable=False),
    sa.Column('hits', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('replay_key', name=op.f('pk_replay_keys'))
    )
    op.create_index(op.f('ix_replay_keys_expires_at'), 'replay_keys', ['expires_at'], unique=False)
    op.create_table('institution_keys',
    sa.Column('key_id', sa.String(length=64), nullable=False),
    sa.Column('cbe_number', sa.String(length=10), nullable=False),
    sa.Column('roles', sa.String(length=128), nullable=False),
    sa.Column('profile', sa.String(length=8), nullable=True),
    sa.Column('active_from', sa.BigInteger(), nullable=False),
    sa.Column('active_until', sa.BigInteger(), nullable=True),
    sa.Column('certificate_digest', sa.String(length=64), nullable=True),
    sa.ForeignKeyConstraint(['cbe_number'], ['institutions.cbe_number'], name=op.f('fk_institution_keys_cbe_number_institutions')),
    sa.PrimaryKeyConstraint('key_id', name=op.f('pk_institution_keys'))
    )
    op.create_index(op.f('ix_institution_keys_cbe_number'), 'institution_keys', ['cbe_number'], unique=False)
    op.create_table('legs',
    sa.Column('gateway_ticket', sa.String(length=36), nullable=False),
    sa.Column('holding_cpas', sa.String(length=10), nullable=False),
    sa.Column('niss_enc', sa.LargeBinary(), nullable=False),
    sa.Column('accepted_at', sa.BigInteger(), nullable=False),
    sa.Column('deadline', sa.BigInteger(), nullable=False),
    sa.Column('horizon', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('since', sa.BigInteger(), nullable=False),
    sa.Column('code', sa.String(length=16), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('next_attempt_at', sa.BigInteger(), nullable=True),
    sa.Column('lease_owner', sa.String(length=64), nullable=True),
    sa.Column('lease_until', sa.BigInteger(), nullable=True),
    sa.Column('fence', sa.BigInteger(), nullable=False),
    sa.Column('late', sa.Boolean(), nullable=False),
    sa.Column('content_digest', sa.LargeBinary(), nullable=False),
    sa.Column('unusable_count', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['gateway_ticket'], ['consultations.gateway_ticket'], name=op.f('fk_legs_gateway_ticket_consultations')),
    sa.PrimaryKeyConstraint('gateway_ticket', 'holding_cpas', name=op.f('pk_legs'))
    )
    op.create_index('ix_legs_due', 'legs', ['next_attempt_at'], unique=False, sqlite_where=sa.text('next_attempt_at IS NOT NULL'), postgresql_where=sa.text('next_attempt_at IS NOT NULL'))
    op.create_index('ix_legs_holding_cpas', 'legs', ['holding_cpas', 'accepted_at'], unique=False)
    op.create_index('ix_legs_leased', 'legs', ['lease_until'], unique=False, sqlite_where=sa.text('lease_until IS NOT NULL'), postgresql_where=sa.text('lease_until IS NOT NULL'))
    op.create_table('mandates',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('mandatary', sa.String(length=10), nullable=False),
    sa.Column('cpas', sa.String(length=10), nullable=False),
    sa.Column('operation', sa.String(length=64), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_until', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['mandatary'], ['institutions.cbe_number'], name=op.f('fk_mandates_mandatary_institutions')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mandates'))
    )
    op.create_index(op.f('ix_mandates_mandatary'), 'mandates', ['mandatary'], unique=False)
    op.create_table('not_connected',
    sa.Column('gateway_ticket', sa.String(length=36), nullable=False),
    sa.Column('holding_cpas', sa.String(length=10), nullable=False),
    sa.Column('since', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['gateway_ticket'], ['consultations.gateway_ticket'], name=op.f('fk_not_connected_gateway_ticket_consultations')),
    sa.PrimaryKeyConstraint('gateway_ticket', 'holding_cpas', name=op.f('pk_not_connected'))
    )
    op.create_table('rights',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('cbe_number', sa.String(length=10), nullable=False),
    sa.Column('operation', sa.String(length=64), nullable=False),
    sa.Column('legal_context', sa.String(length=64), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_until', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['cbe_number'], ['institutions.cbe_number'], name=op.f('fk_rights_cbe_number_institutions')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rights'))
    )
    op.create_index(op.f('ix_rights_cbe_number'), 'rights', ['cbe_number'], unique=False)
    op.create_table('answers',
    sa.Column('gateway_ticket', sa.String(length=36), nullable=False),
    sa.Column('holding_cpas', sa.String(length=10), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('content_digest', sa.LargeBinary(length=32), nullable=False),
    sa.Column('stored_at', sa.BigInteger(), nullable=False),
    sa.Column('disclosed_at', sa.BigInteger(), nullable=True),
    sa.Column('delete_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['gateway_ticket', 'holding_cpas'], ['legs.gateway_ticket', 'legs.holding_cpas'], name=op.f('fk_answers_gateway_ticket_legs')),
    sa.PrimaryKeyConstraint('gateway_ticket', 'holding_cpas', name=op.f('pk_answers'))
    )
    op.create_index(op.f('ix_answers_delete_at'), 'answers', ['delete_at'], unique=False)
    op.execute("INSERT INTO config_generation (id, generation) VALUES (1, 1)")
