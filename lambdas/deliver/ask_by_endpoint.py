"""Asking a version by an endpoint of its own, which is there for the gate only.

The environment's endpoint is not asked: the version is not on it, and live's metrics are the rollout's.

Sources: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html,
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeleteEndpointConfig.html
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from deliver.asked_models import AskedModels
from deliver.asking import ANSWERED, FAILED, NEW, READY, WORKING, Asked, Look
from deliver.kept_answers import Kept, KeptAnswers
from deliver.row_by_row import RowByRow
from tidegate_runtime.errors import EndpointBusy
from tidegate_runtime.validation.gate import Gate
from tidegate_runtime.validation.ports import Endpoints

_IN_SERVICE: Final = "InService"
_DELETING: Final = "Deleting"


@dataclass(frozen=True, slots=True, kw_only=True)
class ByEndpoint:
    """Makes an endpoint for each version, asks it one row after the other, and deletes it at the last row."""

    gate: Gate
    models: AskedModels
    endpoints: Endpoints
    kept: KeptAnswers
    rows: RowByRow

    def look(self, asked: Asked) -> Look:
        """Tell how far it is; a failure is put down, since the endpoint that tells of it is deleted."""
        kept = self.kept.read(asked)
        if kept is not None and (kept.failure or self.rows.is_last(kept)):
            return self._seen(asked, kept)
        hosted = self.endpoints.describe(asked.name)
        if hosted is None or hosted.status == _DELETING:
            told = "its endpoint was not started" if kept is None else self._counted(asked, kept)
            return Look(state=NEW, told=told, answers=() if kept is None else kept.answers)
        kept = kept if kept is not None else Kept()
        if hosted.status == "Failed":
            why = f"its endpoint {asked.name} is Failed: {hosted.reason or 'no reason given'}"
            return self._put_down(asked, Kept(answers=kept.answers, failure=why))
        if hosted.status == _IN_SERVICE:
            return self._seen(asked, kept)
        return Look(state=WORKING, told=f"its endpoint {asked.name} is {hosted.status}", answers=kept.answers)

    def go_on(self, asked: Asked, look: Look) -> Look:
        """Make the endpoint, or ask it for as long as a call may."""
        before = Kept(answers=look.answers)
        if look.state == NEW:
            self._start(asked, before)
            return Look(state=WORKING, told=f"its endpoint {asked.name} is Creating", answers=look.answers)
        if look.state != READY:
            return look
        after, trouble = self.rows.ask(asked.name, before)
        if after != before:
            self.kept.write(asked, after)
        if self.rows.is_last(after):
            # It costs as long as it is there, and the other version may need the account's last instance.
            self.stop(asked)
        return self._seen(asked, after, trouble)

    def stop(self, asked: Asked) -> None:
        """Delete the endpoint; one that is being made takes no change until it is made."""
        hosted = self.endpoints.describe(asked.name)
        if hosted is not None and hosted.status != _DELETING:
            with suppress(EndpointBusy):
                self.endpoints.delete(asked.name)

    def predictions(self, asked: Asked, look: Look) -> list[Any]:  # noqa: ARG002  (the port's signature)
        """Return the prediction of each row."""
        return list(look.answers)

    def clean(self, asked: Asked) -> None:
        """Delete endpoint, configuration and model: in this order, since each one names the next."""
        hosted = self.endpoints.describe(asked.name)
        if hosted is not None and hosted.status != _DELETING:
            self.endpoints.delete(asked.name)
        self.endpoints.delete_config(asked.name)
        self.models.delete(asked)

    def _start(self, asked: Asked, kept: Kept) -> None:
        self.kept.write(asked, kept)
        self.models.make(asked)
        variant = {
            "VariantName": "asked",
            "ModelName": asked.name,
            "InstanceType": self.gate.instance_type,
            "InitialInstanceCount": 1,
        }
        name = {"EndpointConfigName": asked.name}
        self.endpoints.create_config({**name, "ProductionVariants": [variant]})
        self.endpoints.create({**name, "EndpointName": asked.name})

    def _put_down(self, asked: Asked, kept: Kept) -> Look:
        self.kept.write(asked, kept)
        return self._seen(asked, kept)

    def _seen(self, asked: Asked, kept: Kept, trouble: str = "") -> Look:
        if kept.failure:
            return Look(state=FAILED, told=kept.failure)
        state = ANSWERED if self.rows.is_last(kept) else READY
        told = self._counted(asked, kept)
        return Look(state=state, told=told, answers=kept.answers, trouble=trouble)

    def _counted(self, asked: Asked, kept: Kept) -> str:
        return f"its endpoint {asked.name} has answered {len(kept.answers):,} of {len(self.rows.data):,} rows"
