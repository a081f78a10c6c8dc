from collections.abc import Iterator

import pytest

from tests.localcloud.kinds.kinds_cloud import SCALE, KindsCloud
from tests.localcloud.running_cloud import running


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KindsCloud]:
    folder = tmp_path_factory.mktemp("kinds")
    with running(folder / "cloud", "--time-scale", str(SCALE)) as url:
        yield KindsCloud(folder, url)
