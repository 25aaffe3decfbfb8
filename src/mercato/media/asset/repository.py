"""All SQL of assets."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

import msgspec

from mercato.media.rendering import Made
from mercato.platform.db import Reader
from mercato.platform.ids import new_id
from mercato.platform.imaging import Focus, Look

RENDITIONS_FOLDER = "r"
FAILURE_LENGTH = 500

# The file is locked against the sweeper until the transaction ends: whoever stores it and whoever removes it take turns.
HOLD_FILE = "SELECT pg_advisory_xact_lock(4770013, hashtext($1))"
_ADD = """
INSERT INTO asset (id, file, media_type, bytes, width, height, frames, focus_x, focus_y)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (file, focus_x, focus_y) DO UPDATE SET
    status = CASE WHEN asset.status = 'failed' THEN 'processing' ELSE asset.status END,
    attempts = CASE WHEN asset.status = 'failed' THEN 0 ELSE asset.attempts END,
    due_at = CASE WHEN asset.status = 'failed' THEN now() ELSE asset.due_at END
RETURNING id
"""
# The same file with another focal point: what was made so far is shown until the new cut is there.
_REFOCUS = """
INSERT INTO asset (
    id, file, media_type, bytes, width, height, frames, focus_x, focus_y, dominant_color, placeholder, renditions
)
SELECT $2, file, media_type, bytes, width, height, frames, $3, $4, dominant_color, placeholder, renditions
FROM asset WHERE id = $1
ON CONFLICT (file, focus_x, focus_y) DO UPDATE SET file = excluded.file
RETURNING id
"""
# What was rendered before (it has a recipe) and is made anew waits for what was just uploaded.
_CLAIM = """
UPDATE asset SET due_at = now() + make_interval(secs => $2), attempts = attempts + 1, updated_at = now()
WHERE id IN (
    SELECT id FROM asset WHERE status = 'processing' AND due_at <= now()
    ORDER BY recipe IS NOT NULL, due_at, id LIMIT $1 FOR UPDATE SKIP LOCKED
)
RETURNING id, file, focus_x, focus_y, attempts, due_at
"""
# `due_at` is the claim: whoever lost it (a lease that ran out) changes nothing.
_FINISH = """
UPDATE asset SET status = 'ready', failure = NULL, failure_code = NULL, renditions = $3, dominant_color = $4,
    placeholder = $5, width = $6, height = $7, frames = $8, recipe = $9, attempts = 0, updated_at = now()
WHERE id = $1 AND due_at = $2 AND status = 'processing'
"""
_FAIL = """
UPDATE asset SET status = 'failed', failure_code = $3, failure = $4, updated_at = now()
WHERE id = $1 AND due_at = $2 AND status = 'processing'
"""
_PUT_OFF = """
UPDATE asset SET due_at = now() + make_interval(secs => $3), updated_at = now()
WHERE id = $1 AND due_at = $2 AND status = 'processing'
"""
_RERENDER = """
WITH chosen AS (
    SELECT id FROM asset
    WHERE id > $1 AND (status = 'ready' AND ($3 OR recipe IS DISTINCT FROM $2) OR status = 'failed' AND $4)
    ORDER BY id LIMIT $5 FOR UPDATE SKIP LOCKED
)
UPDATE asset a SET status = 'processing', attempts = 0, due_at = now(), updated_at = now()
FROM chosen WHERE a.id = chosen.id RETURNING a.id
"""
_STATUS = """
SELECT count(*) FILTER (WHERE status = 'processing'), count(*) FILTER (WHERE status = 'ready'),
    count(*) FILTER (WHERE status = 'failed'), count(*) FILTER (WHERE status = 'ready' AND recipe IS DISTINCT FROM $1),
    coalesce(extract(epoch FROM now() - min(due_at) FILTER (WHERE status = 'processing' AND due_at <= now())), 0)::float8
FROM asset
"""
_USES = """EXISTS (SELECT FROM product_image i WHERE i.asset_id = a.id)
    OR EXISTS (SELECT FROM brand b WHERE b.image_id = a.id) OR EXISTS (SELECT FROM category c WHERE c.image_id = a.id)"""
_DROP_UNUSED = f"""
DELETE FROM asset a USING (
    SELECT id FROM asset a WHERE a.updated_at < now() - make_interval(secs => $1) AND NOT ({_USES}) LIMIT $2
) old WHERE a.id = old.id AND NOT ({_USES})
RETURNING a.id
"""
_NAMED = """
SELECT file FROM unnest($1::text[]) f (file)
WHERE EXISTS (SELECT FROM asset a WHERE a.file = f.file)
    OR EXISTS (SELECT FROM asset a WHERE a.renditions @> jsonb_build_array(jsonb_build_object('url', '/media/' || f.file)))
"""


class NewAsset(msgspec.Struct, frozen=True, kw_only=True):
    """An original that is in the store. Sizes in bytes and upright pixels."""

    file: str
    media_type: str
    bytes: int
    width: int
    height: int
    frames: int


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """Work that a worker has until `claim`; `attempts` counts this one."""

    id: UUID
    file: str
    focus: Focus | None
    attempts: int
    claim: datetime


class MediaStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How far the renditions are. `outdated` ones were made with other presets; `oldest_seconds` is how long the one waits that has been due longest."""

    processing: int
    ready: int
    failed: int
    outdated: int
    oldest_seconds: float


async def add_asset(reader: Reader, new: NewAsset, focus: Focus | None = None) -> UUID:
    """The asset of a file, made unless it is there; one that failed is tried again."""
    values = (new.file, new.media_type, new.bytes, new.width, new.height, new.frames)
    return _id(await reader.fetchrow(_ADD, new_id(), *values, *_point(focus)))


async def refocus(reader: Reader, asset_id: UUID, focus: Focus | None) -> UUID:
    """The asset of the same file with another focal point."""
    return _id(await reader.fetchrow(_REFOCUS, asset_id, new_id(), *_point(focus)))


async def claim(reader: Reader, count: int, lease: timedelta) -> list[Claimed]:
    """Take what waits longest; nobody else gets it before the lease runs out."""
    rows = await reader.fetch(_CLAIM, count, lease.total_seconds())
    return [
        Claimed(
            id=cast("UUID", row[0]),
            file=str(row[1]),
            focus=None if row[2] is None else Focus(x=cast("float", row[2]), y=cast("float", row[3])),
            attempts=cast("int", row[4]),
            claim=cast("datetime", row[5]),
        )
        for row in rows
    ]


async def finish(
    reader: Reader, work: Claimed, made: Sequence[Made], look: Look, facts: Mapping[str, int], recipe: str
) -> None:
    """Its renditions are in the store: show them."""
    shown = [
        {
            "name": one.name,
            "format": one.format,
            "width": one.width,
            "height": one.height,
            "bytes": one.bytes,
            "url": f"/media/{RENDITIONS_FOLDER}/{one.file}",
        }
        for one in made
    ]
    await reader.fetchrow(
        _FINISH,
        work.id,
        work.claim,
        msgspec.json.encode(shown).decode(),
        look.dominant_color,
        look.placeholder,
        facts["width"],
        facts["height"],
        facts["frames"],
        recipe,
    )


async def fail(reader: Reader, work: Claimed, code: str, reason: str) -> None:
    """No picture can be made of it: say why."""
    await reader.fetchrow(_FAIL, work.id, work.claim, code, reason[:FAILURE_LENGTH])


async def put_off(reader: Reader, work: Claimed, delay: timedelta) -> None:
    """Another try later."""
    await reader.fetchrow(_PUT_OFF, work.id, work.claim, delay.total_seconds())


async def mark_outdated(
    reader: Reader, recipe: str, *, after: UUID, count: int, everything: bool, failed: bool
) -> list[UUID]:
    """Have assets rendered again, from behind an id on: those of another recipe (or all), and with `failed` those that failed."""
    rows = await reader.fetch(_RERENDER, after, recipe, everything, failed, count)
    return sorted(cast("UUID", row[0]) for row in rows)


async def read_status(reader: Reader, recipe: str) -> MediaStatus:
    """The queue, and what became of what was in it."""
    row = await reader.fetchrow(_STATUS, recipe)
    assert row is not None
    processing, ready, failed, outdated = (int(str(value)) for value in row[:4])
    return MediaStatus(
        processing=processing, ready=ready, failed=failed, outdated=outdated, oldest_seconds=float(str(row[4]))
    )


async def drop_unused(reader: Reader, older_than: timedelta, count: int) -> int:
    """Forget assets that nothing shows; gives their number. Their files follow."""
    return len(await reader.fetch(_DROP_UNUSED, older_than.total_seconds(), count))


async def hold_file(reader: Reader, file: str) -> None:
    """Keep others from storing or removing a file until the transaction ends."""
    await reader.fetchrow(HOLD_FILE, file)


async def named_files(reader: Reader, files: Sequence[str]) -> set[str]:
    """Those of the files that some asset is made of or was made into."""
    return {str(row[0]) for row in await reader.fetch(_NAMED, list(files))}


def _point(focus: Focus | None) -> tuple[float | None, float | None]:
    return (None, None) if focus is None else (focus.x, focus.y)


def _id(row: Sequence[object] | None) -> UUID:
    if row is None or not isinstance(row[0], UUID):
        raise TypeError("the database gave no id")
    return row[0]
