"""The zips: what is in them, how big they are, and that equal content gives equal bytes."""

import json
import random
import shutil
import subprocess
import sys
import zipfile
from importlib.util import MAGIC_NUMBER
from pathlib import Path

import pytest

from localcloud import bytecode, layer, pack
from localcloud.environments import ROOT
from localcloud.problem import Problem

MEGABYTE = 1024 * 1024


def names(path):
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def size(path):
    with zipfile.ZipFile(path) as archive:
        return sum(info.file_size for info in archive.infolist())


@pytest.fixture
def sources(tmp_path):
    """A copy of what is packaged, made later and in another place."""
    copy = tmp_path / "copy"
    copy.mkdir()
    pack.copy_sources(ROOT, copy)
    shutil.copytree(ROOT / "infra", copy / "infra")
    return copy


def test_the_code_zip_holds_the_app_and_nothing_else(prod):
    tops = {name.split("/")[0] for name in names(prod.code)}
    assert tops == {"app.py", "__pycache__", "chalicelib", "chalice"}
    compiled = {name for name in names(prod.code) if name.endswith(".pyc")}
    assert compiled == {
        bytecode.place_of(name) for name in names(prod.code) if name.endswith(".py")
    }


def test_every_module_comes_compiled_for_the_version_that_the_template_names(prod):
    runtimes = {
        resource["Properties"]["Runtime"]
        for resource in prod.template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    }
    assert runtimes == {f"python{sys.version_info[0]}.{sys.version_info[1]}"}
    for archive in (prod.code, prod.layer):
        with zipfile.ZipFile(archive) as opened:
            there = set(opened.namelist())
            modules = [name for name in there if name.endswith(".py")]
            bare = [name for name in modules if bytecode.place_of(name) not in there]
            # Some libraries bring files that end in .py and are for another Python.
            assert len(bare) < len(modules) / 100, bare
            heads = {opened.read(bytecode.place_of(name))[:8] for name in set(modules) - set(bare)}
        assert heads == {MAGIC_NUMBER + b"\1\0\0\0"}


def test_bytecode_is_the_same_whoever_compiles_it_and_is_run_as_it_is(tmp_path):
    source = b"VALUE = ('a', 'b') * 2\n\ndef f(a, b): return f'{a}{b}'\n"
    made = bytecode.compiled("chalicelib/x.py", source)
    bytecode.compiled.cache_clear()
    assert made == bytecode.compiled("chalicelib/x.py", source)
    target = tmp_path / bytecode.place_of("x.py")
    target.parent.mkdir()
    target.write_bytes(made)
    # Another source than it was made of: what is taken is the bytecode, unchecked.
    (tmp_path / "x.py").write_text("VALUE = 'compiled anew'\n")
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import x; print(x.VALUE)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "('a', 'b', 'a', 'b')"


def test_a_file_that_is_no_python_is_packaged_as_it_is():
    assert bytecode.compiled("chalicelib/x.py", b"{% template %}") is None


def test_the_layer_leaves_out_what_lambda_brings_itself(prod):
    tops = {name.split("/")[1] for name in names(prod.layer)}
    assert "pydantic" in tops
    assert not tops & {"boto3", "botocore", "s3transfer", "chalice", "pytest", "flask", "pip"}


def test_code_and_layer_stay_far_below_lambdas_limits(prod):
    assert prod.layer.stat().st_size < 25 * MEGABYTE
    assert prod.code.stat().st_size < 5 * MEGABYTE
    assert size(prod.layer) + size(prod.code) < 125 * MEGABYTE


def test_the_package_imports_with_its_layer_and_lambdas_own_libraries_alone(prod, tmp_path):
    for archive, folder in ((prod.code, "code"), (prod.layer, "layer")):
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(tmp_path / folder)
    brought = tmp_path / "brought"
    brought.mkdir()
    for name in ("boto3", "botocore", "s3transfer"):
        module = __import__(name)
        (brought / name).symlink_to(Path(module.__file__).parent)
    program = f"""
import sys
sys.path[:] = [p for p in sys.path if "site-packages" not in p]
sys.path[:0] = [{str(tmp_path / "code")!r}, {str(tmp_path / "layer/python")!r}, {str(brought)!r}]
import app, importlib, pkgutil, chalicelib
for found in pkgutil.walk_packages(chalicelib.__path__, "chalicelib."):
    importlib.import_module(found.name).__doc__  # until then it has not run
import stripe, requests
print(app.__file__)
"""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program],
        env={"STAGE": "prod", "PATH": "/usr/bin:/bin", "AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(tmp_path / "code" / "app.py")


def test_packaging_the_same_sources_again_gives_the_same_bytes(prod, sources, tmp_path):
    again = pack.package("prod", tmp_path / "again", sources, cache=ROOT / ".local/cache")
    for name in ("deployment.zip", "layer-deployment.zip", "sam.json"):
        assert (again.folder / name).read_bytes() == (prod.folder / name).read_bytes(), name


def test_a_changed_line_or_value_is_a_new_release(prod, sources, tmp_path):
    cache = ROOT / ".local/cache"
    value = pack.package("prod", tmp_path / "v", sources, cache=cache, values={"Stage": "prod"})
    (sources / "app.py").write_text((sources / "app.py").read_text() + "\n# another line\n")
    line = pack.package("prod", tmp_path / "l", sources, cache=cache)
    assert len({prod.release, value.release, line.release}) == 3


def test_a_zip_written_in_another_order_and_time_comes_out_the_same(tmp_path):
    entries = [(f"python/{n}.py", f"{n} = 1") for n in "abcdef"] + [("python/boto3/x.py", "")]
    made = []
    for number in range(2):
        random.Random(number).shuffle(entries)
        path = tmp_path / f"{number}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in entries:
                info = zipfile.ZipInfo(name, (2020 + number, 1, 1, 0, 0, 0))
                archive.writestr(info, text)
        layer.normalise(path, drop=layer.is_provided)
        made.append(path.read_bytes())
    assert made[0] == made[1]
    assert "python/boto3/x.py" not in names(path)


def test_an_error_in_the_app_is_told_with_its_file_and_line(sources, tmp_path):
    (sources / "app.py").write_text("import os\n\nraise RuntimeError('no such thing')\n")
    with pytest.raises(Problem, match=r"RuntimeError: no such thing \(app.py line 3\)"):
        pack.package("local", tmp_path / "out", sources, cache=ROOT / ".local/cache")


def test_two_infra_files_may_not_define_the_same_name(tmp_path):
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("Resources:\n  Queue: {Type: AWS::SQS::Queue}\n")
    with pytest.raises(Problem, match=r"b.yaml defines Resources \['Queue'\] a second time"):
        pack.merge([tmp_path / "a.yaml", tmp_path / "b.yaml"])


def test_broken_yaml_is_told_with_its_file(tmp_path):
    (tmp_path / "a.yaml").write_text("Resources: {Queue: [}\n")
    with pytest.raises(Problem, match=r"a\.yaml is not valid YAML"):
        pack.merge([tmp_path / "a.yaml"])


def two_values_in_one_place(template):
    """What merging `Queue: !GetAtt …` over Chalice's own `Queue: {Fn::Sub: …}` leaves behind."""
    broken = json.loads(json.dumps(template))
    for function in broken["Resources"].values():
        for event in function.get("Properties", {}).get("Events", {}).values():
            if event["Type"] == "SQS":
                event["Properties"]["Queue"]["Fn::Sub"] = "arn:aws:sqs:us-east-1:0:placeholder"
    return broken


def test_a_merge_that_left_two_values_in_one_place_is_refused(prod):
    pack.check_intrinsics(prod.template)
    with pytest.raises(Problem, match=r"more than one value at /Resources/.*/Queue"):
        pack.check_intrinsics(two_values_in_one_place(prod.template))


@pytest.mark.large
def test_without_that_refusal_cloudformation_would_get_an_invalid_template(prod, tmp_path):
    def lint(template, name):
        path = tmp_path / name
        path.write_text(json.dumps(template))
        linter = Path(sys.executable).with_name("cfn-lint")
        return subprocess.run([linter, path], cwd=ROOT, capture_output=True).returncode

    assert lint(prod.template, "whole.json") == 0
    assert lint(two_values_in_one_place(prod.template), "broken.json") != 0
