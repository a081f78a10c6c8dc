"""What the pipeline has in the account of an environment: a role, and events for it."""

from typing import Any

from aws_cdk import Stack
from constructs import Construct

from stacks.acknowledgements import acknowledge_findings
from stacks.deployment import Deployment
from stacks.fields.managed import ManagedService
from stacks.foundation import FoundationStack
from stacks.promotion import Promotions, jobs_in
from tidegate import DeliveryEvents, DeliveryRole
from tidegate._targets import Place, partition_of
from tidegate.delivery_start import start_bus_arn


class DeliveryStack(Stack):
    """The role that the pipeline's jobs take here, and a rule that tells the pipeline of approvals."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment[ManagedService],
        promotions: Promotions,
        foundation: FoundationStack,
        **stack: Any,
    ) -> None:
        super().__init__(scope, construct_id, **stack)
        name, part = deployment.environment_name, deployment.service.delivery
        source = promotions.source(name)
        training = part.training if part is not None and promotions.trains(name) else None
        functions = ("deliver", "start") if source is not None else ("deliver",)
        DeliveryRole(
            self,
            "Role",
            endpoint_name=deployment.name,
            pointer_parameter=deployment.pointer_parameter,
            ledger_arn=foundation.ledger.table_arn,
            artifact_bucket_arn=foundation.bucket.bucket_arn,
            execution_role_arn=foundation.execution_role.role_arn,
            trusted_roles=[promotions.own_role(promotions.own_name(kind)) for kind in functions],
            jobs=jobs_in(promotions, name),
            origins=[] if source is None else [promotions.origin(source)],
            training="" if training is None else training.pipeline,
        )
        if promotions.takers(name) and not _is_at_home(deployment, promotions):
            DeliveryEvents(self, "Events", group_name=deployment.name, bus_arn=_bus(promotions))
        acknowledge_findings(self, imported=[foundation.export_value(foundation.bucket.bucket_arn)])


def _is_at_home(deployment: Deployment[ManagedService], promotions: Promotions) -> bool:
    """Tell whether an environment lies where the pipeline lies: its events need no way."""
    home, lies = promotions.delivered, deployment.environment
    return (home.account, home.region) == (lies.account, lies.region)


def _bus(promotions: Promotions) -> str:
    home = promotions.delivered
    place = Place(partition=partition_of(home.region), region=home.region, account=home.account)
    return start_bus_arn(place, promotions.own_name("start"))
