"""E-mail addresses: checked for their form, compared without regard to case and ways of writing."""

import unicodedata
from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from msgspec import Meta

from mercato.platform.problems import InvalidInput

MAX_LENGTH = 254
"""Of an address that can be mailed to (RFC 3696, erratum 1690)."""

Email = Annotated[
    str, Meta(min_length=3, max_length=MAX_LENGTH, description="An e-mail address.", examples=["ada@example.com"])
]


def normalize(email: str) -> str:
    """The address as it is stored: surrounding space gone, domain in lower case. Raises `InvalidInput`; asks no server."""
    try:
        return validate_email(email.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise InvalidInput.at("/email", f"is no e-mail address: {error}", "invalid_email") from None


def comparable(email: str) -> str:
    """What two ways of writing one address have in common: NFKC, case folded. Never raises; what is no address matches none."""
    try:
        email = normalize(email)
    except InvalidInput:
        email = email.strip()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", email).casefold())
