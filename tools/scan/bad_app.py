"""An app that breaks a rule of every scanner, so that a scanner that finds nothing is known to be broken."""

from aws_cdk import App, CfnResource, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

app = App()
stack = Stack(app, "bad")

bucket = s3.CfnBucket(stack, "Bucket")
bucket.add_property_override("NoSuchProperty", "value")
CfnResource(stack, "Model", type="AWS::SageMaker::Model", properties={})
statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
iam.CfnManagedPolicy(stack, "Policy", policy_document={"Version": "2012-10-17", "Statement": [statement]})

app.synth()
