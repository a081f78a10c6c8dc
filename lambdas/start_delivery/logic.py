"""Decides what an approval or a rejection in a registry means for the environments after it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Protocol

from start_delivery.places import Place, Settings
from tidegate_runtime.approval import DETAIL_TYPE, rollout_id_of
from tidegate_runtime.delivery_ports import Versions
from tidegate_runtime.errors import Fault
from tidegate_runtime.versions import APPROVED, REJECTED, Version, named

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateModelPackage.html
_LONGEST_NOTE: Final = 1024


class Pipelines(Protocol):
    """Pipelines of CodePipeline."""

    def start(self, name: str, *, variables: Mapping[str, str], token: str) -> str:
        """Start an execution and return its id; the same token starts once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartDelivery:
    """Starts the pipeline for a version that was approved where versions come from.

    Versions that the pipeline registers are in other groups: their approvals start nothing here. A rejection,
    in whichever group, rejects what was made from the version, so that each environment does by its own
    policy what it does about a rejected version.

    Attributes:
        versions_of: The registry of a place, under its role.

    """

    settings: Settings
    pipelines: Pipelines
    versions_of: Callable[[Place], Versions]

    def __call__(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Handle one event.

        Returns:
            `started` with the id of the execution, or `rejected` with what was rejected; and `reason`.

        Raises:
            Fault: AWS has refused; everything that could be done has been done.

        """
        detail = event.get("detail", {})
        status, group = detail.get("ModelApprovalStatus"), detail.get("ModelPackageGroupName")
        if event.get("detail-type") != DETAIL_TYPE:
            return {"reason": f"not a registry event: {event.get('detail-type')}"}
        if status == REJECTED:
            return self._reject(str(detail["ModelPackageArn"]), str(group))
        if status != APPROVED:
            return {"reason": f"status is {status}"}
        if group != self.settings.start_group:
            return {"reason": f"versions of {group} are promoted from {self.settings.start_group}"}
        return self._start(event)

    def _start(self, event: Mapping[str, Any]) -> dict[str, Any]:
        package = str(event["detail"]["ModelPackageArn"])
        variables = {"ModelPackageArn": package, "Rollout": rollout_id_of(event)}
        # SageMaker may send several events for one change, each with an id of its own: what names the
        # approval names the execution.
        token = sha256(f"{package} {variables['Rollout']}".encode()).hexdigest()
        started = self.pipelines.start(self.settings.pipeline, variables=variables, token=token)
        return {"started": started, "reason": f"{named(package)} was approved"}

    def _reject(self, package: str, group: str) -> dict[str, Any]:
        bad, done, faults = {group: package}, [], []
        for place in self.settings.places:
            if place.source not in bad:
                continue
            try:
                copy = self._rejected(place, bad[place.source])
            except Fault as fault:
                faults.append(fault)
                continue
            if copy is not None:
                bad[place.group] = copy.arn
                done.append(copy.name)
        if faults:
            raise faults[0]
        return {"rejected": done, "reason": f"{named(package)} was rejected"}

    def _rejected(self, place: Place, source: str) -> Version | None:
        """Return what was made from a version here, rejected; None when nothing was."""
        versions = self.versions_of(place)
        copy = versions.made_from(source, group=place.group, region=place.region, since=1)
        if copy is not None and copy.approval != REJECTED:
            note = f"{named(source)}, which it was made from, was rejected"
            versions.decide(copy.arn, approval=REJECTED, note=note[:_LONGEST_NOTE], metadata={})
        return copy
