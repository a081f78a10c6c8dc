from collections.abc import Iterator

import pytest

from tests.localcloud.sagemaker.sagemaker_world import World


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("world"))
    yield made
    made.close()
