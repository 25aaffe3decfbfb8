"""Rules of the code that no stock linter holds."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

import mercato

SOURCE = Path(mercato.__file__).parent
MODULES = sorted(SOURCE.rglob("*.py"))

# Files of these names decide, describe or answer; what they want from the database, a repository says in SQL.
NO_SQL_IN = {"controllers", "service", "schemas", "models", "openapi", "routes", "problems", "asgi", "bootstrap"}
SQL = re.compile(
    r"\bSELECT\b.+\bFROM\b|\bINSERT INTO\b|\bUPDATE\s+\w+(\s+\w+)?\s+SET\b|\bDELETE FROM\b|\bTRUNCATE\b", re.DOTALL
)
# Only these know the web framework.
KNOWS_LITESTAR = re.compile(
    r"^(platform/.+|(.+/)?controllers(/.+|\.py)|catalog/openapi\.py|identity/limits\.py|asgi\.py)$"
)


def name_of(module: Path) -> str:
    """Path below the package."""
    return module.relative_to(SOURCE).as_posix()


def parse(module: Path) -> ast.Module:
    """Syntax tree of a module."""
    return ast.parse(module.read_text(encoding="utf-8"))


def imports(tree: ast.Module) -> Iterator[tuple[str, list[str]]]:
    """(module, names) of each import; names are empty for `import module`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            yield from ((alias.name, []) for alias in node.names)


def texts(tree: ast.Module) -> Iterator[str]:
    """Every string that is no docstring."""
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value


def test_imports_keep_to_their_contracts() -> None:
    assert lint_imports(no_cache=True, no_logo=True) == 0


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_every_module_says_what_it_is_for(module: Path) -> None:
    assert ast.get_docstring(parse(module)), name_of(module)


def test_sql_stands_in_repositories_and_their_like() -> None:
    judged = [module for module in MODULES if module.stem in NO_SQL_IN or module.parent.name in NO_SQL_IN]
    assert judged
    for module in judged:
        for text in texts(parse(module)):
            assert not SQL.search(text), f"{name_of(module)}: {text[:60]!r}"


def test_services_do_not_build_statements() -> None:
    for module in MODULES:
        if module.stem == "service":
            for imported, names in imports(parse(module)):
                if imported.partition(".")[0] == "sqlalchemy":
                    assert set(names) <= {"AsyncSession"}, name_of(module)


def test_only_the_edge_knows_the_web_framework() -> None:
    for module in MODULES:
        if not KNOWS_LITESTAR.match(name_of(module)):
            assert not any(imported.partition(".")[0] == "litestar" for imported, _names in imports(parse(module))), (
                name_of(module)
            )
