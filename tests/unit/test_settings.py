"""Settings: where they come from, and that everything wrong with them is said at once."""

from pathlib import Path

import msgspec
import pytest

from mercato.platform.settings import VARIABLES, Settings, SettingsError, asyncpg_dsn, load_settings, sqlalchemy_url

REQUIRED = {
    "DATABASE_URL": "postgresql://mercato:s3cret@db/mercato",
    "VALKEY_URL": "valkey://cache",
    "MEILISEARCH_URL": "http://search:7700",
}


def load(**changes: str) -> Settings:
    """Settings from the required variables and some more."""
    return load_settings({**REQUIRED, **changes}, env_file=None)


def refuse(**changes: str) -> SettingsError:
    """What is wrong with the settings."""
    with pytest.raises(SettingsError) as raised:
        load(**changes)
    return raised.value


def test_three_addresses_are_enough() -> None:
    settings = load()
    assert (settings.port, settings.currency, settings.environment) == (8000, "EUR", "development")
    assert settings.admin_key is None


def test_every_setting_has_a_variable_of_its_own() -> None:
    assert VARIABLES.keys() == set(Settings.__struct_fields__)
    assert len(set(VARIABLES.values())) == len(VARIABLES)


def test_every_variable_is_documented() -> None:
    documented = Path(__file__).parents[2].joinpath(".env.example").read_text(encoding="utf-8")
    missing = [variable for variable in VARIABLES.values() if f"{variable}=" not in documented]
    assert missing == []


def test_values_are_read_as_their_types() -> None:
    settings = load(
        MERCATO_PORT=" 9000 ", MERCATO_WORKERS="2", MERCATO_MEDIA_DIR="/srv/media", MERCATO_LOG_LEVEL="error"
    )
    assert (settings.port, settings.workers, settings.media_dir) == (9000, 2, Path("/srv/media"))
    assert settings.log_level == "error"


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(SettingsError) as raised:
        load_settings({"MERCATO_PORT": "many", "MERCATO_ENV": "staging", "VALKEY_URL": "http://cache"}, env_file=None)
    text = str(raised.value)
    for variable in ("DATABASE_URL", "MEILISEARCH_URL", "VALKEY_URL", "MERCATO_PORT", "MERCATO_ENV"):
        assert variable in text
    assert len(raised.value.problems) == 5


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATABASE_URL", "mysql://db"),
        ("DATABASE_URL", "/var/run/postgresql"),
        ("DATABASE_URL", "postgresql://[::1/mercato"),
        ("VALKEY_URL", "localhost:6379"),
        ("MEILISEARCH_URL", "search:7700"),
        ("MEILISEARCH_URL", "http://[bad"),
        ("MERCATO_PUBLIC_URL", "javascript:alert(1)"),
        ("MERCATO_PORT", "0"),
        ("MERCATO_PORT", "65536"),
        ("MERCATO_PORT", "8000.5"),
        ("MERCATO_WORKERS", "-1"),
        ("MERCATO_CURRENCY", "euro"),
        ("MERCATO_CURRENCY", "XYZ"),
        ("MERCATO_CURRENCIES", "USD, XYZ"),
        ("MERCATO_LOCALE", "english"),
        ("MERCATO_LOG_LEVEL", "loud"),
        ("MERCATO_SEARCH_INDEX_PREFIX", "my-shop"),
        ("MERCATO_SEARCH_TIMEOUT_MS", "1"),
        ("MERCATO_ADMIN_KEY", "short"),
        ("MERCATO_SHOP_NAME", "x" * 61),
    ],
)
def test_a_bad_value_is_refused_with_its_variable(variable: str, value: str) -> None:
    [problem] = refuse(**{variable: value}).problems
    assert variable in problem


def test_secrets_are_not_repeated_in_errors() -> None:
    error = refuse(DATABASE_URL="mysql://root:hunter2@db", MERCATO_ADMIN_KEY="hunter2", MEILISEARCH_URL="ftp://hunter2")
    assert "hunter2" not in str(error)


def test_production_wants_the_key_of_the_engine() -> None:
    assert "MEILISEARCH_API_KEY" in str(refuse(MERCATO_ENV="production"))
    secrets = {"MEILISEARCH_API_KEY": "a-master-key-of-length", "MERCATO_SIGNING_KEYS": "key:" + "a" * 43}
    assert load(MERCATO_ENV="production", **secrets).environment == "production"


def test_the_environment_comes_before_the_file_and_empty_counts_as_not_set(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(
        "MERCATO_PORT=7000\nMERCATO_SHOP_NAME='From the file'\nMERCATO_WORKERS=\nVALKEY_URL=valkey://file\n"
    )
    environ = {**REQUIRED, "MERCATO_PORT": "9000", "VALKEY_URL": ""}
    settings = load_settings(environ, env_file=file)
    assert (settings.port, settings.shop_name, settings.workers) == (9000, "From the file", 1)
    assert settings.valkey_url == "valkey://file"


def test_a_missing_file_is_no_fault(tmp_path: Path) -> None:
    assert load_settings(REQUIRED, env_file=tmp_path / "none").port == 8000


def test_addresses_name_the_driver_that_is_meant() -> None:
    address = load(DATABASE_URL="postgres://u:p@db:5433/shop?sslmode=require").database_url
    assert asyncpg_dsn(address) == "postgresql://u:p@db:5433/shop?sslmode=require"
    assert sqlalchemy_url(address) == "postgresql+asyncpg://u:p@db:5433/shop?sslmode=require"


def test_settings_do_not_change() -> None:
    with pytest.raises(AttributeError):
        load().port = 1  # type: ignore[misc]  # that it is frozen is what is tested
    assert msgspec.structs.replace(load(), port=1).port == 1
