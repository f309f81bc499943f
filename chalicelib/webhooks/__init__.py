"""Webhooks: their log, their queue, what the queue gave up, and playing them again."""
