"""The master key that the database was sealed with, and certificates of institutions as they were registered."""

import sqlalchemy as sa
from alembic import op

revision = 'r0004'
down_revision = 'r0003'


def upgrade() -> None:
    op.create_table(
        'key_checks',
        sa.Column('name', sa.String(16), nullable=False),
        sa.Column('value', sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint('name', name=op.f('pk_key_checks')),
    )
    with op.batch_alter_table('institution_keys') as batch:
        batch.add_column(sa.Column('certificate', sa.LargeBinary()))
