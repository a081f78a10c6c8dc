"""The example of an asynchronous endpoint, deployed: results in S3 and on topics, scaled from zero."""

import json
from typing import Any

from tests.localcloud.kinds.kinds_cloud import KindsCloud, synthesize


def test_the_async_example_answers_in_s3_and_by_topic_and_wakes_up_from_zero(cloud: KindsCloud) -> None:
    cloud.upload("s3://my-model-artifacts/model.tar.gz")
    cloud.s3.create_bucket(Bucket="my-answers")
    template = synthesize("async_endpoint", cloud.folder)
    cloud.created("slow", template)
    messages = listen(cloud)

    # WHEN a request succeeds and another fails THEN each is stored and told in its own place
    good, bad = ask(cloud, 7), ask(cloud, "bug")
    told = {each["invocationStatus"]: each for each in (messages(), messages())}
    assert told["Completed"]["responseParameters"]["outputLocation"] == good["OutputLocation"]
    assert stored(cloud, good["OutputLocation"])["data"] == 7
    assert "(500)" in told["Failed"]["failureReason"]
    assert bad["FailureLocation"].startswith("s3://my-answers/digits/failed/")
    assert told["Failed"]["inferenceId"] == bad["InferenceId"]

    # WHEN the endpoint has no instance THEN a request wakes it up through a step policy
    wake_up_from_zero(cloud)
    cloud.until(lambda: instances(cloud) == (0, "InService"))
    late = ask(cloud, 8)
    assert messages()["responseParameters"]["outputLocation"] == late["OutputLocation"]
    assert instances(cloud)[0] == 1


def ask(cloud: KindsCloud, data: object) -> dict[str, Any]:
    location = f"in-{data}.json"
    cloud.s3.put_object(Bucket="my-answers", Key=location, Body=json.dumps(data))
    answer = cloud.runtime.invoke_endpoint_async(
        EndpointName="slow", InputLocation=f"s3://my-answers/{location}", ContentType="application/json"
    )
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    return dict(answer)


def stored(cloud: KindsCloud, uri: str) -> dict[str, Any]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return dict(json.loads(cloud.s3.get_object(Bucket=bucket, Key=key)["Body"].read()))


def listen(cloud: KindsCloud) -> Any:
    """Return a function that waits for the next message of either topic."""
    queues, topics = cloud.client("sqs"), cloud.client("sns")
    url = queues.create_queue(QueueName="told")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    for topic in topics.list_topics()["Topics"]:
        topics.subscribe(TopicArn=topic["TopicArn"], Protocol="sqs", Endpoint=arn)

    def following() -> dict[str, Any]:
        found: list[Any] = []

        def receive() -> bool:
            found.extend(queues.receive_message(QueueUrl=url, MaxNumberOfMessages=1).get("Messages", []))
            return bool(found)

        cloud.until(receive)
        queues.delete_message(QueueUrl=url, ReceiptHandle=found[0]["ReceiptHandle"])
        return dict(json.loads(json.loads(found[0]["Body"])["Message"]))

    return following


def wake_up_from_zero(cloud: KindsCloud) -> None:
    scaling = cloud.client("application-autoscaling")
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/slow/variant/live",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    scaling.register_scalable_target(**target, MinCapacity=0, MaxCapacity=2)
    policy = scaling.put_scaling_policy(
        **target,
        PolicyName="wake-up",
        PolicyType="StepScaling",
        StepScalingPolicyConfiguration={
            "AdjustmentType": "ExactCapacity",
            "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
        },
    )
    cloud.client("cloudwatch").put_metric_alarm(
        AlarmName="nobody-works",
        Namespace="AWS/SageMaker",
        MetricName="HasBacklogWithoutCapacity",
        Dimensions=[{"Name": "EndpointName", "Value": "slow"}],
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        AlarmActions=[policy["PolicyARN"]],
    )
    cloud.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="slow",
        DesiredWeightsAndCapacities=[{"VariantName": "live", "DesiredInstanceCount": 0}],
    )


def instances(cloud: KindsCloud) -> tuple[int, str]:
    described = cloud.sagemaker.describe_endpoint(EndpointName="slow")
    return described["ProductionVariants"][0]["CurrentInstanceCount"], described["EndpointStatus"]
