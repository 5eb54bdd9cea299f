"""Legs: for which reason answers were unusable, and that the holder promised to answer later."""

import sqlalchemy as sa
from alembic import op

revision = 'r0005'
down_revision = 'r0004'


def upgrade() -> None:
    with op.batch_alter_table('legs') as batch:
        batch.add_column(sa.Column('unusable_reason', sa.String(length=32), nullable=False, server_default=''))
        batch.add_column(sa.Column('promised', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE legs SET promised = TRUE WHERE state = 'PROMISED'")
