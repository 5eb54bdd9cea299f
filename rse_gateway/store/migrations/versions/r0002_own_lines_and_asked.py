"""Indexes: an institution's own lines in the order of their begin, and what it asked in the order of time."""

from alembic import op

revision = 'r0002'
down_revision = 'r0001'


def upgrade() -> None:
    op.drop_index('ix_directory_lines_cbe_number', 'directory_lines')
    op.create_index('ix_directory_lines_own', 'directory_lines', ['cbe_number', 'begin_date'], unique=False)
    op.create_index('ix_consultations_asked', 'consultations', ['requesting_cpas', 'accepted_at'], unique=False)
