"""Tests of chalicelib/jobs."""
