"""What can be wrong with a review, and the database constraint that reveals it."""

from mercato.platform.http import CONSTRAINTS
from mercato.platform.problems import Conflict, Forbidden


class AlreadyReviewed(Conflict):
    """The account has a live review of the product."""

    code = "already_reviewed"


class NotPublished(Conflict):
    """Only what shoppers can see is reviewed."""

    code = "not_published"


class OwnProduct(Forbidden):
    """Sellers do not review what they sell."""

    code = "own_product"


class AccountRequired(Forbidden):
    """The caller is nobody who could be named as the author, such as the admin key of the settings."""

    code = "account_required"


class NotAuthor(Forbidden):
    """The review is somebody else's: its words are changed by its author only."""

    code = "not_author"


CONSTRAINTS.register(
    {"review_author_key": lambda: AlreadyReviewed("You have reviewed this product. Change that review, or delete it.")}
)
