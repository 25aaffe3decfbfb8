"""Which revision the database schema is at, and which is the newest.

Without Alembic, which takes longer to import than the servers take to start.
"""

import ast
from pathlib import Path

import asyncpg

_BESIDE_THE_SOURCE = Path(__file__).resolve().parents[3] / "migrations"


def migrations_folder() -> Path:
    """Folder of the revisions: beside the source, or below the working directory (in an image)."""
    return _BESIDE_THE_SOURCE if _BESIDE_THE_SOURCE.is_dir() else Path("migrations")


def newest_revisions(folder: Path) -> set[str]:
    """Ids of the revisions that no other one in the folder follows."""
    known, followed = set[str](), set[str]()
    for file in (folder / "versions").glob("*.py"):
        values = _constants(file)
        known |= _ids(values.get("revision"))
        followed |= _ids(values.get("down_revision"))
    return known - followed


async def current_revisions(connection: asyncpg.Connection) -> set[str]:
    """Ids of the revisions the database is at; none when it was never migrated."""
    if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
        return set()
    return {row["version_num"] for row in await connection.fetch("SELECT version_num FROM alembic_version")}


async def is_schema_current(dsn: str) -> bool:
    """Whether the database at `dsn` (as asyncpg takes it) has the newest schema."""
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        return await current_revisions(connection) == newest_revisions(migrations_folder())
    finally:
        await connection.close()


def _constants(file: Path) -> dict[str, object]:
    """Literals assigned at the top level of a module."""
    found: dict[str, object] = {}
    for statement in ast.parse(file.read_text(encoding="utf-8")).body:
        targets: list[ast.expr] = []
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        value = getattr(statement, "value", None)
        if not targets or value is None:
            continue
        try:
            literal = ast.literal_eval(value)
        except ValueError:
            continue
        found |= {target.id: literal for target in targets if isinstance(target, ast.Name)}
    return found


def _ids(value: object) -> set[str]:
    if isinstance(value, str):
        return {value}
    return {item for item in value if isinstance(item, str)} if isinstance(value, tuple | list) else set()
