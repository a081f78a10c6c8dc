"""An approval starts one promotion, and a rejection reaches everything that was made from the version."""

import contextlib
from collections.abc import Mapping
from typing import Any

import pytest

from start_delivery.logic import StartDelivery
from start_delivery.places import Place, Settings
from tests.lambdas.fakes.registries import REGION, FakeVersions
from tests.lambdas.fakes.world import Crash, Port, World, call
from tidegate_runtime.errors import Denied, PlanInvalid
from tidegate_runtime.lineage import SOURCE_PACKAGE
from tidegate_runtime.versions import APPROVED, REJECTED, Version

PLACES = (
    Place(group="digits-staging", source="digits-dev", role="role/staging", region=REGION),
    Place(group="digits-prod-eu", source="digits-staging", role="role/prod-eu", region=REGION),
    Place(group="digits-prod-us", source="digits-staging", role="role/prod-us", region=REGION),
)


class FakePipelines(Port):
    """Executions by their tokens."""

    name = "codepipeline"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.executions: dict[str, Mapping[str, str]] = {}

    @call
    def start(self, name: str, *, variables: Mapping[str, str], token: str) -> str:
        assert name == "digits-models"
        assert token.isalnum()
        assert len(token) <= 128
        self.executions.setdefault(token, variables)
        return f"e{list(self.executions).index(token) + 1}"


class Delivery:
    """The function over the fakes, with a version and what was made from it."""

    def __init__(self) -> None:
        self.world = World()
        self.versions = FakeVersions(self.world)
        self.pipelines = FakePipelines(self.world)
        self.asked: list[str] = []
        self.function = StartDelivery(
            settings=Settings(pipeline="digits-models", start_group="digits-dev", places=PLACES),
            pipelines=self.pipelines,
            versions_of=self._versions_of,
        )
        self.source = self.versions.add("digits-dev")

    def _versions_of(self, place: Place) -> FakeVersions:
        self.asked.append(place.role)
        return self.versions

    def promoted(self) -> list[Version]:
        """Let the version have been promoted everywhere, and another one beside it."""
        staging = self.made("digits-staging", self.source)
        self.made("digits-staging", self.versions.add("digits-dev"))
        return [staging, self.made("digits-prod-eu", staging), self.made("digits-prod-us", staging)]

    def made(self, group: str, source: Version) -> Version:
        return self.versions.add(group, metadata={SOURCE_PACKAGE: source.arn})

    def event(self, version: Version, status: str, **more: Any) -> dict[str, Any]:
        detail = {
            "ModelPackageGroupName": version.group,
            "ModelPackageVersion": int(version.number),
            "ModelPackageArn": version.arn,
            "ModelApprovalStatus": status,
        }
        kind = "SageMaker Model Package State Change"
        return {"id": "1", "detail-type": kind, "time": "2026-11-21T05:01:02Z", "detail": detail, **more}

    def approvals(self, *versions: Version) -> list[str]:
        return [self.versions.versions[version.arn].approval for version in versions]


def test_an_approval_starts_the_pipeline_for_this_version_and_its_rollout() -> None:
    delivery = Delivery()
    answer = delivery.function(delivery.event(delivery.source, APPROVED))
    assert answer == {"started": "e1", "reason": "digits-dev/1 was approved"}
    (variables,) = delivery.pipelines.executions.values()
    assert variables == {"ModelPackageArn": delivery.source.arn, "Rollout": "v1-20261121T050102Z"}


def test_an_event_that_comes_again_or_was_sent_twice_starts_one_execution() -> None:
    delivery = Delivery()
    for number in range(3):
        delivery.function(delivery.event(delivery.source, APPROVED, id=str(number)))
    assert len(delivery.pipelines.executions) == 1


def test_the_same_version_approved_again_later_starts_another_execution() -> None:
    delivery = Delivery()
    delivery.function(delivery.event(delivery.source, APPROVED))
    delivery.function(delivery.event(delivery.source, APPROVED, time="2026-11-22T05:01:02Z"))
    assert len(delivery.pipelines.executions) == 2


@pytest.mark.parametrize("status", ["PendingManualApproval", None])
def test_a_version_that_is_not_approved_starts_nothing(status: str) -> None:
    delivery = Delivery()
    assert delivery.function(delivery.event(delivery.source, status)) == {"reason": f"status is {status}"}
    assert not delivery.pipelines.executions


def test_what_the_pipeline_approves_itself_starts_nothing() -> None:
    delivery = Delivery()
    (copy, *_) = delivery.promoted()
    answer = delivery.function(delivery.event(copy, APPROVED))
    assert answer == {"reason": "versions of digits-staging are promoted from digits-dev"}
    assert not delivery.pipelines.executions


def test_another_event_starts_nothing() -> None:
    delivery = Delivery()
    event = delivery.event(delivery.source, APPROVED, **{"detail-type": "SageMaker Endpoint State Change"})
    assert "not a registry event" in delivery.function(event)["reason"]


def test_a_rejection_reaches_every_copy_of_a_copy_and_nothing_else() -> None:
    delivery = Delivery()
    copies = delivery.promoted()
    answer = delivery.function(delivery.event(delivery.source, REJECTED))
    assert answer["rejected"] == ["digits-staging/1", "digits-prod-eu/1", "digits-prod-us/1"]
    assert delivery.approvals(*copies) == [REJECTED] * 3
    names = {one.arn for one in copies}
    others = [one for arn, one in delivery.versions.versions.items() if arn not in names]
    assert delivery.approvals(*others) == [APPROVED] * 3
    note = delivery.versions.versions[copies[1].arn].approval_note
    assert note == "digits-staging/1, which it was made from, was rejected"


def test_a_rejection_downstream_reaches_only_what_comes_after_it() -> None:
    delivery = Delivery()
    staging, eu, us = delivery.promoted()
    delivery.versions.change(staging.arn, REJECTED)
    delivery.function(delivery.event(staging, REJECTED))
    assert delivery.approvals(delivery.source, eu, us) == [APPROVED, REJECTED, REJECTED]
    delivery.function(delivery.event(us, REJECTED))
    assert delivery.approvals(delivery.source) == [APPROVED]


def test_a_rejection_of_what_was_never_promoted_rejects_nothing() -> None:
    delivery = Delivery()
    assert delivery.function(delivery.event(delivery.source, REJECTED))["rejected"] == []


def test_a_place_that_refuses_keeps_no_other_one_from_its_rejection() -> None:
    delivery = Delivery()
    copies = delivery.promoted()
    for version in copies[1:]:
        delivery.versions.change(version.arn, APPROVED)
    delivery.world.faults.after["registry.decide"] = [Denied("no")]
    with pytest.raises(Denied):
        delivery.function(delivery.event(delivery.source, REJECTED))
    # WHEN Lambda delivers the event again
    delivery.function(delivery.event(delivery.source, REJECTED))
    assert delivery.approvals(*copies) == [REJECTED] * 3


def test_a_rejection_that_dies_after_any_call_is_finished_by_the_next_delivery() -> None:
    for number in range(1, 8):
        delivery = Delivery()
        copies = delivery.promoted()
        delivery.world.faults.crash_at = number
        with contextlib.suppress(Crash):
            delivery.function(delivery.event(delivery.source, REJECTED))
        delivery.world.faults.crash_at = 0
        delivery.function(delivery.event(delivery.source, REJECTED))
        assert delivery.approvals(*copies) == [REJECTED] * 3, number


def test_the_settings_name_everything_that_is_missing() -> None:
    with pytest.raises(PlanInvalid, match="environment variables missing: PIPELINE, PLACES"):
        Settings.from_env({"START_GROUP": "digits-dev"})
    place = '{"group": "g", "source": "s", "role": "r", "region": "eu-west-1"}'
    found = Settings.from_env({"PIPELINE": "p", "START_GROUP": "g", "PLACES": f"[{place}]"})
    assert found.places == (Place(group="g", source="s", role="r", region="eu-west-1"),)
