"""Accounts, sessions and API keys, and the triggers that tell every process what is valid no more.

Revision ID: 0002
Revises: 0001
"""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent / "sql"


def _run(name: str) -> None:
    for statement in (SQL / name).read_text().split("\n-- next\n"):
        op.execute(statement)


def upgrade() -> None:
    _run("0002_identity.up.sql")


def downgrade() -> None:
    _run("0002_identity.down.sql")
