"""Tests of chalicelib/webhooks."""
