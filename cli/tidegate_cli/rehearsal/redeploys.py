"""Step 7: two deploys of hosting after the rollouts, one of which must fail half-way."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tidegate_cli.operator.endpoint import LIVE
from tidegate_cli.rehearsal.cdk import Synth
from tidegate_cli.rehearsal.models import TrainedModel
from tidegate_cli.rehearsal.records import OK, Record
from tidegate_cli.rehearsal.request import Row, ask
from tidegate_cli.rehearsal.result import Check
from tidegate_cli.rehearsal.services import ServiceCopy, with_broken_environment, with_instances
from tidegate_cli.rehearsal.stage import Stage

_SETTLE_SECONDS: Final = 90.0
_PROBES: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """Asks the endpoint for rows whose right answer by a model is known.

    Attributes:
        stage: Where.
        rows: Held-out rows.
        model: The version that must answer.

    """

    stage: Stage
    rows: Sequence[Row]
    model: TrainedModel

    def __call__(self, when: str) -> tuple[Check, list[Record]]:
        """Ask; return whether each answer is the model's own, and the records for the account."""
        rows = self.rows[:_PROBES]
        records = [ask(self.stage.aws.runtime, self.stage.service.endpoint, row) for row in rows]
        good = sum(
            record.outcome == OK
            and record.version == self.model.version
            and record.right == (expected == row.label)
            for record, row, expected in zip(records, rows, self.model.expected, strict=False)
        )
        found = f"{good} of {len(rows)} answers are those of {self.model.version}"
        check = Check(what=f"{self.model.version} answers {when}", ok=good == len(rows), found=found)
        return check, records


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeploys:
    """The two changed copies of the service, and their assemblies, which are made while a rollout goes on."""

    more: ServiceCopy
    more_synth: Synth
    broken: ServiceCopy
    broken_synth: Synth


def prepare(stage: Stage) -> Redeploys:
    """Begin to synthesize one instance more, and on top of that a broken container environment."""
    more = with_instances(stage.service, stage.work / "services-count", instances=stage.service.instances + 1)
    broken = with_broken_environment(more, stage.work / "services-broken")
    return Redeploys(
        more=more,
        more_synth=stage.cdk.begin_synth(more.folder, name="count"),
        broken=broken,
        broken_synth=stage.cdk.begin_synth(broken.folder, name="broken"),
    )


def change_instances(stage: Stage, redeploys: Redeploys) -> Check:
    """Deploy hosting with another instance count, and wait until that many serve."""
    before, instances = stage.service.instances, redeploys.more.instances
    assembly = redeploys.more_synth.wait()
    stage.deploys.append(stage.cdk.deploy(assembly, stage.service.stack("hosting")))
    stage.service = redeploys.more
    deadline = time.monotonic() + _SETTLE_SECONDS
    while (serving := _serving(stage)) != instances and time.monotonic() < deadline:
        stage.require_cloud()
        time.sleep(0.5)
    return Check(
        what=f"the instance count goes from {before} to {instances}",
        ok=serving == instances,
        found=f"{serving} instances serve",
    )


def break_half_way(stage: Stage, redeploys: Redeploys) -> list[Check]:
    """Deploy hosting with a container environment in which the model cannot load; it must be rolled back."""
    hosting = stage.service.stack("hosting")
    before = stage.endpoint().config_name
    ran = stage.cdk.try_deploy(redeploys.broken_synth.wait(), hosting)
    stage.deploys.append(ran)
    status = stage.aws.cloudformation.describe_stacks(StackName=hosting)["Stacks"][0]["StackStatus"]
    after = stage.endpoint()
    return [
        Check(
            what="a deploy whose containers cannot start fails",
            ok=ran.status != 0,
            found=f"cdk deploy ended with status {ran.status}",
        ),
        Check(
            what="CloudFormation rolls it back",
            ok=status == "UPDATE_ROLLBACK_COMPLETE",
            found=f"the stack is {status}",
        ),
        Check(
            what="the endpoint keeps the config it had",
            ok=after.status == "InService" and after.config_name == before,
            found=f"{after.status}, {'the same' if after.config_name == before else 'another'} config",
        ),
    ]


def _serving(stage: Stage) -> int:
    view = stage.endpoint()
    live = view.variants.get(LIVE)
    return live.instances if live is not None and view.status == "InService" else 0
