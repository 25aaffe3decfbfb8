"""Why pictures are refused."""

from mercato.platform.imaging import Unusable
from mercato.platform.problems import Conflict, FieldError, InvalidInput, Problem, TooLarge, UnsupportedMediaType

_TOO_LARGE = frozenset({"too_many_pixels", "too_many_frames"})
_OTHER_KIND = frozenset({"not_a_picture", "unsupported_format"})


class TooManyImages(Conflict):
    """The product has as many pictures as it can."""

    code = "too_many_images"


class ImageExists(Conflict):
    """The product shows this picture already, in another place."""

    code = "image_exists"


class PrimaryRequired(Conflict):
    """One picture is the primary one: make another one that instead."""

    code = "primary_required"


def refusal(error: Unusable, pointer: str) -> Problem:
    """The problem that says why the file at `pointer` is refused."""
    errors = [FieldError(pointer=pointer, code=error.code, message=error.reason)]
    kind = TooLarge if error.code in _TOO_LARGE else UnsupportedMediaType if error.code in _OTHER_KIND else InvalidInput
    return kind(f"{pointer}: {error.reason}", errors=errors)
