"""Who may approve, deliver, operate and look in production, as policies and as permission sets.

Usage: cdk deploy --app "python app.py", in the account of the environment, as who administers it.
"""

from aws_cdk import App, Environment, Stack

from tidegate import (
    ApprovalAction,
    Findings,
    GuardedEndpoint,
    GuardedPipelines,
    IdentityCenterSets,
    PermissionSets,
)

app = App()
stack = Stack(app, "people", env=Environment(account="111122223333", region="eu-west-1"))

people = PermissionSets(
    stack,
    "People",
    name="tidegate-production",
    endpoints=[
        GuardedEndpoint(
            endpoint_name="*-production", pointer_parameter="/tidegate/production/*/live-model-package"
        )
    ],
    pipelines=GuardedPipelines(
        account="111122223333",
        region="eu-west-1",
        names=("tidegate",),
        approvals=(ApprovalAction(pipeline="tidegate", stage="production", action="Approve-production"),),
    ),
)
IdentityCenterSets(
    stack,
    "Sets",
    instance_arn="arn:aws:sso:::instance/ssoins-0123456789abcdef",
    policy_names=people.policy_names,
)
Findings.acknowledge_known(stack)
app.synth()
