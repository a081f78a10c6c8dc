"""The role that a pipeline's jobs take in one environment."""

from collections.abc import Collection, Sequence
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from tidegate._delivery_permissions import JOBS, DeliveryTargets, ModelOrigin, delivery_statements
from tidegate._permissions import policy_document
from tidegate._targets import Place, Targets
from tidegate._validation import Faults

_LONGEST_NAME: Final = 64
"""https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html"""

_LONGEST_SESSION_SECONDS: Final = 3600


class DeliveryRole(Construct):
    """A role for exactly what the jobs of a delivery do to one service in one environment.

    Its name is fixed, `<endpoint_name>-delivery`, because the pipeline's account names it. It trusts the
    roles of the pipeline's functions and nobody else; they are named in a condition, since a trust policy
    that names a role itself is refused as long as there is no such role.

    Args:
        scope: The parent construct, in the environment's account and region.
        construct_id: Id within the parent.
        endpoint_name: Name of the endpoint, of the model package group, and the beginning of the stacks'
            names.
        pointer_parameter: Name of the SSM parameter with the live version's ARN.
        ledger_arn: ARN of the rollouts' ledger.
        artifact_bucket_arn: ARN of the environment's artifact bucket.
        execution_role_arn: ARN of the role that models run as.
        trusted_roles: ARNs of the pipeline's functions' roles, all of one account.
        jobs: Names of the jobs that work here; `validate_by_endpoint` for `validate` where the gate makes
            endpoints of its own.
        origins: Where versions are promoted from.
        training: Name of the SageMaker Pipeline that trains here; none when empty.

    Raises:
        ValueError: naming every fault at once.

    Example:
        DeliveryRole(
            stack,
            "Role",
            endpoint_name="digits-staging",
            pointer_parameter="/digits/staging/live",
            ledger_arn=ledger.table_arn,
            artifact_bucket_arn=bucket.bucket_arn,
            execution_role_arn=role.role_arn,
            trusted_roles=["arn:aws:iam::444455556666:role/tidegate-digits-deliver"],
            jobs=["register", "approve", "follow"],
        )

    Source:
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        endpoint_name: str,
        pointer_parameter: str,
        ledger_arn: str,
        artifact_bucket_arn: str,
        execution_role_arn: str,
        trusted_roles: Sequence[str],
        jobs: Collection[str],
        origins: Sequence[ModelOrigin] = (),
        training: str = "",
    ) -> None:
        super().__init__(scope, construct_id)
        name = delivery_role_name(endpoint_name)
        _check(name, trusted_roles, jobs)
        own = Targets(
            place=Place.of(Stack.of(self)),
            endpoint_name=endpoint_name,
            group_name=endpoint_name,
            pointer_parameter=pointer_parameter,
            hosting_stack=f"{endpoint_name}-hosting",
            ledger_arn=ledger_arn,
            execution_role_arn=execution_role_arn,
            bucket_arns=[artifact_bucket_arn],
        )
        targets = DeliveryTargets(own=own, origins=origins, training=training)
        policy = iam.CfnManagedPolicy(
            self, "Policy", policy_document=policy_document(delivery_statements(jobs, targets))
        )
        self.role_arn: str = iam.CfnRole(
            self,
            "Resource",
            role_name=name,
            description=f"Taken by the pipeline that delivers {endpoint_name}",
            assume_role_policy_document=_trust(trusted_roles),
            managed_policy_arns=[policy.ref],
            max_session_duration=_LONGEST_SESSION_SECONDS,
        ).attr_arn
        """ARN of the role."""


def delivery_role_name(endpoint_name: str) -> str:
    """Return the name of the role in an endpoint's account."""
    return f"{endpoint_name}-delivery"


def _check(name: str, trusted_roles: Sequence[str], jobs: Collection[str]) -> None:
    faults = Faults(f"delivery role {name!r}")
    faults.require(
        ok=len(name) <= _LONGEST_NAME,
        message=f"its name must be at most {_LONGEST_NAME} characters, got {len(name)}",
    )
    unknown = sorted(set(jobs) - set(JOBS))
    faults.require(ok=not unknown, message=f"jobs must be of {sorted(JOBS)}, got {unknown}")
    accounts = {arn.split(":")[4] for arn in trusted_roles}
    faults.require(
        ok=len(accounts) == 1,
        message=f"trusted_roles must be roles of one account, got {sorted(trusted_roles)}",
    )
    faults.raise_if_any()


def _trust(roles: Sequence[str]) -> dict[str, object]:
    partition, _, _, account = roles[0].split(":")[1:5]
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{partition}:iam::{account}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"ArnEquals": {"aws:PrincipalArn": sorted(roles)}},
    }
    return policy_document([statement])
