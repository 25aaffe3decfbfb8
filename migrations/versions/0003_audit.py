"""The audit log, and the triggers that write it.

Revision ID: 0003
Revises: 0002
"""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent / "sql"


def _run(name: str) -> None:
    for statement in (SQL / name).read_text().split("\n-- next\n"):
        op.execute(statement)


def upgrade() -> None:
    _run("0003_audit.up.sql")


def downgrade() -> None:
    _run("0003_audit.down.sql")
