"""What a file really is, and the renditions made of it."""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from mercato.media.metadata import strip_metadata
from mercato.platform.imaging import (
    PRESETS,
    Focus,
    Limits,
    Look,
    Preset,
    Rendition,
    Unusable,
    inspect,
    render,
    sniff,
)
from tests.support.pictures import animation, encoded, opened, photograph_with_position, picture, png_that_claims

LIMITS = Limits()
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the picture of a test lies."""
    return tmp_path / "picture"


def made_of(
    path: Path, content: bytes, *, focus: Focus | None = None, limits: Limits = LIMITS
) -> tuple[list[Rendition], Look]:
    """Renditions and look of a file."""
    path.write_bytes(content)
    *renditions, look = render(path, inspect(path, limits), PRESETS, focus=focus, limits=limits)
    assert isinstance(look, Look)
    return [one for one in renditions if isinstance(one, Rendition)], look


def refused(path: Path, content: bytes) -> str:
    """Code of the refusal."""
    with pytest.raises(Unusable) as caught:
        made_of(path, content)
    assert caught.value.reason.endswith(".")
    return caught.value.code


def sizes(renditions: list[Rendition], kind: str) -> dict[str, tuple[int, int]]:
    return {one.name: (one.width, one.height) for one in renditions if one.format == kind}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF", "TIFF"])
def test_every_format_that_is_taken_becomes_every_size_and_format(path: Path, kind: str) -> None:
    renditions, look = made_of(path, picture(kind, size=(1500, 1000)))
    expected = {
        "1280": (1280, 853),
        "960": (960, 640),
        "640": (640, 427),
        "320": (320, 213),
        "160": (160, 107),
        "square": (320, 320),
    }
    for format_ in ("avif", "webp", "jpeg"):
        assert sizes(renditions, format_) == expected
    for one in renditions:
        shown = opened(one.content)
        assert shown.size == (one.width, one.height)
        assert not shown.getexif()
        assert one.file.endswith({"avif": ".avif", "webp": ".webp", "jpeg": ".jpg"}[one.format])
    assert look.placeholder.startswith("data:image/webp;base64,")
    assert len(look.placeholder) < 400


def test_nothing_is_made_larger_than_it_is(path: Path) -> None:
    renditions, _ = made_of(path, picture(size=(500, 200)))
    assert sizes(renditions, "webp") == {"640": (500, 200), "320": (320, 128), "160": (160, 64), "square": (320, 200)}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_stand_upright(path: Path, orientation: int) -> None:
    renditions, _ = made_of(path, photograph_with_position(orientation))
    expected = (400, 300) if orientation < 5 else (300, 400)
    assert sizes(renditions, "jpeg")["640"] == expected


def test_other_colour_spaces_and_depths_become_srgb(path: Path) -> None:
    for image, near in (
        (Image.new("CMYK", (100, 80), (0, 255, 255, 0)), (230, 40, 40)),
        (Image.new("L", (100, 80), 200), (200, 200, 200)),
        (Image.new("I;16", (100, 80), 0x8000), (128, 128, 128)),
    ):
        renditions, look = made_of(path, encoded(image, "TIFF"))
        shown = opened(renditions[-1].content).convert("RGB").getpixel((20, 20))
        assert isinstance(shown, tuple)
        assert all(abs(a - b) < 45 for a, b in zip(shown, near, strict=True)), (image.mode, shown)
        assert look.dominant_color.startswith("#")


def test_a_colour_profile_that_is_garbage_does_no_harm(path: Path) -> None:
    renditions, _ = made_of(path, encoded(Image.new("RGB", (90, 60), "blue"), "JPEG", icc_profile=b"garbage" * 50))
    assert sizes(renditions, "jpeg")["160"] == (90, 60)


def test_what_is_transparent_stays_so_except_in_jpeg(path: Path) -> None:
    renditions, _ = made_of(path, encoded(Image.new("RGBA", (90, 60), (255, 0, 0, 0)), "PNG"))
    by_format = {one.format: opened(one.content) for one in renditions if one.name == "160"}
    assert by_format["webp"].convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]
    assert by_format["jpeg"].getpixel((5, 5)) == (255, 255, 255)


def test_the_cut_keeps_the_focal_point(path: Path) -> None:
    image = Image.new("RGB", (900, 300), "white")
    image.paste("red", (860, 0, 900, 300))
    renditions, _ = made_of(path, encoded(image, "PNG"), focus=Focus(x=0.98, y=0.5))
    (cut,) = (one for one in renditions if one.name == "square" and one.format == "jpeg")
    red, green, _blue = opened(cut.content).getpixel((cut.width - 5, 100))  # type: ignore[misc]
    assert red > 200
    assert green < 60


def test_a_small_animation_stays_one_in_webp_with_a_still_beside_it(path: Path) -> None:
    renditions, _ = made_of(path, animation(7))
    formats = {one.format for one in renditions if one.name != "square"}
    assert formats == {"webp", "jpeg"}
    moving = opened(next(one.content for one in renditions if one.format == "webp"))
    assert getattr(moving, "n_frames", 1) == 7


def test_an_animation_that_is_too_large_becomes_its_first_frame(path: Path) -> None:
    renditions, _ = made_of(path, animation(7), limits=Limits(animated_pixels=10_000))
    assert all(getattr(opened(one.content), "n_frames", 1) == 1 for one in renditions)
    assert {one.format for one in renditions} == {"avif", "webp", "jpeg"}


def test_an_animation_with_thousands_of_frames_is_refused(path: Path) -> None:
    path.write_bytes(animation(1_200, size=(8, 8)))
    with pytest.raises(Unusable, match="1200 frames"):
        inspect(path, LIMITS)


@pytest.mark.parametrize("size", [(1, 1), (65_500, 1), (1, 65_500)])
def test_extreme_shapes_are_rendered(path: Path, size: tuple[int, int]) -> None:
    renditions, _ = made_of(path, encoded(Image.new("RGB", size, "red"), "PNG"))
    assert all(one.width >= 1 and one.height >= 1 for one in renditions)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"hello", "not_a_picture"),
        (SVG, "not_a_picture"),
        (b"%PDF-1.7", "not_a_picture"),
        (b"GIF89a/*<script>*/=1;", "unreadable_file"),
        (b"\xff\xd8\xff" + b"\0" * 100, "truncated_file"),
        (b"\0\0\0\x20ftypheic" + b"\0" * 40, "unsupported_format"),
        (png_that_claims(65_000, 65_000), "too_many_pixels"),
        (png_that_claims(20_000, 14_000), "too_many_pixels"),
    ],
)
def test_what_is_no_picture_is_refused_by_its_content(path: Path, content: bytes, code: str) -> None:
    assert refused(path, content) == code


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
def test_a_file_that_was_cut_off_is_refused(path: Path, kind: str) -> None:
    whole = encoded(Image.effect_noise((600, 400), 80).convert("RGB"), kind)
    assert refused(path, whole[: len(whole) // 2]) in {"truncated_file", "unreadable_file"}


def test_the_beginning_decides_not_the_name(path: Path) -> None:
    assert sniff(picture("WEBP")[:32]) == "webp"
    assert refused(path.with_suffix(".jpg"), b"MZ\x90\0") == "not_a_picture"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_metadata_is_removed_without_touching_a_pixel(path: Path, kind: str) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 30.0, 0.0)})
    exif[0x010F] = "Camera of somebody"
    before = picture(kind, exif=exif)
    path.write_bytes(before)
    strip_metadata(path, inspect(path, LIMITS).format)
    after = path.read_bytes()
    assert b"Camera of somebody" in before
    assert b"Camera of somebody" not in after
    assert not opened(after).getexif().get_ifd(0x8825)
    assert opened(after).tobytes() == opened(before).tobytes()


def test_a_photograph_lies_as_before_when_its_metadata_is_removed(path: Path) -> None:
    path.write_bytes(photograph_with_position(6))
    strip_metadata(path, "jpeg")
    facts = inspect(path, LIMITS)
    assert (facts.width, facts.height) == (300, 400)


def test_presets_have_names_of_their_own() -> None:
    assert len({preset.name for preset in PRESETS}) == len(PRESETS)
    assert Preset(name="x", width=1, height=1).fit == "contain"


def test_svg_is_never_read_even_where_the_library_could(tmp_path: Path) -> None:
    """In a process of its own: what is blocked stays blocked."""
    file = tmp_path / "picture.png"
    file.write_bytes(SVG)
    code = (
        "import pyvips; from mercato.platform.imaging import restrict_loaders; restrict_loaders();"
        f"pyvips.Image.new_from_file({str(file)!r})"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert ended.returncode == 1
    assert b"not a known file format" in ended.stderr or b"blocked" in ended.stderr
