"""What a price says beside its number."""

from mercato.platform.money import Money


def reduction(price: Money | None, compare_at: Money | None) -> int:
    """How much a price is reduced, in whole percent; 0 without a reduction."""
    if price is None or compare_at is None or price.currency != compare_at.currency:
        return 0
    if compare_at.amount <= price.amount:
        return 0
    return int(100 * (compare_at.amount - price.amount) / compare_at.amount)
