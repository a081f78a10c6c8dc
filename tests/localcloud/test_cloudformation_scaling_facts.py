"""What makes a deploy of another shape hard, each as AWS documents it, on real stacks of the local cloud."""

from collections.abc import Callable, Iterator

import pytest

from tests.localcloud.running_cloud import running
from tests.localcloud.scaled_stacks import SMALL, STEPS, Cloud


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with running(tmp_path_factory.mktemp("cloud"), "--time-scale", "2400") as url:
        yield Cloud(url)


@pytest.fixture(scope="module")
def deployed(cloud: Cloud) -> Cloud:
    """Deploy one stack, which the tests that refuse leave as it is."""
    assert cloud.deploy("kept", "create")["StackStatus"] == "CREATE_COMPLETE"
    return cloud


@pytest.mark.parametrize(
    ("types", "why"),
    [
        ({**SMALL, "live": "ml.c5.xlarge"}, "changes its instance type"),
        ({"second": "ml.m5.large"}, "is removed"),
        ({"renamed": "ml.m5.large", "second": "ml.m5.large"}, "is removed"),
    ],
    ids=["another type", "removed", "renamed"],
)
def test_rejects_another_shape_of_a_variant_that_is_registered(
    deployed: Cloud, types: dict[str, str], why: str
) -> None:
    """https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html"""
    assert deployed.deploy("kept", "update", types=types)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    reasons = " ".join(deployed.reasons("kept", "Endpoint"))
    assert f"variant live {why}" in reasons
    assert "registered as a scalable target" in reasons
    assert deployed.types("kept") == SMALL


def test_deregistering_deletes_policies_and_scheduled_actions(deployed: Cloud) -> None:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeregisterScalableTarget.html"""
    scaling, key = deployed.scaling, deployed.key("kept")
    scaling.put_scaling_policy(
        **key, PolicyName="burst", PolicyType="StepScaling", StepScalingPolicyConfiguration=STEPS
    )
    action = {"Schedule": "cron(0 7 * * ? *)", "ScalableTargetAction": {"MinCapacity": 1, "MaxCapacity": 2}}
    scaling.put_scheduled_action(**key, ScheduledActionName="morning", **action)
    deployed.deregister("kept")
    # A new registration starts with nothing.
    scaling.register_scalable_target(**key, MinCapacity=1, MaxCapacity=2)
    assert scaling.describe_scaling_policies(**key)["ScalingPolicies"] == []
    assert scaling.describe_scheduled_actions(**key)["ScheduledActions"] == []


def test_what_vanished_and_has_not_changed_in_the_template_is_not_made_again(deployed: Cloud) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html"""
    deployed.deregister("kept")
    types = {**SMALL, "live": "ml.c5.xlarge"}
    assert deployed.deploy("kept", "update", types=types)["StackStatus"] == "UPDATE_COMPLETE"
    assert deployed.types("kept") == types
    assert deployed.targets("kept") == []
    found = deployed.stacks.describe_stack_resources(StackName="kept")["StackResources"]
    assert {"Target", "Policy"} <= {each["LogicalResourceId"] for each in found}


@pytest.fixture(scope="module")
def asked(cloud: Cloud) -> Callable[[], list[tuple[str, str, str]]]:
    """Deploy a stack of its own; return what its custom resources were asked since the last call."""
    assert cloud.deploy("asks", "create")["StackStatus"] == "CREATE_COMPLETE"
    told = 0

    def since() -> list[tuple[str, str, str]]:
        nonlocal told
        everything = cloud.asked("asks")
        new, told = everything[told:], len(everything)
        return new

    assert since() == [("Before", "Create", "1"), ("After", "Create", "1")]
    return since


def test_a_custom_resource_is_asked_only_when_its_properties_change(
    cloud: Cloud, asked: Callable[[], list[tuple[str, str, str]]]
) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes-update.html"""
    assert cloud.deploy("asks", "update", note="another")["StackStatus"] == "UPDATE_COMPLETE"
    assert asked() == []
    assert cloud.deploy("asks", "update", seen="2", note="another")["StackStatus"] == "UPDATE_COMPLETE"
    assert asked() == [("Before", "Update", "2"), ("After", "Update", "2")]


def test_the_way_back_asks_with_the_old_properties_and_in_the_order_of_dependency(
    cloud: Cloud, asked: Callable[[], list[tuple[str, str, str]]]
) -> None:
    before = cloud.types("asks")
    types = {**SMALL, "second": "ml.c5.xlarge"}
    failed = cloud.deploy("asks", "update", types=types, seen="3", note="another", fails=True)
    assert failed["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert asked() == [
        ("Before", "Update", "3"),
        ("After", "Update", "3"),
        ("Before", "Update", "2"),
        ("After", "Update", "2"),
    ]
    back = [name for name, status in cloud.statuses("asks") if status == "UPDATE_IN_PROGRESS"]
    assert back == ["Before", "Endpoint", "After"]
    assert cloud.types("asks") == before


def test_an_endpoint_whose_update_failed_is_sent_back_and_what_was_not_reached_is_not_asked(
    cloud: Cloud, asked: Callable[[], list[tuple[str, str, str]]]
) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-monitor-stack.html"""
    types = {**SMALL, "live": "ml.c5.xlarge"}
    failed = cloud.deploy("asks", "update", types=types, seen="4", note="another")
    assert failed["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert asked() == [("Before", "Update", "4"), ("Before", "Update", "2")]
    back = [name for name, status in cloud.statuses("asks") if status == "UPDATE_IN_PROGRESS"]
    assert back == ["Before", "Endpoint"]
