"""Finding the newest revision without Alembic, as Alembic itself does."""

from pathlib import Path

from alembic.script import ScriptDirectory

from mercato.cli.schema import migrations_folder, newest_revisions


def write_revision(folder: Path, name: str, down: str) -> None:
    (folder / "versions").mkdir(exist_ok=True)
    (folder / "env.py").touch()
    text = f'revision: str = "{name}"\ndown_revision = {down}\nbranch_labels = None\ndepends_on = None\n'
    (folder / "versions" / f"{name}_x.py").write_text(text)


def test_the_newest_revisions_are_those_that_alembic_names() -> None:
    assert newest_revisions(migrations_folder()) == set(ScriptDirectory(str(migrations_folder())).get_heads())


def test_branches_have_a_newest_revision_each_and_a_merge_ends_them(tmp_path: Path) -> None:
    write_revision(tmp_path, "a", "None")
    write_revision(tmp_path, "b", '"a"')
    write_revision(tmp_path, "c", '"a"')
    assert newest_revisions(tmp_path) == set(ScriptDirectory(str(tmp_path)).get_heads()) == {"b", "c"}

    write_revision(tmp_path, "d", '("b", "c")')
    assert newest_revisions(tmp_path) == {"d"}
