from typing import Any

import botocore.session
import pytest

from tidegate import EndpointAlarm
from tidegate.instance_families import has_gpu
from tidegate.instance_sizes import gpus, units_of, vcpus

# Types of a family so new that AWS's list of GPUs does not name it yet.
UNKNOWN_GPUS = {"g7"}


@pytest.fixture(scope="module")
def hosted() -> list[str]:
    api: Any = botocore.session.get_session().get_service_model("sagemaker")
    return list(api.shape_for("ProductionVariantInstanceType").enum)


@pytest.mark.parametrize(
    ("instance_type", "count"),
    [
        ("ml.c8g.medium", 1),
        ("ml.t2.medium", 2),
        ("ml.m5.large", 2),
        ("ml.m5.xlarge", 4),
        ("ml.c4.8xlarge", 36),
        ("ml.c5.18xlarge", 72),
        ("ml.p4d.24xlarge", 96),
        ("ml.p5.48xlarge", 192),
        ("ml.nothing", None),
    ],
)
def test_vcpus_follow_from_the_size(instance_type: str, count: int | None) -> None:
    assert vcpus(instance_type) == count


@pytest.mark.parametrize(
    ("instance_type", "count"),
    [
        ("ml.m5.large", 0),
        ("ml.g4dn.xlarge", 1),
        ("ml.g4dn.12xlarge", 4),
        ("ml.g4dn.16xlarge", 1),
        ("ml.g5.24xlarge", 4),
        ("ml.g6.48xlarge", 8),
        ("ml.p3.8xlarge", 4),
        ("ml.p5.4xlarge", 1),
        ("ml.p6e-gb200.36xlarge", 4),
        ("ml.g7.2xlarge", None),
    ],
)
def test_gpus_are_listed(instance_type: str, count: int | None) -> None:
    assert gpus(instance_type) == count


def test_every_type_that_sagemaker_hosts_on_has_its_counts(hosted: list[str]) -> None:
    assert [one for one in hosted if not vcpus(one)] == []
    unknown = {one.split(".")[1] for one in hosted if has_gpu(one) and not gpus(one)}
    assert unknown == UNKNOWN_GPUS


def test_memory_and_disk_are_of_the_whole_instance() -> None:
    assert units_of("MemoryUtilization", "ml.g5.48xlarge") == 1
    assert units_of("GPUMemoryUtilization", "ml.g5.48xlarge") == 8


def test_a_saturation_alarm_takes_its_units_from_the_type() -> None:
    found = EndpointAlarm.saturation("GPUUtilization", percent=90, instance_type="ml.g5.12xlarge")
    assert (found.threshold, found.highest) == (360, 400)


def test_rejects_a_gpu_alarm_for_instances_without_gpus() -> None:
    with pytest.raises(ValueError, match=r"units of GPUUtilization must be at least 1.*\[alarm-units"):
        EndpointAlarm.saturation("GPUUtilization", percent=90, instance_type="ml.m5.large")
