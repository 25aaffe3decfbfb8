"""Entity tags: what they depend on, and how the headers that name them are read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercato.platform.etag import check_if_match, is_not_modified, make_etag
from mercato.platform.problems import StaleVersion

versions = st.integers(min_value=1, max_value=10**9)
bodies = st.binary(max_size=200)


@given(versions, bodies)
def test_a_tag_names_its_own_answer_in_both_headers(version: int, body: bytes) -> None:
    tag = make_etag(version, body)
    for header in (tag, f'"x", {tag}', f" {tag} ", "*"):
        assert is_not_modified(header, tag)
        check_if_match(header, version)


@given(versions, bodies, bodies)
def test_another_body_has_another_tag(version: int, body: bytes, other: bytes) -> None:
    assert (make_etag(version, body) == make_etag(version, other)) == (body == other)


@given(versions, versions, bodies)
def test_a_tag_of_another_version_is_stale(version: int, present: int, body: bytes) -> None:
    tag = make_etag(version, body)
    if version == present:
        check_if_match(tag, present)
    else:
        with pytest.raises(StaleVersion) as raised:
            check_if_match(tag, present)
        assert raised.value.current_version == present


def test_a_weak_tag_is_good_enough_for_reading_but_not_for_writing() -> None:
    tag = make_etag(3, b"body")
    assert is_not_modified(f"W/{tag}", tag)
    with pytest.raises(StaleVersion):
        check_if_match(f"W/{tag}", 3)


def test_without_the_headers_nothing_is_compared() -> None:
    assert not is_not_modified(None, make_etag(1, b""))
    check_if_match(None, 1)


def test_only_the_version_counts_for_writing() -> None:
    check_if_match(make_etag(3, b"before a sale"), 3)


@given(st.text(max_size=50))
def test_no_header_is_too_strange_to_be_read(header: str) -> None:
    tag = make_etag(1, b"body")
    assert is_not_modified(header, tag) == (header.strip() == "*" or tag in header)
    try:
        check_if_match(header, 1)
    except StaleVersion:
        return
    assert header.strip() == "*" or '"1' in header
