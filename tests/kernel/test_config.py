"""Settings are checked where they are first read, and secrets never show themselves."""

import boto3
import pytest

from chalicelib import config
from chalicelib.config import Misconfigured, settings
from chalicelib.kernel.parameters import Secrets, secrets
from tests import stage


@pytest.fixture
def environment(monkeypatch):
    """A stage's environment, without a stage."""
    for name, value in stage.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    yield monkeypatch
    settings.cache_clear()


def test_a_stage_is_what_its_environment_says(environment):
    environment.setenv("AWS_REGION", "eu-west-1")
    found = settings()
    assert (found.stage, found.region) == ("test", "eu-west-1")
    assert found.table("orders") == "cartwright-test-orders"
    assert found.param_prefix == "/cartwright/test"


@pytest.mark.parametrize("name", ["STAGE", "TABLE_PREFIX"])
@pytest.mark.parametrize("value", [None, ""], ids=["missing", "empty"])
def test_what_is_missing_is_named(environment, name, value):
    environment.delenv(name) if value is None else environment.setenv(name, value)
    with pytest.raises(Misconfigured, match=f"environment variable {name} is missing"):
        settings()


@pytest.mark.parametrize("value", ["production", "Local", "prod ", "../prod"])
def test_a_stage_that_is_none_is_told_with_those_there_are(environment, value):
    environment.setenv("STAGE", value)
    with pytest.raises(Misconfigured, match="local, dev, prod, test"):
        settings()


def test_settings_are_read_once(environment):
    first = settings()
    environment.setenv("TABLE_PREFIX", "other-")
    assert settings() is first


def test_importing_the_app_needs_no_environment_at_all(tmp_path):
    # Packaging imports app.py on machines that know nothing of any stage.
    import subprocess
    import sys

    found = subprocess.run(
        [sys.executable, "-c", "import app; print(app.app.app_name)"],
        cwd=stage.ROOT,
        env={"PATH": "", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "cartwright"


def test_secrets_are_read_by_their_names(tables):
    found = secrets()
    assert found.required("stripe/secret_key") == "sk_test_cartwright"
    assert found.get("no/such") is None


@pytest.mark.parametrize("name", ["stripe/secret_key", "shop/url"])
def test_a_missing_secret_is_named_by_the_parameter_to_create(tables, name):
    boto3.client("ssm").delete_parameter(Name=f"/cartwright/test/{name}")
    with pytest.raises(Misconfigured, match=f"SSM parameter /cartwright/test/{name} is missing"):
        secrets().required(name)


def test_another_stages_secrets_are_out_of_sight(tables):
    boto3.client("ssm").put_parameter(
        Name="/cartwright/prod/stripe/secret_key", Value="sk_live_other", Type="SecureString"
    )
    assert "sk_live_other" not in secrets().values.values()


def test_secrets_show_their_names_and_never_their_values():
    kept = Secrets({"stripe/secret_key": "sk_test_hidden", "admin/key": "hush"})
    for shown in (repr(kept), str(kept), f"{kept}", f"{[kept]}", f"{kept!r:>80}"):
        assert "hidden" not in shown and "hush" not in shown
        assert "stripe/secret_key" in shown


def test_no_other_module_reads_the_environment():
    readers = [
        path.name
        for path in (stage.ROOT / "chalicelib").rglob("*.py")
        if "os.environ" in path.read_text("utf-8") or "getenv" in path.read_text("utf-8")
    ]
    assert readers == [config.__name__.rpartition(".")[2] + ".py"]
