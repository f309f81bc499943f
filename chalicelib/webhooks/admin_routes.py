"""Payments and the log of webhooks over HTTP, for administrators: look, and play again."""

from __future__ import annotations

from chalicelib.kernel.web.http import Answer, Permission, Routes
from chalicelib.kernel.web.request import Request
from chalicelib.webhooks import admin_schemas as schemas
from chalicelib.webhooks import dead_letters, inbox

routes = Routes(__name__)


@routes.get(
    "/api/admin/webhooks",
    access=Permission.MANAGE_WEBHOOKS,
    gives="admin_schemas.WebhookPage",
    also=(400,),
)
def list_webhooks(request: Request, query: schemas.WebhookQuery) -> Answer:
    """A day's webhooks, the newest first."""
    wanted = schemas.wanted(query.day, query.status, query.provider, query.order_id)
    items, following = inbox.page(wanted, size=query.page_size, cursor=query.cursor)
    answers = [schemas.WebhookAnswer.of(item) for item in items]
    return Answer(schemas.WebhookPage(items=answers, next_cursor=following))


@routes.get(
    "/api/admin/webhooks/{webhook_id}",
    access=Permission.MANAGE_WEBHOOKS,
    gives="admin_schemas.WebhookWhole",
)
def read_webhook(request: Request, webhook_id: str) -> Answer:
    """One webhook with what the provider sent."""
    return Answer(schemas.WebhookWhole.of(inbox.read(webhook_id)))


@routes.post(
    "/api/admin/webhooks/{webhook_id}/replay",
    access=Permission.MANAGE_WEBHOOKS,
    gives="admin_schemas.Replayed",
)
def replay_webhook(request: Request, body: schemas.PutBack, webhook_id: str) -> Answer:
    """Work a webhook off once more; what it did already is not done twice."""
    inbox.replay(webhook_id)
    return Answer(schemas.Replayed(replayed=1, more=False))


@routes.post(
    "/api/admin/webhooks/replay",
    access=Permission.MANAGE_WEBHOOKS,
    gives="admin_schemas.Replayed",
)
def replay_webhooks(request: Request, body: schemas.ReplayMany) -> Answer:
    """Work a day's webhooks of one status off once more."""
    wanted = schemas.wanted(body.day, body.status, body.provider, None)
    count, more = inbox.replay_all(wanted)
    return Answer(schemas.Replayed(replayed=count, more=more))


@routes.get(
    "/api/admin/dead-letters",
    access=Permission.MANAGE_WEBHOOKS,
    gives="admin_schemas.DeadLetters",
)
def list_dead_letters(request: Request) -> Answer:
    """What the queue of payment events gave up."""
    items = [schemas.DeadLetterAnswer.of(letter) for letter in dead_letters.listed()]
    return Answer(schemas.DeadLetters(items=items))


@routes.post(
    "/api/admin/dead-letters/replay",
    access=Permission.MANAGE_WEBHOOKS,
    gives="admin_schemas.Replayed",
)
def replay_dead_letters(request: Request, body: schemas.PutBack) -> Answer:
    """Put what was given up on the queue once more."""
    count = dead_letters.put_back()
    return Answer(schemas.Replayed(replayed=count, more=count == dead_letters.MOST))
