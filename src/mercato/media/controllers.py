"""HTTP of files, and of how far their renditions are."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, cast

import anyio.to_thread
from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter, SkipValidation
from litestar.response import Redirect

from mercato.identity.controllers import public, requires
from mercato.media.asset.repository import MediaStatus, read_status
from mercato.media.delivery import (
    IMMUTABLE,
    SIGNED_FOR_S,
    Signer,
    Span,
    is_original,
    media_type,
    read_span,
    wanted_span,
)
from mercato.media.intake import Media
from mercato.media.recipe import recipe_of
from mercato.platform.db import Database
from mercato.platform.etag import is_not_modified
from mercato.platform.openapi import READ_PROBLEMS
from mercato.platform.problems import Forbidden, NotFound
from mercato.platform.settings import Settings
from mercato.platform.storage import check_key


class PrivateOriginal(Forbidden):
    """Originals are given out by signed addresses only."""

    code = "private_original"


class MediaController(Controller):
    """How far the pictures are."""

    path = "/media"
    tags = ("Images",)

    @get(
        "/status",
        opt=requires("write:media"),
        operation_id="get_media_status",
        summary="How far the renditions are",
        responses={400: READ_PROBLEMS[400]},
    )
    async def status(self, db: NamedDependency[Database]) -> MediaStatus:
        """Pictures by status. `outdated` ones were made with other presets: `mercato media rerender` makes them anew."""
        return await read_status(db.reads, recipe_of())


@get(
    "/media/{key:path}",
    opt=public() | {"open_query": True},
    include_in_schema=False,
)
async def deliver(
    request: Request[Any, Any, Any],
    media: NamedDependency[SkipValidation[Media]],
    settings: NamedDependency[SkipValidation[Settings]],
    signer: NamedDependency[SkipValidation[Signer]],
    key: Annotated[Path, PathParameter(description="Key of the file.")],
    expires: Annotated[int | None, QueryParameter(description="Of a signed address.")] = None,
    signature: Annotated[str | None, QueryParameter(max_length=64)] = None,
) -> Response[bytes]:
    """A file of the store, for ever the same under its name; parts of it by `Range`."""
    name = str(key).lstrip("/")
    try:
        check_key(name)
    except ValueError:
        raise NotFound("There is no such file.") from None
    is_private = settings.private_originals and is_original(name)
    if is_private and not signer.is_signed(name, expires, signature):
        raise PrivateOriginal("Originals are private here; the address must be signed.")
    headers = _headers(name, is_private=is_private)
    if media.storage.folder is None:
        address = await media.storage.signed_url(name, expires_in=timedelta(seconds=SIGNED_FOR_S))
        return cast(
            "Response[bytes]", Redirect(address, status_code=302, headers={"Cache-Control": "private, max-age=600"})
        )
    if is_not_modified(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(b"", status_code=304, headers=headers)
    return await _file(media.storage.folder / name, request, headers)


async def _file(path: Path, request: Request[Any, Any, Any], headers: dict[str, str]) -> Response[bytes]:
    try:
        size = (await anyio.Path(path).stat()).st_size
        asked = request.headers.get("range")
        if_range = request.headers.get("if-range")
        span = None if if_range is not None and if_range != headers["ETag"] else wanted_span(asked, size)
        part = span or Span(start=0, length=size)
        content = await anyio.to_thread.run_sync(read_span, path, part)
    except FileNotFoundError:
        raise NotFound("There is no such file.") from None
    if span is None:
        return Response(content, media_type=media_type(path.name), headers=headers)
    headers["Content-Range"] = f"bytes {part.start}-{part.start + part.length - 1}/{size}"
    return Response(content, status_code=206, media_type=media_type(path.name), headers=headers)


def _headers(key: str, *, is_private: bool) -> dict[str, str]:
    return {
        "ETag": f'"{key}"',
        "Cache-Control": "private, max-age=600" if is_private else IMMUTABLE,
        "Accept-Ranges": "bytes",
        # Whatever somebody managed to upload: no script of it ever runs.
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
