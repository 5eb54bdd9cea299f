"""Suspension of an institution by an operator."""

import sqlalchemy as sa
from alembic import op

revision = 'r0006'
down_revision = 'r0005'


def upgrade() -> None:
    with op.batch_alter_table('institutions') as batch:
        batch.add_column(sa.Column('suspended_at', sa.BigInteger()))
