"""Global Trade Item Numbers (GS1 General Specifications, section 7.9: check digit)."""


def normalize_gtin(digits: str) -> str | None:
    """The number as 14 digits, or None when its check digit is wrong or it has another length than 8, 12, 13 or 14."""
    if len(digits) not in {8, 12, 13, 14} or not (digits.isascii() and digits.isdigit()):
        return None
    padded = digits.zfill(14)
    total = 3 * sum(map(int, padded[0:13:2])) + sum(map(int, padded[1:13:2]))
    return padded if (10 - total % 10) % 10 == int(padded[13]) else None
