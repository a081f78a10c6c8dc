"""What holds something that no deploy can bring back: one table, with the reason and what replaces it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Stateful:
    """A type of resource that must not be replaced or deleted by a merge.

    Attributes:
        holds: What would be lost.
        replaced_by: Properties whose change makes CloudFormation put a new one in its place, always or under
            conditions: `createOnlyProperties` and `conditionalCreateOnlyProperties` of the type's schema
            (https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html).

    """

    holds: str
    replaced_by: tuple[str, ...] = ()


STATEFUL: Final[Mapping[str, Stateful]] = MappingProxyType(
    {
        "AWS::CodeCommit::Repository": Stateful(holds="the source code and its history"),
        "AWS::CodePipeline::Pipeline": Stateful(
            holds="its executions, by which a deployment is traced to source and approvals",
            replaced_by=("Name",),
        ),
        "AWS::DynamoDB::Table": Stateful(
            holds="every decision of every rollout, and the lease of the one in flight",
            replaced_by=("ImportSourceSpecification", "KeySchema", "TableName"),
        ),
        "AWS::ECR::Repository": Stateful(
            holds="images that endpoints start instances from",
            replaced_by=("EncryptionConfiguration", "RepositoryName"),
        ),
        "AWS::KMS::Key": Stateful(holds="the only key to everything that was encrypted with it"),
        "AWS::Logs::LogGroup": Stateful(
            holds="what the controller has done, for as long as it is kept", replaced_by=("LogGroupName",)
        ),
        "AWS::S3::Bucket": Stateful(
            holds="artifacts that endpoints start instances from, captured data and evidence",
            replaced_by=("BucketName", "BucketNamePrefix", "BucketNamespace"),
        ),
        "AWS::SNS::Topic": Stateful(
            holds="the subscriptions of the people who are told", replaced_by=("FifoTopic", "TopicName")
        ),
        "AWS::SQS::Queue": Stateful(
            holds="messages that nobody has dealt with", replaced_by=("FifoQueue", "QueueName")
        ),
        "AWS::SSM::Parameter": Stateful(holds="a value that others read by its name", replaced_by=("Name",)),
        "AWS::SageMaker::Endpoint": Stateful(
            holds="the address that callers use, and their requests while it is made anew",
            replaced_by=("EndpointName",),
        ),
        "AWS::SageMaker::ModelPackageGroup": Stateful(
            holds="the registered versions with their approvals",
            replaced_by=("ModelPackageGroupDescription", "ModelPackageGroupName"),
        ),
        "AWS::SageMaker::Pipeline": Stateful(
            holds="the executions that versions are traced to", replaced_by=("PipelineName",)
        ),
        "AWS::SecretsManager::Secret": Stateful(holds="a secret", replaced_by=("Name",)),
    }
)
