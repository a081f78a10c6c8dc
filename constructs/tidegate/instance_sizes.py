"""How many vCPUs and GPUs an instance type has: SageMaker adds up the percentages of all of them.

Source:
    https://aws.amazon.com/sagemaker/ai/pricing/
    https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-specifications.html

"""

import re
from collections.abc import Mapping
from typing import Final

from tidegate.instance_families import family, has_gpu

_SIZE: Final = re.compile(r"ml\.[a-z0-9-]+\.(?:(?P<times>\d+)xlarge|(?P<named>medium|large|xlarge))")
_NAMED: Final[Mapping[str, int]] = {"medium": 1, "large": 2, "xlarge": 4}
_VCPUS_OF_XLARGE: Final = 4
# What does not follow from the name of the size.
_VCPUS: Final[Mapping[str, int]] = {"ml.t2.medium": 2, "ml.t3.medium": 2, "ml.c4.8xlarge": 36}

_ONE: Final = dict.fromkeys(("xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge"), 1)
_FOUR: Final = {**_ONE, "12xlarge": 4, "24xlarge": 4, "48xlarge": 8}
_GPUS: Final[Mapping[str, Mapping[str, int]]] = {
    "g4dn": {**_ONE, "12xlarge": 4},
    "g5": _FOUR,
    "g6": _FOUR,
    "g6e": _FOUR,
    "g7e": {"2xlarge": 1, "4xlarge": 1, "8xlarge": 1, "12xlarge": 2, "24xlarge": 4, "48xlarge": 8},
    "p2": {"xlarge": 1, "8xlarge": 8, "16xlarge": 16},
    "p3": {"2xlarge": 1, "8xlarge": 4, "16xlarge": 8},
    "p3dn": {"24xlarge": 8},
    "p4d": {"24xlarge": 8},
    "p4de": {"24xlarge": 8},
    "p5": {"4xlarge": 1, "48xlarge": 8},
    "p5e": {"48xlarge": 8},
    "p5en": {"48xlarge": 8},
    "p6-b200": {"48xlarge": 8},
    "p6-b300": {"48xlarge": 8},
    "p6e-gb200": {"36xlarge": 4},
}


def vcpus(instance_type: str) -> int | None:
    """Return the number of vCPUs; None when it is not known."""
    if instance_type in _VCPUS:
        return _VCPUS[instance_type]
    found = _SIZE.fullmatch(instance_type)
    if found is None:
        return None
    return _NAMED[found["named"]] if found["named"] else int(found["times"]) * _VCPUS_OF_XLARGE


def gpus(instance_type: str) -> int | None:
    """Return the number of GPUs, 0 when the family has none; None when it is not known."""
    if not has_gpu(instance_type):
        return 0 if family(instance_type) else None
    return _GPUS.get(family(instance_type), {}).get(instance_type.rpartition(".")[2])


def units_of(metric: str, instance_type: str) -> int | None:
    """Return how many units add up in a metric of the instances, at 100 percent each; None if unknown.

    Args:
        metric: CloudWatch name, for example `CPUUtilization`.
        instance_type: SageMaker instance type.

    Example:
        >>> units_of("CPUUtilization", "ml.m5.xlarge")
        4

    """
    if metric == "CPUUtilization":
        return vcpus(instance_type)
    return gpus(instance_type) if metric.startswith("GPU") else 1
