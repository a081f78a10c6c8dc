from collections.abc import Iterator

import pytest

from tests.localcloud.kinds.kinds_cloud import KindsCloud


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KindsCloud]:
    made = KindsCloud(tmp_path_factory.mktemp("kinds"))
    yield made
    made.close()
