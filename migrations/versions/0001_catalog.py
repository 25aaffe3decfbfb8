"""Catalog tables, the outbox and the triggers that fill it.

Revision ID: 0001
Revises:
"""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SQL = Path(__file__).parent / "sql"


def _run(name: str) -> None:
    for statement in (SQL / name).read_text().split("\n-- next\n"):
        op.execute(statement)


def upgrade() -> None:
    _run("0001_catalog.up.sql")


def downgrade() -> None:
    _run("0001_catalog.down.sql")
