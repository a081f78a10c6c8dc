from aws_cdk import App, Environment, Stack
from aws_cdk.region_info import RegionInfo

from tidegate._targets import Place


def test_the_partition_of_every_region_is_the_one_the_cdk_knows() -> None:
    app = App()
    regions = [region.name for region in RegionInfo.regions]
    assert len(regions) > 30
    for region in regions:
        stack = Stack(app, f"in-{region}", env=Environment(region=region, account="000000000000"))
        assert Place.of(stack).partition == RegionInfo.get(region).partition, region


def test_without_a_region_the_partition_is_known_at_the_deploy() -> None:
    stack = Stack(App(), "stack")
    assert stack.resolve(Place.of(stack).partition) == {"Ref": "AWS::Partition"}
