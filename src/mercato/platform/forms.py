"""Forms with files: written to disk while they come, in large pieces, digest and size with them; text fields stay small.

Litestar's own reader hops to a thread for every 64 kB, keeps text fields of any size in memory, and its files have no name on disk.
"""

import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, cast

import anyio.to_thread
from litestar import Request, Response
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.utils.scope.state import ScopeState
from multipart import (  # type: ignore[import-untyped]  # the package has no annotations
    MultipartSegment,
    ParserError,
    ParserLimitReached,
    PushMultipartParser,
)

from mercato.platform.problems import InvalidInput, TooLarge, UnsupportedMediaType
from mercato.platform.storage import StorageUnavailable

MOST_PARTS = 100
MOST_TEXT_BYTES = 100_000
"""Of all text fields together."""
PIECE_BYTES = 1024 * 1024
PREFIX = "mercato-upload-"

BeforeRequest = Callable[[Request[Any, Any, Any]], Awaitable[Response[bytes] | None]]


class FormFile(UploadFile):
    """A file of a form, on disk as long as the request runs. `size` in bytes, `digest` is its SHA-256."""

    def __init__(self, segment: MultipartSegment, folder: Path | None) -> None:
        """Blocks: makes an empty file. What the base makes is not wanted: it holds a megabyte in memory and has no name."""
        self.filename = segment.filename
        self.content_type = segment.content_type or "application/octet-stream"
        self.headers = dict(segment.headerlist)
        # It is gone when it is closed, which the end of the request does.
        self.file = cast("Any", NamedTemporaryFile(prefix=PREFIX, dir=folder))  # noqa: SIM115
        self._pending, self._hash = bytearray(), hashlib.sha256()
        self.size = 0

    @property
    def path(self) -> Path:
        """Where it lies."""
        return Path(str(self.file.name))

    @property
    def digest(self) -> str:
        """SHA-256 in hexadecimal."""
        return self._hash.hexdigest()

    async def take(self, piece: bytes | bytearray) -> None:
        """Add a piece at the end."""
        self._pending += piece
        if len(self._pending) >= PIECE_BYTES:
            await self._flush()

    async def finish(self) -> None:
        """All of it has come."""
        await self._flush()

    async def _flush(self) -> None:
        piece, self._pending = self._pending, bytearray()
        await anyio.to_thread.run_sync(self._write, piece)

    def _write(self, piece: bytearray) -> None:
        self._hash.update(piece)
        self.file.write(piece)
        self.file.flush()
        self.size += len(piece)


def reading_forms(folder: Path | None, then: BeforeRequest) -> BeforeRequest:
    """`before_request` that reads the form of a request whose handler wants one, into a folder, before the framework does."""

    async def before_request(request: Request[Any, Any, Any]) -> Response[bytes] | None:
        await _prepare_form(request, folder)
        return await then(request)

    return before_request


async def _prepare_form(request: Request[Any, Any, Any], folder: Path | None) -> None:
    field = getattr(request.route_handler, "parsed_data_field", None)
    wanted = getattr(field and field.kwarg_definition, "media_type", None)
    if wanted != RequestEncodingType.MULTI_PART:
        return
    state = ScopeState.from_scope(request.scope)
    kind, options = request.content_type
    if kind != RequestEncodingType.MULTI_PART or not options.get("boundary"):
        raise UnsupportedMediaType(
            f"The body is {kind or 'nothing'}; send a form (multipart/form-data with a boundary)."
        )
    state.form = await read_form(request.stream(), options["boundary"], folder)


def files_on_disk(files: Sequence[UploadFile]) -> list[FormFile]:
    """Files as a handler gets them."""
    return [cast("FormFile", file) for file in files]


async def read_form(stream: AsyncIterator[bytes], boundary: str, folder: Path | None = None) -> dict[str, Any]:
    """The fields of a form: text, `FormFile`, or a list where a name comes more than once. Raises problems (400, 413, 503)."""
    reader = _FormReader(folder)
    try:
        await reader.read(stream, boundary)
    except BaseException as error:
        await reader.close()
        if isinstance(error, ParserLimitReached):
            raise TooLarge(f"The form has more than {MOST_PARTS} parts, or headers that are too long.") from None
        if isinstance(error, OSError):
            raise StorageUnavailable(f"The server has no room for the form ({error.strerror}).") from error
        if isinstance(error, ParserError | UnicodeDecodeError | LookupError):
            raise InvalidInput("The body is no form (multipart/form-data).") from None
        raise
    return {name: values if len(values) > 1 else values[0] for name, values in reader.fields.items()}


class _FormReader:
    """Puts the pieces of a form together."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self.fields: defaultdict[str, list[Any]] = defaultdict(list)
        self._segment: MultipartSegment | None = None
        self._file: FormFile | None = None
        self._text = bytearray()
        self._text_bytes = 0

    async def read(self, stream: AsyncIterator[bytes], boundary: str) -> None:
        """All of it. Raises what the parser raises, and problems."""
        with PushMultipartParser(boundary.encode(), max_segment_count=MOST_PARTS) as parser:
            async for chunk in stream:
                for part in parser.parse(chunk):
                    await self._take(part)
            if not parser.closed:
                raise InvalidInput("The form ends too early.")

    async def _take(self, part: MultipartSegment | bytearray | None) -> None:
        # The head of a part, a piece of it, or its end.
        if isinstance(part, MultipartSegment):
            await self._begin(part)
        elif part:
            await self._add(part)
        elif self._segment is not None:
            await self._end(self._segment)

    async def close(self) -> None:
        """Remove what has come so far."""
        for value in [self._file, *(value for values in self.fields.values() for value in values)]:
            if isinstance(value, FormFile):
                await value.close()

    async def _begin(self, segment: MultipartSegment) -> None:
        self._segment, self._text, self._file = segment, bytearray(), None
        if segment.filename:
            self._file = await anyio.to_thread.run_sync(FormFile, segment, self._folder)

    async def _add(self, piece: bytearray) -> None:
        if self._file is not None:
            await self._file.take(piece)
            return
        self._text_bytes += len(piece)
        if self._text_bytes > MOST_TEXT_BYTES:
            raise TooLarge(f"The text of a form has at most {MOST_TEXT_BYTES} bytes.")
        self._text += piece

    async def _end(self, segment: MultipartSegment) -> None:
        value: FormFile | str
        if self._file is not None:
            await self._file.finish()
            value = self._file
        else:
            value = self._text.decode(segment.charset or "utf-8")
        self.fields[segment.name].append(value)
        self._segment, self._file = None, None
