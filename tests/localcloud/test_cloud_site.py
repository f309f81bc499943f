"""What of storefront/ reaches the bucket, and with which headers."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from localcloud import site


class FakeAws:
    """One bucket in memory."""

    def __init__(self):
        self.objects = {}
        self.sent = []

    def client(self, _name):
        return self

    def get_paginator(self, _name):
        return self

    def paginate(self, Bucket):
        entries = self.objects.items()
        return [{"Contents": [{"Key": key, "ETag": f'"{etag}"'} for key, etag in entries]}]

    def put_object(self, Bucket, Key, Body, **headers):
        import hashlib

        self.objects[Key] = hashlib.md5(Body).hexdigest()
        self.sent.append(Key)

    def delete_object(self, Bucket, Key):
        del self.objects[Key]


@pytest.fixture
def storefront(tmp_path):
    folder = tmp_path / "storefront"
    for name in ("index.html", "lib/api.js", "vendor/ui.js", "shop/texts/en.json",
                 "package.json", "package-lock.json", "build-vendor.mjs", ".npmrc",
                 "node_modules/preact/preact.js", "notes.psd"):  # fmt: skip
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "openapi.json").write_text("{}")
    return folder


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "pictures"
    (folder / "images").mkdir(parents=True)
    (folder / "images" / "car.svg").write_text("<svg/>")
    return folder


def test_pages_modules_and_pictures_are_uploaded_and_build_files_are_not(storefront, pictures):
    assert set(site.files(storefront.parent, pictures)) == {
        "index.html",
        "lib/api.js",
        "vendor/ui.js",
        "shop/texts/en.json",
        "images/car.svg",
        "api/openapi.json",
    }


def test_only_what_differs_is_sent_and_what_is_gone_is_removed(storefront, pictures):
    aws = FakeAws()
    assert site.upload(aws, "bucket", site.files(storefront.parent, pictures)) == 6
    aws.sent.clear()
    (storefront / "index.html").write_text("new")
    (storefront / "lib/api.js").unlink()
    assert site.upload(aws, "bucket", site.files(storefront.parent, pictures)) == 1
    assert aws.sent == ["index.html"]
    assert "lib/api.js" not in aws.objects


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("lib/api.js", "text/javascript; charset=utf-8"),
        ("shop/texts/zh-CN.json", "application/json; charset=utf-8"),
        ("images/car.svg", "image/svg+xml"),
    ],
)
def test_every_file_says_what_it_is(key, kind):
    assert site.headers(key)["ContentType"] == kind


def test_pages_are_asked_for_again_and_pictures_are_kept():
    assert site.headers("lib/api.js")["CacheControl"] == "no-cache"
    assert site.headers("images/car.svg")["CacheControl"] == "public, max-age=86400"


def test_libraries_are_bundled_again_only_when_their_sources_change(tmp_path, monkeypatch):
    storefront, cache = tmp_path / "storefront", tmp_path / "cache"
    (storefront / "vendor").mkdir(parents=True)
    for name in ("package-lock.json", "build-vendor.mjs", "vendor/ui.js"):
        (storefront / name).write_text(name)
    calls = []

    class Done:
        returncode = 0

    monkeypatch.setattr(site.subprocess, "run", lambda command, **_: calls.append(command) or Done)
    assert site.bundle_libraries(storefront, cache)
    assert not site.bundle_libraries(storefront, cache)
    assert len(calls) == 2
    (storefront / "package-lock.json").write_text("newer")
    assert site.bundle_libraries(storefront, cache)


def test_two_starts_at_once_bundle_the_libraries_once(tmp_path, monkeypatch):
    storefront, cache = tmp_path / "storefront", tmp_path / "cache"
    (storefront / "vendor").mkdir(parents=True)
    for name in ("package-lock.json", "build-vendor.mjs"):
        (storefront / name).write_text(name)
    at_work, met = [], []

    def node(command, folder):
        at_work.append(command)
        met.append(len(at_work))
        (folder / "vendor/ui.js").write_text("bundle")
        at_work.remove(command)

    monkeypatch.setattr(site, "_node", node)
    with ThreadPoolExecutor(4) as pool:
        ran = list(pool.map(lambda _: site.bundle_libraries(storefront, cache), range(4)))
    assert ran.count(True) == 1
    assert met == [1, 1]  # npm, then node, and nobody beside them


def test_the_site_is_built_into_a_folder_and_replaces_what_was_there(
    storefront, pictures, tmp_path, monkeypatch
):
    monkeypatch.setattr(site, "bundle_libraries", lambda folder, cache: False)
    monkeypatch.setattr(site, "draw_pictures", lambda root, cache: pictures)
    out = tmp_path / "package" / "storefront"
    for _ in range(2):
        made = site.build(tmp_path, tmp_path / "cache", out)
        there = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
        assert there == set(site.files(storefront.parent, pictures))
        assert made["files"] == len(there) and made["bytes"] > 0
        (out / "left-behind.html").write_text("from before")
    assert not out.with_name("storefront.new").exists()
