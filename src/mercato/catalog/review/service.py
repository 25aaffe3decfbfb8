"""Rules and writes of reviews."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog.changes import Changes, assign, pick, provided
from mercato.catalog.records import Record
from mercato.catalog.review import models as m
from mercato.catalog.review.problems import AccountRequired, NotAuthor, NotPublished, OwnProduct
from mercato.catalog.review.repository import Reviewed, ReviewRepository, Viewer, find_review, no_product, no_review
from mercato.catalog.review.schemas import ReviewCreate, ReviewPatch, ReviewStatus
from mercato.identity.principal import MissingRole, Principal
from mercato.platform.db import reader_of
from mercato.platform.etag import check_if_match
from mercato.platform.ids import new_id
from mercato.platform.settings import Settings

WORDS, VERDICT = ("rating", "title", "body"), ("status", "reason")
"""What the author changes, and what a moderator changes."""


class ReviewService:
    """Writes of one transaction, by `caller`. What is new waits for a moderator, unless the settings approve it at once."""

    def __init__(self, session: AsyncSession, caller: Principal, settings: Settings) -> None:
        self._session, self._caller = session, caller
        self._reviews = ReviewRepository(session=session)
        self._first_status: ReviewStatus = "approved" if settings.reviews_approve == "auto" else "pending"

    async def create(self, product_key: str, data: ReviewCreate) -> tuple[UUID, Record]:
        """Add the caller's review of a published product that is not theirs; a second one breaks a constraint."""
        author = self._author()
        review_id = await self._add(author, await self._reviewable(product_key), data)
        return review_id, await self._read(review_id)

    async def write(self, product_key: str, data: ReviewCreate) -> None:
        """Make the caller's review of a product what `data` says, whether there is one or not: what a form does."""
        author = self._author()
        product = await self._reviewable(product_key)
        review = await self._reviews.find_by(author, product.id)
        if review is None:
            await self._add(author, product, data)
        else:
            self._rewrite(review, provided(data))

    async def withdraw(self, product_key: str) -> None:
        """Delete the caller's review of a product, if there is one."""
        product = await self._reviews.lock_product(product_key)
        review = await self._reviews.find_by(self._author(), product.id)
        if review is not None:
            review.deleted_at = datetime.now(UTC)

    async def patch(self, review_id: UUID, data: ReviewPatch, *, if_match: str | None) -> Record:
        """Change the fields that are set. Other words have to be approved anew."""
        review = await self._lock(review_id)
        check_if_match(if_match, review.version)
        values = provided(data)
        words, verdict = pick(values, WORDS), pick(values, VERDICT)
        if words and review.account_id != self._caller.account_id:
            raise NotAuthor("Only the author changes the words and stars of a review.")
        if verdict and self._caller.role != "admin":
            raise MissingRole("Only admins moderate reviews.", required_scope="write:reviews")
        self._rewrite(review, words)
        if any(getattr(review, field) != value for field, value in verdict.items()):
            assign(review, verdict)
            review.moderated_by, review.moderated_at = self._caller.account_id, datetime.now(UTC)
        return await self._read(review.id)

    async def delete(self, review_id: UUID, *, if_match: str | None) -> None:
        """Delete softly: its author may write another one."""
        review = await self._lock(review_id)
        check_if_match(if_match, review.version)
        review.deleted_at = datetime.now(UTC)

    def _author(self) -> UUID:
        if self._caller.account_id is None:
            raise AccountRequired("A review has an author: sign in with an account.")
        return self._caller.account_id

    async def _add(self, author: UUID, product: Reviewed, data: ReviewCreate) -> UUID:
        review_id, words = new_id(), _stripped(provided(data))
        await self._reviews.add(
            m.Review(id=review_id, product_id=product.id, account_id=author, status=self._first_status, **words)
        )
        return review_id

    def _rewrite(self, review: m.Review, words: Changes) -> None:
        assign(review, _stripped(words))
        if self._session.is_modified(review):
            assign(review, {"status": self._first_status, "reason": "", "moderated_by": None, "moderated_at": None})

    async def _reviewable(self, key: str) -> Reviewed:
        """The product, locked, if the caller may review it."""
        product, caller = await self._reviews.lock_product(key), self._caller
        is_own = product.seller_id == caller.account_id
        if not (product.is_published or is_own or caller.role == "admin"):
            raise no_product(key)
        if is_own:
            raise OwnProduct("You sell this product: others review it.")
        if not product.is_published:
            raise NotPublished("The product is not published, so nobody can have an opinion of it yet.")
        return product

    async def _lock(self, review_id: UUID) -> m.Review:
        """The review for changing, its product locked before. Raises 403 for a review of somebody else, 404 for a hidden one."""
        product, review = await self._reviews.lock_review(review_id)
        if self._caller.role == "admin" or review.account_id == self._caller.account_id:
            return review
        if review.status == "approved" and product.is_published:
            raise NotAuthor("The review is somebody else's.")
        raise no_review(review_id)

    async def _read(self, review_id: UUID) -> Record:
        record = await find_review(await reader_of(self._session), review_id, Viewer.of(self._caller))
        if record is None:
            raise no_review(review_id)
        return record


def _stripped(words: Changes) -> dict[str, object]:
    return {name: value.strip() if isinstance(value, str) else value for name, value in words.items()}
