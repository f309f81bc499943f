"""Subscriptions over HTTP: what there is, one's own, and what one wants of them."""

from __future__ import annotations

from chalicelib.accounts import profile
from chalicelib.kernel import clock, limits
from chalicelib.kernel.web.http import Access, Answer, Permission, Routes
from chalicelib.kernel.web.request import Request
from chalicelib.subscriptions import changing, opening, rules, schemas, service

routes = Routes(__name__)

FRESH_SECONDS = 5


@routes.get(
    "/api/subscriptions/plans",
    access=Access.PUBLIC,
    gives="PlanList",
    also=(304,),
)
def list_plans(request: Request, query: schemas.PlansQuery) -> Answer:
    """What can be subscribed to, with its price in a currency."""
    plans, currency = service.plans_in(query.currency)
    answer = schemas.PlanList.of(plans, currency, request.locale)
    return Answer(answer, public_seconds=FRESH_SECONDS)


@routes.get("/api/subscriptions", access=Access.USER, gives="SubscriptionList")
def list_subscriptions(request: Request) -> Answer:
    """The caller's subscriptions, the newest first."""
    found = service.of_user(_user(request))
    return Answer(schemas.SubscriptionList.of(found, request.locale, now=clock.now()))


@routes.get(
    "/api/admin/users/{user_id}/subscriptions",
    access=Permission.VIEW_USERS,
    gives="SubscriptionList",
)
def list_subscriptions_of_user(request: Request, user_id: str) -> Answer:
    """A user's subscriptions, the newest first."""
    found = service.of_user(user_id)
    return Answer(schemas.SubscriptionList.of(found, request.locale, now=clock.now()))


@routes.post(
    "/api/subscriptions",
    access=Access.USER,
    gives="SubscriptionAnswer",
    also=(404, 409, 502),
    limits=limits.CHECKOUT,
)
def subscribe(request: Request, body: schemas.Subscribe) -> Answer:
    """Subscribe to a plan, and say where to pay; asked again, the same subscription."""
    user_id = _user(request)
    buyer = opening.Buyer(user_id, str(profile.read(user_id).email), request.locale)
    return _shown(request, opening.begin(buyer, body.plan_id, body.currency, now=clock.now()))


@routes.post(
    "/api/subscriptions/{subscription_id}/cancel",
    access=Access.USER,
    gives="SubscriptionAnswer",
    also=(409, 502),
    limits=limits.CHECKOUT,
)
def cancel_subscription(request: Request, subscription_id: str) -> Answer:
    """End a subscription with its period; one that was not paid yet ends at once."""
    now = clock.now()
    return _shown(request, changing.cancel(subscription_id, _user(request), now=now))


@routes.post(
    "/api/subscriptions/{subscription_id}/resume",
    access=Access.USER,
    gives="SubscriptionAnswer",
    also=(409, 502),
    limits=limits.CHECKOUT,
)
def resume_subscription(request: Request, subscription_id: str) -> Answer:
    """Undo a cancellation before the period is over."""
    now = clock.now()
    return _shown(request, changing.resume(subscription_id, _user(request), now=now))


@routes.post(
    "/api/subscriptions/{subscription_id}/change",
    access=Access.USER,
    gives="SubscriptionAnswer",
    also=(409, 502),
    limits=limits.CHECKOUT,
)
def change_subscription(request: Request, body: schemas.ChangePlan, subscription_id: str) -> Answer:
    """Change to another plan; the provider reckons up what is paid already."""
    now = clock.now()
    return _shown(request, changing.change(subscription_id, _user(request), body.plan_id, now=now))


def _shown(request: Request, found: rules.Subscription) -> Answer:
    return Answer(schemas.SubscriptionAnswer.of(found, request.locale, now=clock.now()))


def _user(request: Request) -> str:
    return str(request.caller.user_id)
