"""A saved file goes live; a broken one changes nothing and is told."""

from pathlib import Path

import pytest

from localcloud import site
from localcloud.problem import Problem
from localcloud.watch import Watcher, check_syntax


class FakeCloud:
    """Notes what it is asked to do."""

    def __init__(self, root):
        self.root, self.cache = root, root / "cache"
        self.said, self.done = [], []
        self.say = self.said.append
        self.broken = None

    def pack(self):
        if self.broken:
            raise Problem(self.broken)
        self.done.append("pack")

    def put_up(self, packed):
        self.done.append("deploy")

    def upload_site(self):
        self.done.append("upload")

    def tool(self, module, *files):
        if self.broken:
            raise Problem(self.broken)
        self.done.append(" ".join([module, *(Path(file).name for file in files)]))

    def remember_demo(self):
        assert self.done[-1].startswith("tools.seed")


@pytest.fixture
def cloud(tmp_path, monkeypatch):
    for name, text in {
        "app.py": "x = 1\n",
        "requirements.txt": "a==1\n",
        "chalicelib/cart.py": "y = 1\n",
        "infra/tables.yaml": "Resources: {}\n",
        ".chalice/config.json": "{}\n",
        "storefront/index.html": "<p>\n",
        "tools/demo/shop.json": "{}\n",
        "tools/demo/products/mugs.json": "[]\n",
        "tools/demo/photos/mug.jpg": "a photograph",
        "docs/openapi.json": "{}\n",
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    monkeypatch.setattr(site, "bundle_libraries", lambda storefront, cache: False)
    return FakeCloud(tmp_path)


@pytest.fixture
def watcher(cloud):
    return Watcher(cloud)


def test_nothing_saved_nothing_done(watcher, cloud):
    assert watcher.look() == set()
    assert cloud.done == []


@pytest.mark.parametrize(
    "name", ["app.py", "chalicelib/cart.py", "chalicelib/new.py", "infra/tables.yaml",
             ".chalice/config.json"],
)  # fmt: skip
def test_a_saved_source_is_packaged_and_deployed(watcher, cloud, name):
    (cloud.root / name).write_text("z = 22\n")
    watcher.look()
    assert cloud.done == ["pack", "deploy"]
    assert "live after" in cloud.said[0]


def test_a_removed_source_is_a_change_too(watcher, cloud):
    (cloud.root / "chalicelib/cart.py").unlink()
    watcher.look()
    assert cloud.done == ["pack", "deploy"]


@pytest.mark.parametrize("name", ["storefront/index.html", "docs/openapi.json"])
def test_a_saved_page_is_only_uploaded(watcher, cloud, name):
    (cloud.root / name).write_text("new of another size\n")
    watcher.look()
    assert cloud.done == ["upload"]


@pytest.mark.parametrize(
    "name", ["shop.json", "products/mugs.json", "products/new.json", "photos/mug.jpg",
             "photos/new.PNG"],
)  # fmt: skip
def test_a_saved_product_is_checked_its_picture_uploaded_and_itself_loaded(watcher, cloud, name):
    (cloud.root / "tools/demo" / name).write_text("[1]\n")
    watcher.look()
    file = name.rpartition("/")[2]
    assert cloud.done == ["tools.demo", "upload", f"tools.seed {file}"]
    assert "live after" in cloud.said[0]


def test_a_product_file_that_is_taken_away_loads_nothing(watcher, cloud):
    (cloud.root / "tools/demo/products/mugs.json").unlink()
    watcher.look()
    assert cloud.done == ["tools.demo", "upload"]


def test_a_product_file_that_is_wrong_changes_nothing_and_the_next_save_is_loaded(watcher, cloud):
    cloud.broken = "`python -m tools.demo` failed: product 'mug' has no image"
    (cloud.root / "tools/demo/products/mugs.json").write_text("[1]\n")
    watcher.look()
    assert cloud.done == []
    assert "has no image" in cloud.said[0]
    cloud.broken = None
    (cloud.root / "tools/demo/products/mugs.json").write_text("[22]\n")
    watcher.look()
    assert cloud.done == ["tools.demo", "upload", "tools.seed mugs.json"]


def test_what_python_and_editors_leave_behind_is_no_change(watcher, cloud):
    (cloud.root / "chalicelib/cart.pyc").write_text("…")
    (cloud.root / "storefront/.index.html.swp").write_text("…")
    (cloud.root / "storefront/node_modules").mkdir()
    (cloud.root / "storefront/node_modules/a.js").write_text("…")
    assert watcher.look() == set()


def test_a_syntax_error_gets_one_line_and_the_shop_goes_on(watcher, cloud):
    (cloud.root / "chalicelib/cart.py").write_text("y = (\n")
    watcher.look()
    assert cloud.done == []
    (line,) = cloud.said
    assert "chalicelib/cart.py line 1" in line
    assert line.endswith("The shop goes on with what it had.")
    assert "\n" not in line


def test_an_error_while_packaging_is_told_and_the_next_save_tries_again(watcher, cloud):
    cloud.broken = "Packaging failed: it is broken."
    (cloud.root / "app.py").write_text("x = 22\n")
    watcher.look()
    assert "it is broken" in cloud.said[0]
    cloud.broken = None
    (cloud.root / "app.py").write_text("x = 333\n")
    watcher.look()
    assert cloud.done == ["pack", "deploy"]


def test_new_requirements_ask_for_a_new_start(watcher, cloud):
    (cloud.root / "requirements.txt").write_text("a==22\n")
    watcher.look()
    assert cloud.done == []
    assert "next start" in cloud.said[0]


def test_a_file_that_is_not_python_is_not_compiled(cloud):
    check_syntax({cloud.root / "infra/tables.yaml", cloud.root / "gone.py"}, cloud.root)
