"""What SageMaker's hosting instance families have: a local disk, GPUs, or neither.

Families, not substrings: "medium" has a `d` too, and `trn1` starts with a `t`.

Source:
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/InstanceStorage.html

"""

import re
from typing import Final

_TYPE: Final = re.compile(r"ml\.(?P<family>[a-z0-9-]+)\.[a-z0-9-]+")
_BURSTABLE: Final = re.compile(r"t\d\w*")


def _families(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


GPU: Final = _families("g4dn g5 g6 g6e g7 g7e p2 p3 p3dn p4d p4de p5 p5e p5en p6-b200 p6-b300 p6e-gb200")
"""Families with GPUs."""

LOCAL_DISK: Final = _families(
    "c5d c6gd c6id c7gd m5d m6gd m6id m7gd r5d r6gd r6id r7gd g4dn g5 g6 g6e g7 g7e p3dn p4d p4de p5 p5e "
    "p5en p6-b200 p6-b300 p6e-gb200 dl1 trn1 trn1n trn2"
)
"""Families whose storage is a local NVMe disk, encrypted by hardware: a volume key does not reach it."""

VOLUME_ONLY: Final = _families(
    "t2 t3 m4 m5 m6g m6i m7g m7i m8g c4 c5 c6g c6gn c6i c6in c7g c7i c8g r5 r6g r6i r7g r7i r8g p2 p3 inf1 "
    "inf2"
)
"""Families whose storage is an EBS volume."""


def family(instance_type: str) -> str:
    """Return the family of an instance type: `g4dn` for `ml.g4dn.xlarge`; empty when there is none."""
    found = _TYPE.fullmatch(instance_type)
    return found["family"] if found is not None else ""


def is_burstable(instance_type: str) -> bool:
    """Return whether the type is one of the t families, which Application Auto Scaling refuses."""
    return _BURSTABLE.fullmatch(family(instance_type)) is not None


def is_elastic_inference(instance_type: str) -> bool:
    """Return whether the type is one of the retired Elastic Inference accelerators."""
    return family(instance_type).startswith("eia")


def has_local_disk(instance_type: str) -> bool:
    """Return whether the storage of the type is a local disk."""
    return family(instance_type) in LOCAL_DISK


def has_gpu(instance_type: str) -> bool:
    """Return whether the type has GPUs."""
    return family(instance_type) in GPU
