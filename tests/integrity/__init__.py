"""Tests of chalicelib/integrity."""
