"""The local cloud as a person uses it: it remembers, follows the files, leaves no trace."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from PIL import Image

from localcloud import Cloud, fixups
from localcloud.aws import Http
from localcloud.deploy import STACK
from localcloud.environments import ROOT
from localcloud.processes import free_ports
from localcloud.watch import Watcher

ROUTE = """

@app.route("/api/saved")
def saved():
    import pydantic

    return {"saved": %s, "library": pydantic.__file__}
"""


def test_the_next_start_has_what_the_last_one_stored_on_other_ports_too(cloud, tmp_path, ports):
    # `cloud` first: it bundles the storefront's libraries, once for all.
    state = tmp_path / "state"
    with Cloud(state, *ports) as first:
        created = first.http.post("/api/cart/create", {}).json()["data"]
        keys = first.secrets
        named = settings_named(first, "Renamed")
    with Cloud(state, *free_ports(2)) as second:
        assert second.secrets == keys
        assert second.http.get("/api/settings").json()["data"]["siteName"] == named
        assert second.http.get(f"/api/cart/{created['id']}").json()["data"]["id"] == created["id"]
        assert_a_worker_takes_what_is_queued(second)


def settings_named(own, name):
    """Give the shop a name by the API, as its owner does."""
    owner = {"X-Api-Key": own.addresses["adminKey"]}
    read = own.api.get("/api/admin/settings", owner).json()["data"]
    named = {**read["settings"], "siteName": {"en": name, "zh-CN": name}}
    changed = {"version": read["version"], "settings": named}
    assert own.api.request("PUT", "/api/admin/settings", changed, owner).status == 200
    return name


def assert_a_worker_takes_what_is_queued(own):
    queues = own.aws.client("sqs")
    url = queues.get_queue_url(QueueName="cartwright-local-payment-events")["QueueUrl"]
    queues.send_message(QueueUrl=url, MessageBody="not an event")
    deadline = time.monotonic() + 30
    waiting = "ApproximateNumberOfMessages"
    while (
        queues.get_queue_attributes(QueueUrl=url, AttributeNames=[waiting])["Attributes"][waiting]
        != "0"
    ):
        assert time.monotonic() < deadline, "no worker reads the queue"
        time.sleep(0.05)


def test_a_saved_file_is_live_and_a_broken_one_is_not(cloud, project, tmp_path, ports):
    said = []
    with Cloud(tmp_path / "state", *ports, root=project, say=said.append) as own:
        watcher = Watcher(own)
        app = project / "app.py"
        good = app.read_text() + ROUTE % "1"
        app.write_text(good)
        watcher.look()
        first = own.http.get("/api/saved").json()
        assert first["saved"] == 1
        # The layer's libraries come before those that the emulator itself is made of.
        assert "/layer_0/" in first["library"]

        app.write_text(good + "\nx = (\n")
        watcher.look()
        assert "app.py line" in said[-1]
        assert own.http.get("/api/saved").json() == first

        app.write_text(good.replace('"saved": 1', '"saved": 2'))
        (project / "storefront" / "index.html").write_text("<h1>saved</h1>")
        watcher.look()
        assert own.http.get("/api/saved").json()["saved"] == 2
        assert own.http.get("/").text == "<h1>saved</h1>"

        assert_a_saved_product_is_live_with_its_photograph(own, watcher)

        # Each version keeps a process: a hundred saved files must not fill the memory.
        function = fixups.physical_ids(own.aws, STACK)["Shop"]
        listed = own.aws.client("lambda").list_versions_by_function(FunctionName=function)
        assert len(listed["Versions"]) == 2  # $LATEST and the live one


def assert_a_saved_product_is_live_with_its_photograph(own, watcher):
    demo = own.root / "tools" / "demo"
    (demo / "photos").mkdir()
    Image.new("RGB", (3000, 2000), (200, 30, 30)).save(demo / "photos" / "mug.jpg")
    file = demo / "products" / "outdoors.json"
    products = json.loads(file.read_text())
    product = products[0]
    product["name"]["en"] = "Saved just now"
    product["images"].insert(0, {"file": "photos/mug.jpg", "alt": product["name"]})
    file.write_text(json.dumps(products))
    watcher.look()
    # The functions remember a product for ten seconds.
    deadline = time.monotonic() + 30
    while (shown := own.api.get(f"/api/products/{product['slug']}").json()["data"])[
        "name"
    ] != "Saved just now":
        assert time.monotonic() < deadline, "the product was saved and is not shown"
        time.sleep(0.05)
    picture = own.http.get(shown["image"]["url"])
    assert (picture.status, picture.headers["content-type"]) == (200, "image/webp")
    assert shown["image"]["width"] == 800


class Commands:
    """`python -m localcloud …` for a shop of its own beside the developer's."""

    def __init__(self, folder, ports):
        self.folder = folder
        gateway, sandbox = map(str, ports)
        own = {
            "CARTWRIGHT_LOCAL": str(folder),
            "CARTWRIGHT_PORT": gateway,
            "CARTWRIGHT_SANDBOX_PORT": sandbox,
        }
        self.environment = {**os.environ, **own}

    def start(self, *command):
        return subprocess.Popen(
            [sys.executable, "-m", "localcloud", *command],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *command):
        process = self.start(*command)
        output, _ = process.communicate(timeout=120)
        return process.returncode, output

    def leftovers(self):
        listed = subprocess.run(["ps", "-ww", "-eo", "command="], capture_output=True, text=True)
        return [line for line in listed.stdout.splitlines() if str(self.folder) in line]

    def wait_until_nothing_is_left(self):
        deadline = time.monotonic() + 15
        while self.leftovers():
            assert time.monotonic() < deadline, self.leftovers()
            time.sleep(0.05)


@pytest.fixture
def commands(tmp_path, ports):
    made = Commands(tmp_path / "own", ports)
    yield made
    made.run("down")


def test_up_returns_when_the_shop_is_open_and_down_leaves_nothing_running(cloud, commands):
    code, output = commands.run("up")
    assert code == 0, output
    addresses = json.loads((commands.folder / "addresses.json").read_text())
    assert set(addresses) == {"shop", "api", "sandbox", "mail", "adminKey"}
    assert addresses["shop"] in output
    assert Http(addresses["shop"]).get("/ready").status == 200
    mail = Http(addresses["mail"].split("/_")[0]).get("/_ministack/ses/messages")
    assert mail.status == 200

    code, output = commands.run("up")
    assert code == 1
    assert "already running" in output
    assert commands.run("status")[0] == 0
    code, output = commands.run("logs")
    assert code == 0, output
    assert "Shop" in output

    code, _ = commands.run("down")
    assert code == 0
    commands.wait_until_nothing_is_left()
    assert not (commands.folder / "addresses.json").exists()
    assert commands.run("status")[0] == 3


def test_ctrl_c_closes_the_shop_and_leaves_nothing_running(cloud, commands):
    with commands.start("run") as shop:
        for line in shop.stdout:
            if "closes the shop" in line:
                break
        shop.send_signal(signal.SIGINT)
        assert "orders and stock are kept" in shop.stdout.read()
    assert shop.returncode == 0
    commands.wait_until_nothing_is_left()


def test_a_start_that_is_broken_off_leaves_nothing_running(cloud, commands):
    with commands.start("run") as shop:
        for line in shop.stdout:
            if "local cloud started" in line:
                break
        shop.send_signal(signal.SIGTERM)
        shop.stdout.read()
    commands.wait_until_nothing_is_left()
