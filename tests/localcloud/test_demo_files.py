"""Which files of the demo shop are loaded at a start: those that were edited, and no others."""

from localcloud import demo_files


def shop(root) -> None:
    folder = root / "tools" / "demo"
    for name in ("products", "photos", "pictures"):
        (folder / name).mkdir(parents=True)
    for name in ("shop.json", "categories.json", "products/mugs.json", "photos/mug.jpg"):
        (folder / name).write_text(name)
    (folder / "seed.py").write_text("")


def test_what_nobody_edited_is_not_loaded_again(tmp_path):
    shop(tmp_path)
    before = demo_files.digests(tmp_path)
    assert set(before) == {
        *("tools/demo/shop.json", "tools/demo/categories.json"),
        *("tools/demo/products/mugs.json", "tools/demo/photos/mug.jpg"),
    }
    assert demo_files.changed(demo_files.digests(tmp_path), before) == []


def test_what_was_edited_or_is_new_is_loaded(tmp_path):
    shop(tmp_path)
    before = demo_files.digests(tmp_path)
    folder = tmp_path / "tools" / "demo" / "products"
    (folder / "mugs.json").write_text("edited")
    (folder / "pens.json").write_text("new")
    (tmp_path / "tools/demo/photos/mug.jpg").unlink()
    now = demo_files.digests(tmp_path)
    assert demo_files.changed(now, before) == [
        "tools/demo/products/mugs.json",
        "tools/demo/products/pens.json",
    ]
