"""Assets: pictures by their content, with their renditions.

Revision ID: 0013
Revises: 0012
"""

from pathlib import Path

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent / "sql"


def _run(name: str) -> None:
    for statement in (SQL / name).read_text().split("\n-- next\n"):
        op.execute(statement)


def upgrade() -> None:
    _run("0013_media.up.sql")


def downgrade() -> None:
    _run("0013_media.down.sql")
