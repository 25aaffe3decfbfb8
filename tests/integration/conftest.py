"""Fixtures of tests that break things."""

from tests.support.breakable import breakable_shop, breakable_stack

__all__ = ["breakable_shop", "breakable_stack"]
