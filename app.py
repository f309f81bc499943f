"""The API: what the contexts declare, found by its place and registered."""

from chalicelib import composition
from chalicelib.config import is_a_function
from chalicelib.kernel.web import blueprints, cors
from chalicelib.kernel.web.routing import Api

app = Api(app_name="cartwright", configure_logs=False)
composition.install()
if is_a_function():
    composition.load_libraries()
for blueprint in blueprints.found():
    app.register_blueprint(blueprint)
cors.answer_preflights(app)
