"""ARNs of everything a rollout may touch, made from names."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from aws_cdk import Aws, Stack, Token

from tidegate._runtime import runtime_module

_PARTITIONS: Final = {
    "cn-": "aws-cn",
    "eu-isoe-": "aws-iso-e",
    "eusc-": "aws-eusc",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "us-isof-": "aws-iso-f",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where ARNs point: read from the stack once, since each question to it takes half a millisecond."""

    partition: str
    region: str
    account: str

    @classmethod
    def of(cls, stack: Stack) -> Self:
        """Return the place of a stack."""
        region = stack.region
        return cls(partition=partition_of(region), region=region, account=stack.account)

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource here."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def machine(self, name: str) -> str:
        """Return the ARN of a state machine: by name, for what a reference would close to a circle."""
        return self.arn("states", f"stateMachine:{name}")

    def integration(self, action: str) -> str:
        """Return the ARN of a service integration of Step Functions, as `sagemaker:createModel`."""
        return f"arn:{self.partition}:states:::{action}"


def partition_of(region: str) -> str:
    """Return the partition of a region."""
    # What `stack.partition` says; but that reads all that the CDK knows of all regions, for 50 ms.
    if Token.is_unresolved(region):
        return Aws.PARTITION
    return next((name for begin, name in _PARTITIONS.items() if region.startswith(begin)), "aws")


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What one rollout is about.

    Attributes:
        place: Partition, region and account of the controller.
        endpoint_name: Name of the endpoint.
        group_name: Name of the model package group.
        pointer_parameter: Name of the SSM parameter with the live version.
        hosting_stack: Name of the stack that owns the endpoint.
        ledger_arn: ARN of the ledger table.
        execution_role_arn: ARN of the role that candidate models run as.
        bucket_arns: ARNs of the buckets with model artifacts.
        topic_arns: ARN of the topic that is told about ends, if there is one.
        topic_key_arns: ARN of the key of that topic, if it is known.
        signals: Names of the signals that have alarms.
        gate_functions: ARNs of the users' functions that decide at gates.
        hook_functions: ARNs of the users' functions that are called around steps.
        gate_minutes: How long the validation gate may last that makes endpoints of its own; None without one.

    """

    place: Place
    endpoint_name: str
    group_name: str
    pointer_parameter: str
    hosting_stack: str
    ledger_arn: str
    execution_role_arn: str
    bucket_arns: Sequence[str]
    topic_arns: Sequence[str] = ()
    topic_key_arns: Sequence[str] = ()
    signals: Sequence[str] = ()
    gate_functions: Sequence[str] = ()
    hook_functions: Sequence[str] = ()
    gate_minutes: float | None = None

    @property
    def rollout_machine(self) -> str:
        """ARN of the machine that rolls out."""
        return self.place.machine(f"{self.endpoint_name}-rollout")

    @property
    def rollback_machine(self) -> str:
        """ARN of the machine that rolls back."""
        return self.place.machine(f"{self.endpoint_name}-rollback")

    def executions(self, kind: str) -> str:
        """ARN pattern of the executions of the machine `rollout` or `rollback`."""
        return self._colon("states", "execution", f"{self.endpoint_name}-{kind}:*")

    @property
    def endpoint(self) -> list[str]:
        """ARN of the endpoint; SageMaker writes names in ARNs in lower case."""
        return self._sagemaker("endpoint", self.endpoint_name)

    @property
    def any_config(self) -> list[str]:
        """ARN pattern of all configurations: CloudFormation chooses the name of the stack's own."""
        return self._sagemaker("endpoint-config", "*")

    @property
    def own_configs(self) -> list[str]:
        """ARN pattern of the configurations the controller makes."""
        return self._sagemaker("endpoint-config", f"{self.endpoint_name}-*")

    @property
    def any_model(self) -> list[str]:
        """ARN pattern of all models: CloudFormation chooses the name of the stack's own."""
        return self._sagemaker("model", "*")

    @property
    def own_models(self) -> list[str]:
        """ARN pattern of the models the controller makes."""
        return self._sagemaker("model", f"{self.endpoint_name}-*")

    def of_validation(self, *resources: str) -> list[str]:
        """ARN patterns of what the validation gate makes: of these types, and of no other name."""
        name = runtime_module("naming").validation_pattern(self.endpoint_name)
        return [arn for resource in resources for arn in self._sagemaker(resource, name)]

    @property
    def packages(self) -> list[str]:
        """ARN pattern of the versions in the model package group."""
        return self._sagemaker("model-package", f"{self.group_name}/*")

    @property
    def pointer(self) -> str:
        """ARN of the live pointer."""
        return self._slash("ssm", "parameter", self.pointer_parameter.removeprefix("/"))

    @property
    def hosting(self) -> str:
        """ARN pattern of the hosting stack: CloudFormation adds an id to the name."""
        return self._slash("cloudformation", "stack", f"{self.hosting_stack}/*")

    @property
    def scalable_targets(self) -> str:
        """ARN pattern of scalable targets: their ids are Application Auto Scaling's choice."""
        return self._slash("application-autoscaling", "scalable-target", "*")

    def floors(self, *variants: str) -> list[str]:
        """ARNs of the rollout's own alarms on some variants."""
        names = [
            f"{self.endpoint_name}-{variant}-{signal}" for variant in variants for signal in self.signals
        ]
        return [self._colon("cloudwatch", "alarm", name) for name in names]

    @property
    def scaling_alarms(self) -> list[str]:
        """ARN pattern of the alarms of step policies."""
        return [self._colon("cloudwatch", "alarm", f"{self.endpoint_name}-scaling-*")]

    @property
    def tracking_alarms(self) -> list[str]:
        """ARN pattern of the alarms that Application Auto Scaling makes for target tracking."""
        return [self._colon("cloudwatch", "alarm", f"TargetTracking-endpoint/{self.endpoint_name}/variant/*")]

    @property
    def scaling_role(self) -> str:
        """ARN of the role that Application Auto Scaling makes for itself at the first registration."""
        service, role = (
            "sagemaker.application-autoscaling.amazonaws.com",
            "ApplicationAutoScaling_SageMakerEndpoint",
        )
        name = f"aws-service-role/{service}/AWSServiceRoleFor{role}"
        return f"arn:{self.place.partition}:iam::{self.place.account}:role/{name}"

    @property
    def bus(self) -> str:
        """ARN of the default event bus."""
        return self._slash("events", "event-bus", "default")

    def _sagemaker(self, resource: str, name: str) -> list[str]:
        return [self._slash("sagemaker", resource, spelt) for spelt in sorted({name, name.lower()})]

    def _slash(self, service: str, resource: str, name: str) -> str:
        return self.place.arn(service, f"{resource}/{name}")

    def _colon(self, service: str, resource: str, name: str) -> str:
        return self.place.arn(service, f"{resource}:{name}")
