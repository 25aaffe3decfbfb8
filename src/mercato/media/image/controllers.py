"""HTTP of pictures of products, categories and brands."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, delete, get, patch, post, put
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, PathParameter, QueryParameter, SkipValidation
from msgspec import Meta
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog.brand.schemas import Brand
from mercato.catalog.category.schemas import Category
from mercato.catalog.images import ProductImage
from mercato.catalog.openapi import CHANGE_PROBLEMS, DELETE_PROBLEMS, READ_PROBLEMS, IfMatch, Key, example_body
from mercato.identity.controllers import public, requires
from mercato.identity.limits import limited
from mercato.identity.principal import Principal
from mercato.media.delivery import SIGNED_FOR_S, Signer
from mercato.media.image.repository import (
    check_may_change,
    find_original,
    list_images,
    owner_of_image,
    owner_of_product,
)
from mercato.media.image.schemas import MAX_FILES, Alt, ImagePatch, SignedAddress
from mercato.media.image.service import ImageService
from mercato.media.image.showcase import ShowcaseService
from mercato.media.intake import Media
from mercato.media.receiving import Received
from mercato.platform.db import Database
from mercato.platform.forms import files_on_disk
from mercato.platform.http import ApiRequest, json_answer, versioned_answer
from mercato.platform.openapi import problem
from mercato.platform.problems import NotFound
from mercato.platform.session import OpenSession

ImageChanges = Annotated[ImagePatch, example_body(alt="Green enamel mug on a wooden table", is_primary=True)]
ImageId = Annotated[UUID, PathParameter(description="Id of the picture.")]
Strip = Annotated[
    bool,
    QueryParameter(
        description="Remove place, time, camera and names from the original (JPEG, PNG, WebP); pixels stay."
    ),
]
_UPLOAD_PROBLEMS = {
    **CHANGE_PROBLEMS,
    400: problem(
        "Not a form with pictures, a damaged file (`truncated_file`, `unreadable_file`, `empty_file`), or invalid input."
    ),
    413: problem("A file, its pixels or its frames are too many, or there are too many files."),
    415: problem("A file is no picture in JPEG, PNG, WebP, AVIF, GIF or TIFF, whatever its name says."),
}
Files = Annotated[list[UploadFile], Meta(min_length=1, max_length=MAX_FILES)]


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """Pictures, and words for those who do not see them: one for each picture in their order, or one for all."""

    file: Files
    alt: Annotated[list[Alt], Meta(max_length=MAX_FILES)] = []


class Replacement(msgspec.Struct, frozen=True, kw_only=True):
    """One picture."""

    file: Annotated[list[UploadFile], Meta(min_length=1, max_length=1)]


UploadForm = Annotated[Upload, Body(media_type=RequestEncodingType.MULTI_PART)]
ReplacementForm = Annotated[Replacement, Body(media_type=RequestEncodingType.MULTI_PART)]
Images = list[ProductImage]
UPLOAD_BODY_BYTES = 210_000_000
"""Ten files of the largest size that the settings may allow by default, and the form around them."""


class ProductImageController(Controller):
    """Pictures of one product: seen by whoever sees the product, changed by whoever may change it."""

    path = "/products/{key:str}/images"
    tags = ("Images",)

    @post(
        opt=requires("write:media") | limited("uploads"),
        operation_id="upload_product_images",
        summary="Upload pictures",
        responses=_UPLOAD_PROBLEMS,
        request_max_body_size=UPLOAD_BODY_BYTES,
    )
    async def upload(
        self,
        request: ApiRequest,
        open_session: NamedDependency[SkipValidation[OpenSession]],
        db: NamedDependency[Database],
        media: NamedDependency[SkipValidation[Media]],
        principal: NamedDependency[Principal],
        key: Key,
        data: UploadForm,
        strip: Strip = False,
    ) -> Response[Images]:
        """201 with the pictures at once: `url` is the original, the renditions follow. All of the files are taken, or none.

        Content counts, not name or declared type. A picture that the product has already is answered as it is there.
        """
        check_may_change(await owner_of_product(db.reads, key), principal, f"There is no product {key!r}.")
        files = await media.receive(files_on_disk(data.file), strip=strip)
        async with open_session(request) as session:
            service = ImageService(session, principal)
            await _keep(media, service, files)
            body = await service.add(key, [file.asset for file in files], data.alt)
        return json_answer(Images, body, status=201)

    @get(
        opt=public(),
        operation_id="list_product_images",
        summary="List the pictures of a product",
        responses=READ_PROBLEMS,
    )
    async def list(
        self, db: NamedDependency[Database], principal: NamedDependency[Principal], key: Key
    ) -> Response[Images]:
        """In order, the primary one first."""
        body = await list_images(db.reads, key, principal.visibility)
        if body is None:
            raise NotFound(f"There is no product {key!r}.")
        return json_answer(Images, body)


class ImageController(Controller):
    """One picture of a product."""

    path = "/images/{image_id:uuid}"
    tags = ("Images",)

    @get(
        "/original",
        opt=requires("write:media"),
        operation_id="get_image_original",
        summary="Get an address of the original",
        responses=READ_PROBLEMS,
    )
    async def original(
        self,
        db: NamedDependency[Database],
        media: NamedDependency[SkipValidation[Media]],
        signer: NamedDependency[SkipValidation[Signer]],
        principal: NamedDependency[Principal],
        image_id: ImageId,
    ) -> SignedAddress:
        """It works for a quarter of an hour, without credentials; where originals are private there is no other way to them."""
        unknown = f"There is no picture {str(image_id)!r}."
        check_may_change(await owner_of_image(db.reads, image_id), principal, unknown)
        file = await find_original(db.reads, image_id)
        if file is None:
            raise NotFound(unknown)
        expires_at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=SIGNED_FOR_S)
        return SignedAddress(url=await signer.address(media.storage, file), expires_at=expires_at)

    @patch(
        opt=requires("write:media"), operation_id="patch_image", summary="Change a picture", responses=CHANGE_PROBLEMS
    )
    async def patch(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        principal: NamedDependency[Principal],
        image_id: ImageId,
        data: ImageChanges,
        if_match: IfMatch = None,
    ) -> Response[ProductImage]:
        """What the body leaves out stays. `position` counts from 0; the others move up."""
        version, body = await ImageService(session, principal).patch(image_id, data, if_match=if_match)
        return versioned_answer(ProductImage, body, version, request=request)

    @put(
        "/file",
        opt=requires("write:media") | limited("uploads"),
        operation_id="replace_image_file",
        summary="Replace the file of a picture",
        responses=_UPLOAD_PROBLEMS,
        request_max_body_size=UPLOAD_BODY_BYTES,
    )
    async def replace(
        self,
        request: ApiRequest,
        open_session: NamedDependency[SkipValidation[OpenSession]],
        db: NamedDependency[Database],
        media: NamedDependency[SkipValidation[Media]],
        principal: NamedDependency[Principal],
        image_id: ImageId,
        data: ReplacementForm,
        strip: Strip = False,
        if_match: IfMatch = None,
    ) -> Response[ProductImage]:
        """Words and order stay; the focal point is the new picture's own to set."""
        check_may_change(await owner_of_image(db.reads, image_id), principal, f"There is no picture {str(image_id)!r}.")
        files = await media.receive(files_on_disk(data.file), strip=strip)
        async with open_session(request) as session:
            service = ImageService(session, principal)
            await _keep(media, service, files)
            version, body = await service.replace(image_id, files[0].asset, if_match=if_match)
        return versioned_answer(ProductImage, body, version, request=request)

    @delete(
        opt=requires("write:media"), operation_id="delete_image", summary="Delete a picture", responses=DELETE_PROBLEMS
    )
    async def delete(
        self,
        session: NamedDependency[AsyncSession],
        principal: NamedDependency[Principal],
        image_id: ImageId,
        if_match: IfMatch = None,
    ) -> None:
        """The next one becomes the primary one. Its files are removed once nothing shows them."""
        await ImageService(session, principal).delete(image_id, if_match=if_match)


class BrandImageController(Controller):
    """The picture of a brand."""

    path = "/brands/{key:str}/image"
    tags = ("Images",)

    @put(
        opt=requires("write:media", role="admin") | limited("uploads"),
        operation_id="put_brand_image",
        summary="Give a brand a picture",
        responses=_UPLOAD_PROBLEMS,
        request_max_body_size=UPLOAD_BODY_BYTES,
    )
    async def put(
        self,
        request: ApiRequest,
        open_session: NamedDependency[SkipValidation[OpenSession]],
        media: NamedDependency[SkipValidation[Media]],
        key: Key,
        data: ReplacementForm,
        strip: Strip = False,
        if_match: IfMatch = None,
    ) -> Response[Brand]:
        """The brand with its picture."""
        files = await media.receive(files_on_disk(data.file), strip=strip)
        async with open_session(request) as session:
            service = ShowcaseService(session)
            await _keep(media, service, files)
            record = await service.show_on_brand(key, files[0].asset, if_match=if_match)
        return versioned_answer(Brand, record.body, record.version, request=request)

    @delete(
        opt=requires("write:media", role="admin"),
        operation_id="delete_brand_image",
        summary="Take a brand's picture away",
        responses=DELETE_PROBLEMS,
    )
    async def delete(self, session: NamedDependency[AsyncSession], key: Key, if_match: IfMatch = None) -> None:
        """Also 204 when it has none."""
        await ShowcaseService(session).show_on_brand(key, None, if_match=if_match)


class CategoryImageController(Controller):
    """The picture of a category."""

    path = "/categories/{key:str}/image"
    tags = ("Images",)

    @put(
        opt=requires("write:media", role="admin") | limited("uploads"),
        operation_id="put_category_image",
        summary="Give a category a picture",
        responses=_UPLOAD_PROBLEMS,
        request_max_body_size=UPLOAD_BODY_BYTES,
    )
    async def put(
        self,
        request: ApiRequest,
        open_session: NamedDependency[SkipValidation[OpenSession]],
        media: NamedDependency[SkipValidation[Media]],
        key: Key,
        data: ReplacementForm,
        strip: Strip = False,
        if_match: IfMatch = None,
    ) -> Response[Category]:
        """The category with its picture."""
        files = await media.receive(files_on_disk(data.file), strip=strip)
        async with open_session(request) as session:
            service = ShowcaseService(session)
            await _keep(media, service, files)
            record = await service.show_on_category(key, files[0].asset, if_match=if_match)
        return versioned_answer(Category, record.body, record.version, request=request)

    @delete(
        opt=requires("write:media", role="admin"),
        operation_id="delete_category_image",
        summary="Take a category's picture away",
        responses=DELETE_PROBLEMS,
    )
    async def delete(self, session: NamedDependency[AsyncSession], key: Key, if_match: IfMatch = None) -> None:
        """Also 204 when it has none."""
        await ShowcaseService(session).show_on_category(key, None, if_match=if_match)


async def _keep(media: Media, service: ImageService | ShowcaseService, files: Sequence[Received]) -> None:
    """Store the originals before their rows: there is never a row without a file."""
    for file in sorted(files, key=lambda one: one.asset.file):
        await service.hold(file.asset.file)
        await media.keep(file)
