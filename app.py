"""The API: routes and workers, registered. What they do stands in chalicelib/."""

from chalice import Chalice

from chalicelib import wiring
from chalicelib.accounts.admin_routes import routes as admin
from chalicelib.accounts.audit_routes import routes as audit
from chalicelib.accounts.blocks_routes import routes as blocks
from chalicelib.accounts.routes import routes as accounts
from chalicelib.accounts.user_routes import routes as own
from chalicelib.accounts.workers import workers as accounts_workers
from chalicelib.balance.routes import routes as balance
from chalicelib.cart.routes import routes as cart
from chalicelib.catalog.routes import routes as catalog
from chalicelib.checkout.pay_routes import routes as paying
from chalicelib.checkout.routes import routes as checkout
from chalicelib.docs.routes import routes as docs
from chalicelib.health.routes import routes as health
from chalicelib.inventory.routes import routes as inventory
from chalicelib.inventory.workers import workers as inventory_workers
from chalicelib.kernel import auth, cors
from chalicelib.orders.routes import routes as orders
from chalicelib.payments.admin_routes import routes as webhooks
from chalicelib.payments.routes import routes as payments
from chalicelib.settlement.manual_payment_routes import routes as hands
from chalicelib.settlement.refund_routes import routes as money
from chalicelib.settlement.workers import workers as orders_workers
from chalicelib.subscriptions.routes import routes as subscriptions

app = Chalice(app_name="cartwright", configure_logs=False)

auth.install(wiring.identify, wiring.check_blocked, wiring.notice)

for blueprint in (
    health,
    catalog,
    inventory,
    cart,
    checkout,
    paying,
    orders,
    money,
    hands,
    payments,
):
    app.register_blueprint(blueprint)
for blueprint in (accounts, own, admin, audit, blocks, webhooks, subscriptions, balance, docs):
    app.register_blueprint(blueprint)
for blueprint in (inventory_workers, orders_workers, accounts_workers):
    app.register_blueprint(blueprint)

cors.answer_preflights(app)
