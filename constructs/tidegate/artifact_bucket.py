"""The bucket that holds model artifacts."""

from typing import TYPE_CHECKING

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms


class ArtifactBucket(Construct):
    """A versioned, encrypted, TLS-only bucket for `model.tar.gz` files, with its own access-log bucket.

    Versioned, because an artifact replaced under a running endpoint gives unpredictable results at the next
    scale-out, and because nobody shall rewrite a log. Both buckets stay when the stack goes.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        encryption_key: Key of the artifacts, where another account reads them; S3's own key when None.

    Example:
        ArtifactBucket(stack, "Artifacts").bucket

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/dg/realtime-endpoints-deploy-models.html

    """

    def __init__(
        self, scope: Construct, construct_id: str, *, encryption_key: "kms.IKey | None" = None
    ) -> None:
        super().__init__(scope, construct_id)
        logs = self._bucket("AccessLogs")
        bucket = self._bucket("Resource", encryption_key)
        self._log_access(bucket, logs)
        self.bucket: s3.IBucket = bucket
        """The bucket for the artifacts."""

    def _bucket(self, construct_id: str, key: "kms.IKey | None" = None) -> s3.Bucket:
        return s3.Bucket(
            self,
            construct_id,
            versioned=True,
            encryption=s3.BucketEncryption.S3_MANAGED if key is None else s3.BucketEncryption.KMS,
            encryption_key=key,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            removal_policy=RemovalPolicy.RETAIN,
        )

    def _log_access(self, bucket: s3.Bucket, logs: s3.Bucket) -> None:
        # The high-level option uses an ACL unless the user's app sets a flag; this works in every app.
        resource = bucket.node.default_child
        if not isinstance(resource, s3.CfnBucket):
            raise TypeError(f"a bucket must have a CfnBucket as default child, got {resource!r}")
        resource.logging_configuration = s3.CfnBucket.LoggingConfigurationProperty(
            destination_bucket_name=logs.bucket_name
        )
        logs.add_to_resource_policy(
            iam.PolicyStatement(
                sid="DeliverAccessLogs",
                principals=[iam.ServicePrincipal("logging.s3.amazonaws.com")],
                actions=["s3:PutObject"],
                resources=[logs.arn_for_objects("*")],
                conditions={
                    "ArnLike": {"aws:SourceArn": bucket.bucket_arn},
                    "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
                },
            )
        )
