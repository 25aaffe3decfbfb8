"""From settings to resources: the one place where things are made and wired. API, worker and command line share it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from sqlalchemy import MetaData
from valkey.asyncio import Valkey

from mercato.catalog import routes as catalog
from mercato.catalog.product.hot import HotReads
from mercato.identity import routes as identity
from mercato.identity.audit import models as audit_models
from mercato.identity.wiring import Identity, make_identity
from mercato.media import routes as media
from mercato.media.delivery import Signer
from mercato.media.intake import Media, limits_of, storage_of
from mercato.media.processing import MediaProcessing
from mercato.platform import idempotency_keys, outbox
from mercato.platform.announcements import Announcer, Changes, Feed
from mercato.platform.db import Base, Database
from mercato.platform.policies import make_policies
from mercato.platform.ratelimit import RateLimiter
from mercato.platform.settings import Settings
from mercato.search import models as search_models
from mercato.search.gateway import MeilisearchGateway
from mercato.search.index import IndexNames
from mercato.search.service import SearchService
from mercato.search.sync import SearchSync
from mercato.search.taxonomy import Taxonomy

DOMAINS = (catalog, media, identity, audit_models, idempotency_keys, outbox, search_models)
"""Modules whose tables make up the schema."""
METADATA: MetaData = Base.metadata


class Resources(msgspec.Struct, frozen=True, kw_only=True):
    """What a process works with. All of it is safe to share between tasks."""

    settings: Settings
    db: Database
    valkey: Valkey
    gateway: MeilisearchGateway
    names: IndexNames
    taxonomy: Taxonomy
    search: SearchService
    sync: SearchSync
    identity: Identity
    limiter: RateLimiter
    hot: HotReads
    announcer: Announcer
    feed: Feed
    changes: Changes
    media: Media
    signer: Signer
    processing: MediaProcessing


def make_resources(settings: Settings, db: Database | None = None) -> Resources:
    """Make everything; nothing connects before it is used. `db` replaces the database pools that the settings ask for."""
    db = db or Database(settings)
    gateway = MeilisearchGateway(settings)
    names = IndexNames(settings.search_index_prefix)
    taxonomy = Taxonomy(db)
    valkey = Valkey.from_url(settings.valkey_url, socket_timeout=5, socket_connect_timeout=2)
    hot = HotReads(db, max_mb=settings.hot_reads_mb, cdn_seconds=settings.cdn_seconds)
    announcer = Announcer(settings.valkey_url, namespace=settings.search_index_prefix)
    storage = storage_of(settings)
    feed = Feed(announcer, settings.valkey_url, hot)
    return Resources(
        settings=settings,
        db=db,
        valkey=valkey,
        gateway=gateway,
        names=names,
        taxonomy=taxonomy,
        search=SearchService(settings, db, gateway, taxonomy),
        sync=SearchSync(db, gateway, names, announcer.announce),
        identity=make_identity(settings, db, valkey),
        limiter=RateLimiter(settings.valkey_url, make_policies(settings), namespace=settings.search_index_prefix),
        hot=hot,
        announcer=announcer,
        feed=feed,
        changes=Changes(announcer, feed, hot),
        media=Media(settings, storage),
        signer=Signer(settings),
        processing=MediaProcessing(
            db,
            storage,
            processes=settings.image_processes or max(1, (os.cpu_count() or 2) - 1),
            limits=limits_of(settings),
        ),
    )


@asynccontextmanager
async def opened(resources: Resources) -> AsyncIterator[Resources]:
    """Open the pools, and close everything at the end."""
    await resources.db.open()
    try:
        yield resources
    finally:
        await resources.gateway.close()
        await resources.limiter.aclose()
        await resources.announcer.aclose()
        await resources.valkey.aclose()
        await resources.db.close()
