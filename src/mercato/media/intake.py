"""Where uploads go: what the settings allow, and the store."""

from collections.abc import Sequence

from mercato.media.receiving import Intake, Received, received
from mercato.platform.forms import FormFile
from mercato.platform.imaging import Limits
from mercato.platform.settings import Settings
from mercato.platform.storage import Bucket, Storage


def storage_of(settings: Settings) -> Storage:
    """The store that the settings name: a bucket, else the media folder."""
    if not settings.s3_bucket:
        return Storage(settings.media_dir)
    return Storage(
        Bucket(
            name=settings.s3_bucket,
            prefix=settings.s3_prefix,
            endpoint=settings.s3_endpoint,
            region=settings.s3_region,
            access_key=settings.s3_access_key,
            secret_key=settings.s3_secret_key,
        )
    )


def limits_of(settings: Settings) -> Limits:
    """What a picture may be."""
    return Limits(pixels=settings.upload_megapixels * 1_000_000)


class Media:
    """The upload side of one process."""

    def __init__(self, settings: Settings, storage: Storage) -> None:
        self._settings, self.storage = settings, storage

    async def receive(self, files: Sequence[FormFile], *, strip: bool) -> Sequence[Received]:
        """The files of a form, checked; raises problems as `received` does."""
        intake = Intake(
            max_bytes=self._settings.upload_megabytes * 1_000_000, limits=limits_of(self._settings), strip=strip
        )
        return await received(files, intake)

    async def keep(self, file: Received) -> None:
        """Have the store hold an original; one that it has already is left alone. Raises 503 when the store is away."""
        there = await self.storage.head(file.asset.file)
        if there is None or there.size != file.asset.bytes:
            await self.storage.put(file.asset.file, file.path, file.asset.media_type)
