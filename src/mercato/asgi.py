"""The composition root of HTTP."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import anyio
import asyncpg
from litestar import Litestar, MediaType, Response, Router, get
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme, Tag
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, multiprocess

from mercato.bootstrap import Resources, make_resources, opened
from mercato.catalog.product.hot_path import HotPath
from mercato.catalog.routes import CONTROLLERS as CATALOG_CONTROLLERS
from mercato.identity.audit.caller import caller_of
from mercato.identity.audit.controllers import AuditController
from mercato.identity.controllers import Guard, make_guard, provide_principal, public
from mercato.identity.limits import make_limit_guard
from mercato.identity.routes import CONTROLLERS as IDENTITY_CONTROLLERS
from mercato.identity.session.cookies import SESSION_COOKIE, cookie_name
from mercato.media.routes import CONTROLLERS as MEDIA_CONTROLLERS
from mercato.media.routes import DELIVERY
from mercato.platform.asgitypes import ASGIReceive, ASGIScope, ASGISend
from mercato.platform.cors import Cors
from mercato.platform.db import DATABASE_AWAY
from mercato.platform.docs import DOCS_HANDLERS
from mercato.platform.forms import reading_forms
from mercato.platform.health import Liveness, Readiness, check_readiness
from mercato.platform.http import ApiRequest, one_after_another, refuse_options, refuse_unusable_parameters
from mercato.platform.idempotency import Idempotency
from mercato.platform.logging import configure_logging, get_logger
from mercato.platform.openapi import describe_common_answers, problem
from mercato.platform.session import make_session_opener, make_session_provider
from mercato.platform.settings import Settings, load_settings
from mercato.platform.telemetry import Telemetry
from mercato.search.controllers import SearchController
from mercato.search.status import measure_lag
from mercato.storefront.controllers import STOREFRONT_HANDLERS, make_exception_handler

MAX_BODY_BYTES = 64 * 1024
"""Of routes that do not say otherwise (`request_max_body_size`): what people type into a form fits ten times."""

_log = get_logger()


class Application:
    """The ASGI application: Litestar inside idempotency inside the hit path inside CORS inside the telemetry layer."""

    def __init__(self, litestar: Litestar, idempotency: Idempotency, resources: Resources) -> None:
        self.litestar = litestar
        settings = resources.settings
        once = idempotency.around(litestar)  # type: ignore[arg-type]  # Litestar's ASGI types are its own
        hot = HotPath(
            once,
            resources.hot,
            limiter=resources.limiter,
            authenticator=resources.identity.authenticator,
            session_cookie=_session_cookie(settings),
        )
        marked = Cors(hot, settings.cors_origins)
        self._app = Telemetry(marked, settings.trusted_proxies, is_https=settings.public_url.startswith("https://"))

    async def __call__(self, scope: ASGIScope, receive: ASGIReceive, send: ASGISend) -> None:
        """One connection, or the lifespan."""
        await self._app(scope, receive, send)


def create_app(resources: Resources | None = None) -> Application:
    """Build the application; without resources, from the settings of the environment."""
    if resources is None:
        settings = load_settings(os.environ)
        configure_logging(settings.log_level, process="api")
        resources = make_resources(settings)
    idempotency = Idempotency(
        resources.db,
        caller_of,
        resources.identity.passwords.stretch,
        on_committed=resources.changes.committed,
    )
    return Application(_create_litestar(resources, idempotency), idempotency, resources)


def _create_litestar(resources: Resources, idempotency: Idempotency) -> Litestar:
    def shared(value: object) -> Provide:
        return Provide(lambda: value, sync_to_thread=False, use_cache=True)

    open_session = make_session_opener(resources.db, caller_of, resources.changes.committed)
    app = Litestar(
        route_handlers=[
            Router(
                "/api/v1",
                route_handlers=[
                    *CATALOG_CONTROLLERS,
                    *MEDIA_CONTROLLERS,
                    SearchController,
                    *IDENTITY_CONTROLLERS,
                    AuditController,
                ],
                before_request=reading_forms(resources.media.storage.incoming, idempotency.hook()),
            ),
            *_operations(resources),
            *DOCS_HANDLERS,
            DELIVERY,
            *STOREFRONT_HANDLERS,
        ],
        lifespan=[lambda _app: _lifespan(resources)],
        dependencies={
            "session": Provide(make_session_provider(open_session)),
            "open_session": shared(open_session),
            "media": shared(resources.media),
            "signer": shared(resources.signer),
            "db": shared(resources.db),
            "hot": shared(resources.hot),
            "gateway": shared(resources.gateway),
            "names": shared(resources.names),
            "taxonomy": shared(resources.taxonomy),
            "search": shared(resources.search),
            "settings": shared(resources.settings),
            "identity": shared(resources.identity),
            "principal": Provide(provide_principal, sync_to_thread=False),
        },
        guards=[
            one_after_another(
                refuse_options,
                make_limit_guard(_authorize(resources), resources.limiter),
                refuse_unusable_parameters,
            )
        ],
        request_class=ApiRequest,
        logging_config=None,  # ours is set up by the process; Litestar would replace it
        exception_handlers={Exception: make_exception_handler(resources.settings, resources.taxonomy)},
        request_max_body_size=MAX_BODY_BYTES,
        openapi_config=_openapi(),
    )
    describe_common_answers(app)
    return app


def _authorize(resources: Resources) -> Guard:
    return make_guard(resources.identity.authenticator, _session_cookie(resources.settings))


def _session_cookie(settings: Settings) -> str:
    return cookie_name(SESSION_COOKIE, is_secure=settings.has_secure_cookies)


@asynccontextmanager
async def _lifespan(resources: Resources) -> AsyncIterator[None]:
    async with opened(resources), anyio.create_task_group() as tasks:
        with suppress(*DATABASE_AWAY, asyncpg.PostgresError):
            # A database that is down now is retried by the task below; the API starts anyway and says so in /health/ready.
            await resources.identity.revocations.load()
            await resources.taxonomy.load()
        tasks.start_soon(resources.identity.keep_current)
        tasks.start_soon(resources.taxonomy.keep_current)
        tasks.start_soon(resources.announcer.run)
        if resources.settings.hot_reads_mb:
            tasks.start_soon(resources.feed.run)
        _log.info("api_started", port=resources.settings.port)
        yield
        tasks.cancel_scope.cancel()
    _log.info("api_stopped")


def _operations(resources: Resources) -> list[HTTPRouteHandler]:
    unusable = {
        400: problem("Unknown parameters."),
        401: problem("Credentials that are not good; none are needed."),
        403: problem("A publishable key can only search."),
    }

    @get(
        "/health/live",
        opt=public(),
        tags=["Operations"],
        operation_id="live",
        summary="Is the process alive?",
        responses=unusable,
    )
    async def live() -> Liveness:
        """For the supervisor: restart the process when this fails."""
        return Liveness()

    @get(
        "/health/ready",
        opt=public(),
        tags=["Operations"],
        operation_id="ready",
        summary="Can it serve? Each dependency with its latency",
        responses=unusable
        | {503: ResponseSpec(Readiness, description="Something required does not answer.", generate_examples=False)},
    )
    async def ready() -> Response[Readiness]:
        """For the load balancer: 503 while something required is down; `degraded` still serves."""
        readiness = await check_readiness(
            {"postgres": lambda: resources.db.reads.execute("SELECT 1")},
            {"valkey": resources.valkey.ping, "meilisearch": resources.gateway.ping},
        )
        return Response(readiness, status_code=503 if readiness.status == "unavailable" else 200)

    @get("/metrics", opt=public(), include_in_schema=False, media_type=MediaType.TEXT)
    async def metrics() -> Response[bytes]:
        with suppress(*DATABASE_AWAY, asyncpg.PostgresError):
            await measure_lag(resources.db.reads)
        registry: CollectorRegistry = REGISTRY
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library has no types here
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return [live, ready, metrics]


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Mercato",
        version="1",
        description=(
            "Product catalog and instant search. Errors are problems (RFC 9457) with a stable `code`. "
            "Lists are paged by cursor. Changes are guarded by `ETag` and `If-Match`."
        ),
        openapi_router=Router("/schema", route_handlers=[], opt=public(), include_in_schema=False),
        use_handler_docstrings=True,
        render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        components=Components(
            security_schemes={
                "ApiKey": SecurityScheme(type="apiKey", name="X-API-Key", security_scheme_in="header"),
                "Bearer": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT"),
            }
        ),
        tags=[
            Tag(name="Products", description="What the shop sells."),
            Tag(name="Variants", description="What is sold of a product: combinations of its options."),
            Tag(name="Prices", description="Prices in several currencies, and sales by the clock."),
            Tag(name="Categories", description="The tree that products are found in."),
            Tag(name="Brands", description="Makers of products."),
            Tag(name="Attributes", description="Typed properties of products, and which of them are filters."),
            Tag(name="Stock", description="How many there are, what happened to them, and pieces held for a buyer."),
            Tag(name="Reviews", description="What buyers say of products, and its moderation."),
            Tag(name="Images", description="Pictures of products, and the sizes made of them."),
            Tag(name="Search", description="Search, suggestions and the upkeep of the index."),
            Tag(name="Audit", description="Who changed what, when, from where and with which credential."),
            Tag(name="Authentication", description="Accounts of people: signing up, in and out."),
            Tag(name="API keys", description="Keys for programs."),
            Tag(name="Users", description="Accounts, for admins."),
            Tag(name="Operations", description="Health."),
        ],
    )
