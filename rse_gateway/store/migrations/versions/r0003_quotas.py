"""Quotas: for new lines by message, and when a message brought a line."""

import sqlalchemy as sa
from alembic import op

revision = 'r0003'
down_revision = 'r0002'


def upgrade() -> None:
    with op.batch_alter_table('institutions') as batch:
        batch.add_column(sa.Column('register_quota', sa.Integer()))
        batch.add_column(sa.Column('register_quota_until', sa.Date()))
    with op.batch_alter_table('directory_lines') as batch:
        batch.add_column(sa.Column('registered_at', sa.BigInteger()))
    op.create_index(
        'ix_directory_lines_registered', 'directory_lines', ['cbe_number', 'registered_at'], unique=False,
        sqlite_where=sa.text('registered_at IS NOT NULL'),
        postgresql_where=sa.text('registered_at IS NOT NULL'),
    )  # fmt: skip
