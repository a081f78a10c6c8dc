"""A local cloud of its own, on which one pipeline delivers two services that train."""

import os
from collections.abc import Iterator
from typing import Final

import pytest
from rich.console import Console

from tests.e2e.delivery.delivered import Delivered, deliver
from tidegate_cli.rehearsal.checkout import Checkout
from tidegate_cli.rehearsal.environment import replace_own
from tidegate_cli.rehearsal_pipeline.opening import open_stage

_TIME_SCALE: Final = 120.0


@pytest.fixture(scope="session")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Delivered]:
    """Deliver both services, twice."""
    before, work = dict(os.environ), tmp_path_factory.mktemp("delivery")
    try:
        with open_stage(
            work, Checkout.find(), console=Console(), steps=1, port=0, time_scale=_TIME_SCALE
        ) as stage:
            yield deliver(stage)
    finally:
        replace_own(before)
