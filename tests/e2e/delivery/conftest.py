"""A local cloud of its own, on which one pipeline delivers two services that train."""

import os
from collections.abc import Iterator
from typing import Final

import pytest
from rich.console import Console

from tests.e2e.delivery.decided import STAGING, Decided
from tests.e2e.delivery.delivered import Delivered, deliver
from tidegate_cli.rehearsal.checkout import Checkout
from tidegate_cli.rehearsal.environment import replace_own
from tidegate_cli.rehearsal_pipeline.opening import open_stage
from tidegate_cli.rehearsal_pipeline.stage import PipelineStage

_TIME_SCALE: Final = 120.0


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PipelineStage]:
    """Start the local cloud."""
    before, work = dict(os.environ), tmp_path_factory.mktemp("delivery")
    try:
        with open_stage(
            work, Checkout.find(), console=Console(), steps=1, port=0, time_scale=_TIME_SCALE
        ) as stage:
            yield stage
    finally:
        replace_own(before)


@pytest.fixture(scope="session")
def delivered(stage: PipelineStage) -> Delivered:
    """Deliver both services, twice."""
    return deliver(stage)


@pytest.fixture(scope="session")
def decided(stage: PipelineStage, delivered: Delivered) -> Decided:
    """Decide about five more versions of a service that is delivered."""
    decided = Decided(stage=stage, like=delivered.second.live[STAGING])
    decided.play()
    return decided
