"""Why a finding of a scanner stays on what the library makes: by kind of resource, each with its reason."""

from collections.abc import Mapping
from typing import Final

OBJECTS: Final = "the objects of the artifact bucket that the caller named"

BELOW: Final = "objects below one prefix of one bucket, whose names are known at run time only"

WILDCARDS: Final[Mapping[str, str]] = {
    r"\*": "every action of the statement is one that knows no resource-level permissions",
    r".*:endpoint-config/\*": "CloudFormation chooses the names of the stack's own configurations",
    r".*:model/\*": "CloudFormation chooses the names of the stack's own models",
    r".*:(endpoint-config|model)/.+-\*": "the controller names what it makes by a hash of its content",
    r".*:transform-job/.+-\*": "a job is named after its execution, at run time",
    r".*:model-package/.+/\*": "a version's number is known at run time only",
    r".*:stack/.+/\*": "CloudFormation adds an id to the stack's name",
    r".*:execution:.+:\*": "an execution is named after its rollout, at run time",
    r".*:alarm:\*": "of composite alarms CloudWatch tells nothing under a narrower scope",
    r".*:alarm:.+-\*": "the endpoint's own alarms, whose names begin with its name",
    r".*:alarm:TargetTracking-.+/\*": "Application Auto Scaling names its alarms, after endpoint and variant",
    r".*[:/]\*-.+": "every service of an environment, by how its names end",
    r".*:parameter/.+/\*/live-model-package": "the live pointer of every service of an environment",
    r".*:table/.+-foundation-\*": "CloudFormation chooses how the name of the ledger ends",
    r".*:(function|stateMachine|execution):.+-\*": "the controller's own, by how their names begin",
    r".*:training-job/\*": "whoever trains names the job",
    r".*:codepipeline:.+[/-]\*.*": "a delivery's own pipelines by how their names begin, and their stages",
    r".*:network-interface/\*": "a network interface gets its id when SageMaker makes it",
    r".*:scalable-target/\*": "Application Auto Scaling chooses the ids; the namespace is a condition",
    r".*:log-group:/aws/sagemaker/InferenceComponents/.+-\*": "the endpoint's own components, by their names",
    r".*:log-group:/aws/sagemaker/.+:\*": "SageMaker chooses the names of the log streams",
    r".*:pipeline/.+/execution/\*": "an execution of a training gets its id when it starts",
    r"<.+\.Arn>/\*": OBJECTS,
    r"<.+\.Arn>/.+/\*": BELOW,
    r"arn:.+:s3:::[^/*]+\*(/\*)?": "CloudFormation names the bucket after its stack, in another account",
    r"arn:.+:s3:::[^/*]+/\*": OBJECTS,
    r"arn:.+:s3:::[^/*]+/[^*]+\*": "objects below the one prefix that the caller named",
}
"""Resources with a wildcard (AwsSolutions-IAM5), as patterns; one of any other kind is a finding."""

QUEUE_WITHOUT_QUEUE: Final = "it is itself where lost events go"

CHECKOV: Final[Mapping[str, Mapping[str, str]]] = {
    "CfnFunction": {
        "CKV_AWS_115": "it runs once at a time; a reservation takes from the account's other functions",
        "CKV_AWS_116": "its caller waits for the answer and retries, or the clock calls again",
        "CKV_AWS_117": "it calls AWS's own APIs only; a network of its own could keep a rollback from them",
        "CKV_AWS_173": "the variables are names and the plan, no secrets; Lambda's own key encrypts them",
    },
    "CfnLogGroup": {
        "CKV_AWS_158": "CloudWatch Logs encrypts it with its own key; a lost customer key would lose the log",
    },
    "CfnTable": {
        "CKV_AWS_119": "DynamoDB's own key encrypts it; a customer key turned off would stop a rollback",
    },
    "CfnQueue": {
        "CKV_AWS_27": "SQS encrypts it with its own key, the one under which EventBridge may deliver",
    },
}
"""Findings of checkov by the class of a resource."""

LOG_OF_A_LOG: Final = "it holds the access log of another bucket, and its own log would never end"

ROLE_NAMED_TWICE: Final = "the CDK waits for the role with all its policies, and names the role itself too"
