"""Permissions of people in an environment: who may approve, deliver, operate, and look."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from tidegate._people_fence import fence_statements
from tidegate._people_permissions import SETS, people_statements
from tidegate._permissions import policy_document
from tidegate._targets import Place
from tidegate._validation import Faults
from tidegate.guarded_endpoint import Guarded, GuardedEndpoint, GuardedPipelines

_LONGEST_DOCUMENT: Final = 6_144
_LONGEST_NAME: Final = 128
_FENCE: Final = "fence"
_DESCRIPTIONS: Final[Mapping[str, str]] = {
    "approver": "May approve and reject model versions and manual approvals, and read",
    "deployer": "May start pipelines and retry their stages, and read",
    "operator": "May hold, resume, promote and roll back rollouts, and read",
    "reader": "May read",
    "fence": "May not change by hand what pipeline and controller change",
}


class PermissionSets(Construct):
    """Managed policies `{name}-approver`, `-deployer`, `-operator` and `-reader`, each for use with `-fence`.

    The fence denies what nobody does by hand in this environment: to change or delete the endpoint, the live
    pointer, the ledger and the stacks, and to take the roles that may. Each of the others allows what its
    people need; all but the approver's deny every approval, and the approver's everything but a verdict. A
    deny holds whatever else somebody is allowed; it binds whoever has the policy, and so none of the roles of
    the controller, of CloudFormation and of the pipelines.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        name: What the names of the policies begin with.
        endpoints: The endpoints of the environment, by name or, with `*`, by pattern; none where only
            pipelines are.
        pipelines: What delivers to it.

    Raises:
        ValueError: when a name is not one of IAM, when there is nothing to guard, or a policy becomes longer
            than IAM takes: then name the endpoints by a pattern.

    Example:
        PermissionSets(
            stack,
            "People",
            name="tidegate-production",
            endpoints=[GuardedEndpoint(endpoint_name="digits-production", pointer_parameter="/digits/live")],
        )

    Source:
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        endpoints: Sequence[GuardedEndpoint] = (),
        pipelines: GuardedPipelines | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        place = Place.of(Stack.of(self))
        guarded = Guarded(place=place, endpoints=tuple(endpoints), pipelines=pipelines)
        documents = {which: policy_document(people_statements(which, guarded)) for which in SETS}
        documents[_FENCE] = policy_document(fence_statements(guarded))
        _check(name, guarded, {which: json.dumps(one) for which, one in documents.items()})
        for which, document in documents.items():
            iam.CfnManagedPolicy(
                self,
                which.capitalize(),
                managed_policy_name=f"{name}-{which}",
                description=_DESCRIPTIONS[which],
                policy_document=document,
            )
        self.policy_names: Mapping[str, Sequence[str]] = {
            which: (f"{name}-{which}", f"{name}-{_FENCE}") for which in SETS
        }
        """Names of the policies of each set of people, the set's own first."""


def _check(name: str, guarded: Guarded, documents: Mapping[str, str]) -> None:
    faults = Faults(f"permission sets {name!r}")
    longest = _LONGEST_NAME - max(len(which) for which in SETS) - 1
    faults.require(
        ok=name.replace("-", "").isalnum() and len(name) <= longest,
        message=f"name must be letters, digits and hyphens, at most {longest}, got {name!r}",
    )
    faults.require(
        ok=bool(guarded.endpoints or guarded.pipelines),
        message="endpoints, or pipelines, must not be empty: nothing to guard",
    )
    for which, document in documents.items():
        length = len("".join(document.split()))
        found = f"{which} has {length:,} for {len(guarded.endpoints)} endpoints"
        faults.require(
            ok=length <= _LONGEST_DOCUMENT,
            message=f"a policy has at most {_LONGEST_DOCUMENT:,} characters, {found}: name them by a pattern",
        )
    faults.raise_if_any()
