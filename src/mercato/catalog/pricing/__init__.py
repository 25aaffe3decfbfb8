"""Prices of variants in further currencies, sales by the clock, and what prices have been."""
