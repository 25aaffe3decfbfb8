"""Settings from the environment and `.env`, checked once at start."""

import binascii
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from dotenv import dotenv_values
from msgspec import Meta

from mercato.platform.address import ProxyNetworks
from mercato.platform.cors import Origins
from mercato.platform.money import CURRENCIES, FurtherCurrencies
from mercato.platform.rates import Rate

Environment = Literal["development", "test", "production"]
LogLevel = Literal["debug", "info", "warning", "error"]
Port = Annotated[int, Meta(ge=1, le=65535)]

MIN_SECRET_LENGTH = 24
SEED_BYTES = 32
"""Of an Ed25519 key (RFC 8032, section 5.1.5)."""
_KEY_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")


class SettingsError(Exception):
    """Missing or bad settings; the message has one line for each of them."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("Mercato cannot start with these settings:\n" + "\n".join(f"  - {line}" for line in problems))


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an installation can decide. `.env.example` documents each variable."""

    environment: Environment = "development"
    database_url: str
    database_pool_size: Annotated[int, Meta(ge=2, le=200)] = 10
    valkey_url: str
    meilisearch_url: str
    meilisearch_api_key: str = ""
    search_index_prefix: Annotated[str, Meta(pattern=r"^[a-z0-9_]{0,40}$")] = ""
    search_timeout_ms: Annotated[int, Meta(ge=50, le=30_000)] = 1500
    admin_key: str | None = None
    signing_keys: str | None = None
    """Ed25519 seeds that sign access tokens, "name:seed,…": the first signs, all are accepted."""
    access_token_minutes: Annotated[int, Meta(ge=1, le=60)] = 15
    session_days: Annotated[int, Meta(ge=1, le=365)] = 30
    host: str = "127.0.0.1"
    port: Port = 8000
    workers: Annotated[int, Meta(ge=1, le=64)] = 1
    public_url: str = "http://127.0.0.1:8000"
    media_dir: Path = Path(".mercato/media")
    media_base_url: str = ""
    """Where browsers get files from, when that is not this server: a network of caches, or the bucket itself. Ends with "/"."""
    s3_bucket: str = ""
    """Keeps files in a bucket instead of the media folder."""
    s3_prefix: str = ""
    s3_endpoint: str = ""
    s3_region: str = "us-east-1"
    s3_access_key: str = ""
    s3_secret_key: str = ""
    private_originals: bool = False
    """Originals are given out by signed addresses only."""
    require_alt: bool = False
    """A product is published only when all its pictures have words for those who do not see them."""
    upload_megabytes: Annotated[int, Meta(ge=1, le=20)] = 20
    upload_megapixels: Annotated[int, Meta(ge=1, le=500)] = 100
    image_processes: Annotated[int, Meta(ge=1, le=64)] | None = None
    """Children of a worker that render pictures; by default one fewer than processors."""
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$")] = "EUR"
    currencies: FurtherCurrencies = FurtherCurrencies()
    """What pages can show prices in besides `currency`."""
    locale: Annotated[str, Meta(pattern=r"^[a-z]{2}(_[A-Z]{2})?$")] = "en_IE"
    shop_name: Annotated[str, Meta(min_length=1, max_length=60)] = "Mercato"
    log_level: LogLevel = "info"
    metrics_port: Port | None = None
    """Where the worker serves its own metrics; the API has them at `/metrics`."""
    reviews_approve: Literal["manual", "auto"] = "manual"
    """Whether reviews wait for a moderator or are shown at once."""
    audit_days: Annotated[int, Meta(ge=0, le=36_500)] = 730
    """How long the audit log is kept; 0 keeps it for ever."""
    hot_reads_mb: Annotated[int, Meta(ge=0, le=100_000)] = 64
    """Memory for answers held in the process, in each; 0 holds none."""
    cdn_seconds: Annotated[int, Meta(ge=0, le=86_400)] = 0
    """How long shared caches in front may answer without asking (`s-maxage`); 0: they ask each time."""
    trusted_proxies: ProxyNetworks = ProxyNetworks()
    cors_origins: Origins = Origins()
    limit_login: Rate = Rate("60/60")
    limit_register: Rate = Rate("60/60")
    limit_refresh: Rate = Rate("600/60")
    limit_writes: Rate = Rate("12000/60")
    limit_uploads: Rate = Rate("1200/60")
    limit_search: Rate | None = None
    limit_suggest: Rate | None = None
    limit_reads: Rate | None = None

    @property
    def has_secure_cookies(self) -> bool:
        """Whether cookies are for encrypted connections only: in production, and wherever the shop is reached by https."""
        return self.environment == "production" or self.public_url.startswith("https://")


def sqlalchemy_url(address: str) -> str:
    """Name the driver: `postgresql://` alone would mean psycopg."""
    return "postgresql+asyncpg://" + address.partition("://")[2]


def asyncpg_dsn(address: str) -> str:
    """The same address for asyncpg itself."""
    return "postgresql://" + address.partition("://")[2]


VARIABLES: Mapping[str, str] = {
    "environment": "MERCATO_ENV",
    "database_url": "DATABASE_URL",
    "database_pool_size": "MERCATO_DATABASE_POOL_SIZE",
    "valkey_url": "VALKEY_URL",
    "meilisearch_url": "MEILISEARCH_URL",
    "meilisearch_api_key": "MEILISEARCH_API_KEY",
    "search_index_prefix": "MERCATO_SEARCH_INDEX_PREFIX",
    "search_timeout_ms": "MERCATO_SEARCH_TIMEOUT_MS",
    "admin_key": "MERCATO_ADMIN_KEY",
    "signing_keys": "MERCATO_SIGNING_KEYS",
    "access_token_minutes": "MERCATO_ACCESS_TOKEN_MINUTES",
    "session_days": "MERCATO_SESSION_DAYS",
    "host": "MERCATO_HOST",
    "port": "MERCATO_PORT",
    "workers": "MERCATO_WORKERS",
    "public_url": "MERCATO_PUBLIC_URL",
    "media_dir": "MERCATO_MEDIA_DIR",
    "media_base_url": "MERCATO_MEDIA_BASE_URL",
    "s3_bucket": "MERCATO_S3_BUCKET",
    "s3_prefix": "MERCATO_S3_PREFIX",
    "s3_endpoint": "MERCATO_S3_ENDPOINT",
    "s3_region": "MERCATO_S3_REGION",
    "s3_access_key": "MERCATO_S3_ACCESS_KEY",
    "s3_secret_key": "MERCATO_S3_SECRET_KEY",
    "private_originals": "MERCATO_PRIVATE_ORIGINALS",
    "require_alt": "MERCATO_REQUIRE_ALT",
    "upload_megabytes": "MERCATO_UPLOAD_MEGABYTES",
    "upload_megapixels": "MERCATO_UPLOAD_MEGAPIXELS",
    "image_processes": "MERCATO_IMAGE_PROCESSES",
    "currency": "MERCATO_CURRENCY",
    "currencies": "MERCATO_CURRENCIES",
    "locale": "MERCATO_LOCALE",
    "shop_name": "MERCATO_SHOP_NAME",
    "log_level": "MERCATO_LOG_LEVEL",
    "metrics_port": "MERCATO_METRICS_PORT",
    "reviews_approve": "MERCATO_REVIEWS_APPROVE",
    "audit_days": "MERCATO_AUDIT_DAYS",
    "hot_reads_mb": "MERCATO_HOT_READS_MB",
    "cdn_seconds": "MERCATO_CDN_SECONDS",
    "trusted_proxies": "MERCATO_TRUSTED_PROXIES",
    "cors_origins": "MERCATO_CORS_ORIGINS",
    "limit_login": "MERCATO_LIMIT_LOGIN",
    "limit_register": "MERCATO_LIMIT_REGISTER",
    "limit_refresh": "MERCATO_LIMIT_REFRESH",
    "limit_writes": "MERCATO_LIMIT_WRITES",
    "limit_uploads": "MERCATO_LIMIT_UPLOADS",
    "limit_search": "MERCATO_LIMIT_SEARCH",
    "limit_suggest": "MERCATO_LIMIT_SUGGEST",
    "limit_reads": "MERCATO_LIMIT_READS",
}
"""Field of `Settings` -> the environment variable that sets it."""

_SCHEMES: Mapping[str, tuple[str, ...]] = {
    "database_url": ("postgresql", "postgres", "postgresql+asyncpg"),
    "valkey_url": ("valkey", "valkeys", "redis", "rediss", "unix"),
    "meilisearch_url": ("http", "https"),
    "public_url": ("http", "https"),
    "media_base_url": ("http", "https"),
    "s3_endpoint": ("http", "https"),
}


def read_environment(environ: Mapping[str, str], env_file: Path | None = Path(".env")) -> dict[str, str]:
    """Merge the `.env` file (when there is one) under the process environment; empty values count as not set."""
    from_file = {k: v for k, v in dotenv_values(env_file).items() if v} if env_file and env_file.is_file() else {}
    return {**from_file, **{k: v for k, v in environ.items() if v}}


def load_settings(environ: Mapping[str, str], env_file: Path | None = Path(".env")) -> Settings:
    """Read and check every setting; raises `SettingsError` naming all that are missing or bad."""
    source = read_environment(environ, env_file)
    values: dict[str, object] = {}
    problems: list[str] = []
    for field in msgspec.structs.fields(Settings):
        variable = VARIABLES[field.name]
        raw = source.get(variable)
        if raw is None:
            if field.required:
                problems.append(f"{variable} is missing")
            continue
        try:
            values[field.name] = msgspec.convert(raw.strip(), field.type, strict=False, dec_hook=_construct)
        except msgspec.ValidationError as error:
            problems.append(f"{variable}={_shown(field.name, raw)} is not usable: {error}")
    problems += _bad_addresses(values)
    problems += _bad_currency(values)
    problems += _production_problems(values)
    if problems:
        raise SettingsError(problems)
    return msgspec.convert(values, Settings, dec_hook=_construct)


def _construct(kind: type, value: object) -> object:
    return value if isinstance(value, kind) else kind(value)


def _shown(name: str, raw: str) -> str:
    return "…" if "key" in name or "url" in name else repr(raw)


def _bad_addresses(values: Mapping[str, object]) -> list[str]:
    problems = []
    for name, schemes in _SCHEMES.items():
        value = values.get(name)
        if isinstance(value, str) and _scheme(value) not in schemes:
            problems.append(f"{VARIABLES[name]} must start with one of {', '.join(s + '://' for s in schemes)}")
    return problems


def _scheme(address: str) -> str:
    try:
        return urlsplit(address).scheme
    except ValueError:  # a bracket that does not close, a port that is no number
        return ""


def _bad_currency(values: Mapping[str, object]) -> list[str]:
    currency = values.get("currency", "EUR")
    return [] if currency in CURRENCIES else [f"{VARIABLES['currency']}={currency!r} is no currency (ISO 4217)"]


def _production_problems(values: Mapping[str, object]) -> list[str]:
    admin_key = values.get("admin_key")
    problems = []
    if isinstance(admin_key, str) and len(admin_key) < MIN_SECRET_LENGTH:
        problems.append(f"MERCATO_ADMIN_KEY must have at least {MIN_SECRET_LENGTH} characters")
    signing_keys = values.get("signing_keys")
    if isinstance(signing_keys, str):
        try:
            parse_signing_keys(signing_keys)
        except ValueError as error:
            problems.append(f"MERCATO_SIGNING_KEYS is not usable: {error}")
    if values.get("environment") == "production":
        problems += [
            f"{VARIABLES[name]} is missing (required in production)"
            for name in ("meilisearch_api_key", "signing_keys")
            if not values.get(name)
        ]
    return problems


def parse_signing_keys(text: str) -> dict[str, bytes]:
    """Read "name:seed,…" (seeds of 32 bytes in unpadded URL-safe base64); raises ValueError, which never shows a seed."""
    keys: dict[str, bytes] = {}
    for number, item in enumerate(text.split(","), start=1):
        name, _, encoded = item.strip().partition(":")
        if not _KEY_NAME.fullmatch(name) or name in keys:
            raise ValueError(f"key {number} needs a name of its own (letters, digits, - and _), as in name:seed")
        try:
            seed = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        except binascii.Error:
            seed = b""
        if len(seed) != SEED_BYTES:
            raise ValueError(f"the seed of key {name} is not {SEED_BYTES} bytes in URL-safe base64")
        keys[name] = seed
    return keys
