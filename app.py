"""The API: routes and workers, registered. What they do stands in chalicelib/."""

from chalice import Chalice, CORSConfig

from chalicelib.cart.routes import routes as cart
from chalicelib.catalog.routes import routes as catalog
from chalicelib.checkout.routes import routes as checkout
from chalicelib.config import cors_origin
from chalicelib.health.routes import routes as health
from chalicelib.inventory.routes import routes as inventory
from chalicelib.inventory.workers import workers as inventory_workers
from chalicelib.orders.routes import routes as orders
from chalicelib.orders.workers import workers as orders_workers
from chalicelib.payments.routes import routes as payments

app = Chalice(app_name="cartwright", configure_logs=False)

# Before anything is registered: a route takes the CORS that stands here at that moment.
if cors_origin():
    app.api.cors = CORSConfig(
        allow_origin=cors_origin(),
        allow_headers=["X-Order-Token", "Idempotency-Key", "Accept-Language"],
        expose_headers=["X-Request-Id", "Retry-After", "ETag"],
        max_age=600,
    )

for blueprint in (health, catalog, inventory, cart, checkout, orders, payments):
    app.register_blueprint(blueprint)
for blueprint in (inventory_workers, orders_workers):
    app.register_blueprint(blueprint)
