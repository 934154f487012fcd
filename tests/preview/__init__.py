"""Tests of the live preview without a browser; those with one are in tests/web/preview."""
