"""The stacks with the permissions of people: deployed by who administers the accounts, by no pipeline."""

from collections.abc import Iterator, Sequence
from typing import Any

from aws_cdk import App, Stack
from aws_cdk import Environment as Where

from stacks.acknowledgements import acknowledge_findings
from stacks.compose import synthesizer
from stacks.fields.people import PeoplePart
from stacks.service_file import Environment
from stacks.service_files import Folder
from tidegate import (
    ApprovalAction,
    GuardedEndpoint,
    GuardedPipelines,
    IdentityCenterSets,
    PermissionSets,
)


def define_people(app: App, folder: Folder) -> None:
    """Define a stack of policies for each environment, and one of permission sets where there is a center.

    The policies lie in the environment's account, and where the pipelines lie in another one, there as well:
    that is where approvals of pipelines are given.
    """
    people = folder.people
    if people is None:
        return
    names: dict[str, Sequence[str]] = {}
    for name in people.environments:
        pipelines = _pipelines(folder, name)
        stack = _PeopleStack(app, people, name, at=folder.environments[name], pipelines=pipelines)
        names |= {f"{name}-{kind}": policies for kind, policies in stack.policy_names.items()}
        if folder.at is not None and folder.at.account != folder.environments[name].account:
            _PeopleStack(app, people, name, at=folder.at, pipelines=pipelines, elsewhere=True)
    if people.identity_center is not None:
        at = folder.environments[people.identity_center.at]
        center = Stack(app, f"{people.name}-people", **_options(at, "permission sets of Identity Center"))
        for key, policies in names.items():
            IdentityCenterSets(
                center,
                key.title().replace("-", ""),
                instance_arn=people.identity_center.instance,
                policy_names={key: policies},
            )


class _PeopleStack(Stack):
    """The policies of one environment, in its account or where its pipelines lie."""

    def __init__(
        self,
        app: App,
        people: PeoplePart,
        environment: str,
        *,
        at: Environment,
        pipelines: GuardedPipelines | None,
        elsewhere: bool = False,
    ) -> None:
        suffix = "-pipelines" if elsewhere else ""
        super().__init__(
            app,
            f"{people.name}-people-{environment}{suffix}",
            **_options(at, f"permissions of people in {environment}"),
        )
        every = GuardedEndpoint(
            endpoint_name=f"*-{environment}",
            pointer_parameter=f"/tidegate/{environment}/*/live-model-package",
        )
        sets = PermissionSets(
            self,
            "People",
            name=f"{people.name}-{environment}",
            endpoints=[] if elsewhere else [every],
            pipelines=pipelines,
        )
        self.policy_names = sets.policy_names
        acknowledge_findings(self)


def _pipelines(folder: Folder, environment: str) -> GuardedPipelines | None:
    delivery, at = folder.delivery, folder.at
    if delivery is None or at is None or environment not in delivery.environments:
        return None
    stage = delivery.stage_of(environment)
    approvals: Iterator[ApprovalAction] = (
        ApprovalAction(pipeline=pipeline, stage=in_stage, action=action)
        for pipeline, in_stage, action in (
            (delivery.name, f"Approve-{stage.name}", f"Approve-{stage.name}"),
            # The pipelines that promote models, one a service: a stage of the same name, its question in it.
            (f"{delivery.name}-*", stage.name, "Approve"),
        )
    )
    return GuardedPipelines(
        account=at.account,
        region=at.region,
        names=(delivery.name, f"{delivery.name}-*"),
        approvals=tuple(approvals),
    )


def _options(at: Environment, what: str) -> dict[str, Any]:
    return {
        "env": Where(account=at.account, region=at.region),
        "synthesizer": synthesizer(at),
        "description": f"Tidegate: {what}",
    }
