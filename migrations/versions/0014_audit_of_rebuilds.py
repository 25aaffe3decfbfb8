"""The audit log tells who had the search index rebuilt.

Revision ID: 0014
Revises: 0013
"""

from pathlib import Path

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent / "sql"


def _run(name: str) -> None:
    for statement in (SQL / name).read_text().split("\n-- next\n"):
        op.execute(statement)


def upgrade() -> None:
    _run("0014_audit_of_rebuilds.up.sql")


def downgrade() -> None:
    _run("0014_audit_of_rebuilds.down.sql")
