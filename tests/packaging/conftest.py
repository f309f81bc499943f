"""The project packaged for two stages, once per run."""

import pytest

from localcloud.pack import package
from tests.packaging import templates


@pytest.fixture(scope="session")
def local(tmp_path_factory):
    return package("local", tmp_path_factory.mktemp("local"))


@pytest.fixture(scope="session")
def prod(tmp_path_factory):
    return package("prod", tmp_path_factory.mktemp("prod"))


@pytest.fixture(scope="session")
def resources(prod):
    """What is deployed to production."""
    return templates.resolve(prod.template, {"Stage": "prod"})
