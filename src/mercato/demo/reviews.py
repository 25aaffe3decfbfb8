"""Reviews of the demo's most popular products, by people who cannot sign in. The same at each run: those that are there stay."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from random import Random
from uuid import UUID

import asyncpg
import msgspec

from mercato.demo.maker import EPOCH
from mercato.identity.emails import comparable

PRODUCTS = 1_000
"""So many of the most popular products are reviewed."""
MOST = 9
"""Reviews of one product."""
_BATCH = 1_000
_STARS_ALONE, _PENDING, _REJECTED = 0.2, 0.03, 0.01
_DAY_SECONDS = 86_400
_NO_PASSWORD = "!"  # noqa: S105 - no hash of anything: nobody can sign in

NAMES = (
    "Aino Virtanen", "Amir Haddad", "Anna Kowalska", "Beatriz Lima", "Björn Lindqvist", "Chiara Russo", "Chloé Martin",
    "Daniel Fischer", "Diego Morales", "Elif Yılmaz", "Emma de Vries", "Fatima Zahra", "Finn Larsen", "Grace Okafor",
    "Hana Novák", "Hugo Bernard", "Ines Costa", "Ivan Petrov", "Jonas Weber", "Julia Nagy", "Kenji Tanaka", "Lea Schmid",
    "Liam Byrne", "Lucía Fernández", "Maja Horvat", "Marek Dvořák", "Mei Chen", "Nadia Popescu", "Niamh Kelly",
    "Noah Janssen", "Olga Ivanova", "Oskar Nilsson", "Priya Sharma", "Rosa Papadopoulou", "Samuel Mensah", "Sofia Rossi",
    "Thandi Nkosi", "Tomás Silva", "Yuki Sato", "Zeynep Kaya",
)  # fmt: skip

_TITLES: tuple[Sequence[str], ...] = (
    ("Not for me", "Sent it back", "Disappointed", "I expected more"),
    ("Could be better", "Has its weak points", "So-so", "Not quite"),
    ("Does its job", "All right", "Neither good nor bad", "Fair for the price"),
    ("Good, with one small but", "Happy with it", "Well made", "Good value", "A sound choice"),
    (
        "Just right",
        "Would buy it again",
        "Better than I thought",
        "A favourite already",
        "Excellent",
        "Worth every cent",
    ),
)
_BEGINNINGS: tuple[Sequence[str], ...] = (
    ("It looked better in the picture.", "After two weeks I gave up on it.", "I wanted to like it."),
    ("It works, but I keep finding things that bother me.", "My old one was better.", "I am in two minds about it."),
    ("It is what it says it is.", "No surprises, good or bad.", "I use it, I do not think about it."),
    ("I have had it for a month now.", "It came quickly and well packed.", "A friend told me of it, and was right."),
    ("I use it every day.", "My second one: the first went to my sister.", "I looked long, and this is the one."),
)
_MIDDLES: tuple[Sequence[str], ...] = (
    ("The finish is poor.", "It does not feel like the price.", "The description promises more than it keeps."),
    ("Some details are careless.", "The size is not quite what I thought.", "You get used to it."),
    ("For the price that is fine.", "The size is as described.", "The colour is a little different from the picture."),
    ("The finish is clean.", "The size is as described.", "The colour is as in the picture.", "It feels solid."),
    (
        "The finish is beautiful.",
        "Everything fits.",
        "It feels made to last.",
        "It looks even better than in the picture.",
    ),
)
_ENDINGS: tuple[Sequence[str], ...] = (
    ("I would not buy it again.", "The return was easy, at least."),
    ("I will keep it for now.", "Maybe I was unlucky.", "The next one will be another."),
    ("I would look around once more.", "Good enough.", "It will do."),
    ("I would buy it again.", "One star off for the packaging.", "Recommended, all in all."),
    ("Recommended.", "No complaints at all.", "I would buy it again at once.", "Thank you!"),
)

_REVIEWERS = """
WITH added AS (
    INSERT INTO account (id, email, email_key, name, password_hash)
    SELECT uuidv7(), email, email_key, name, $4 FROM unnest($1::text[], $2::text[], $3::text[]) t (email, email_key, name)
    ON CONFLICT (email_key) DO NOTHING RETURNING id, email_key
)
SELECT id FROM (SELECT * FROM added UNION ALL SELECT id, email_key FROM account WHERE email_key = ANY ($2)) every
ORDER BY email_key
"""
_PRODUCTS = """
SELECT id, external_ref, coalesce(imported_rating_average, rating_average)::float8,
    coalesce(imported_rating_count, rating_count), created_at
FROM product
WHERE external_ref LIKE 'demo-%' AND status = 'active' AND deleted_at IS NULL
  AND coalesce(imported_rating_average, rating_average) IS NOT NULL
ORDER BY popularity DESC, id LIMIT $1
"""
_INSERT = """
INSERT INTO review (id, product_id, account_id, rating, title, body, status, created_at, updated_at)
SELECT id, product_id, account_id, rating, title, body, status, written_at, written_at
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::integer[], $5::text[], $6::text[], $7::text[], $8::timestamptz[])
    t (id, product_id, account_id, rating, title, body, status, written_at)
ON CONFLICT DO NOTHING
"""


class DemoReview(msgspec.Struct, frozen=True):
    """A row of `review`, its fields in the order of the statement."""

    id: UUID
    product_id: UUID
    account_id: UUID
    rating: int
    title: str
    body: str
    status: str
    written_at: datetime


async def seed_reviews(connection: asyncpg.Connection) -> None:
    """Add the reviews that are missing, and their authors."""
    reviewers = await _find_reviewers(connection)
    products = await connection.fetch(_PRODUCTS, PRODUCTS)
    reviews = (review for product in products for review in _reviews(product, reviewers))
    while batch := list(islice(reviews, _BATCH)):
        columns = zip(*(msgspec.structs.astuple(review) for review in batch), strict=True)
        await connection.execute(_INSERT, *map(list, columns))


async def _find_reviewers(connection: asyncpg.Connection) -> list[UUID]:
    emails = [f"reviewer-{number:02d}@example.com" for number in range(1, len(NAMES) + 1)]
    keys = [comparable(email) for email in emails]
    return [row["id"] for row in await connection.fetch(_REVIEWERS, emails, keys, list(NAMES), _NO_PASSWORD)]


def _reviews(product: Sequence[object], reviewers: Sequence[UUID]) -> Iterator[DemoReview]:
    product_id, reference, average, count, created_at = product
    assert isinstance(product_id, UUID)
    assert isinstance(average, float)
    assert isinstance(count, int)
    assert isinstance(created_at, datetime)
    random = Random(f"reviews of {reference}")
    authors = random.sample(range(len(reviewers)), random.randint(0, min(MOST, count)))
    for number, author in enumerate(authors):
        rating = min(5, max(1, round(random.gauss(average, 0.9))))
        title, body = ("", "") if random.random() < _STARS_ALONE else _words(random, rating)
        chance = random.random()
        status = "rejected" if chance < _REJECTED else "pending" if chance < _REJECTED + _PENDING else "approved"
        age = max(_DAY_SECONDS, int((EPOCH - created_at).total_seconds()))
        written_at = created_at + timedelta(seconds=random.randrange(age))
        review_id = _id(written_at, f"{reference} {number}")
        yield DemoReview(review_id, product_id, reviewers[author], rating, title, body, status, written_at)


def _words(random: Random, rating: int) -> tuple[str, str]:
    parts = [random.choice(sentences[rating - 1]) for sentences in (_BEGINNINGS, _MIDDLES, _ENDINGS)]
    return random.choice(_TITLES[rating - 1]), " ".join(parts[: random.randint(1, 3)])


def _id(moment: datetime, name: str) -> UUID:
    """The same id for the same review at each run: a UUIDv7 (RFC 9562) with digits of a digest for random ones."""
    milliseconds = int(moment.timestamp() * 1000)
    digits = int.from_bytes(sha256(name.encode()).digest()[:10], "big")
    high, low = digits >> 68, digits & (1 << 62) - 1
    return UUID(int=milliseconds << 80 | 7 << 76 | high << 64 | 2 << 62 | low)
