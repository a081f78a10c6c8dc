"""The example of permissions makes five policies and four permission sets, and nothing that serves."""

from collections import Counter
from collections.abc import Callable
from typing import Any


def test_the_example_makes_policies_and_permission_sets(synthesize: Callable[[str], dict[str, Any]]) -> None:
    kinds = Counter(each["Type"] for each in synthesize("people")["Resources"].values())
    assert kinds == {"AWS::IAM::ManagedPolicy": 5, "AWS::SSO::PermissionSet": 4}
