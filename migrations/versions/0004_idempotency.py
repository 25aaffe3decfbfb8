"""Idempotency keys and the answers they were given.

Revision ID: 0004
Revises: 0003
"""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent / "sql"


def _run(name: str) -> None:
    for statement in (SQL / name).read_text().split("\n-- next\n"):
        op.execute(statement)


def upgrade() -> None:
    _run("0004_idempotency.up.sql")


def downgrade() -> None:
    _run("0004_idempotency.down.sql")
