"""The example of a serverless endpoint, deployed and called from several threads."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import ClientError

from tests.localcloud.kinds.kinds_cloud import KindsCloud, replaced, synthesize


def test_the_serverless_example_answers_from_warm_and_cold_workers_and_throttles_beyond(
    cloud: KindsCloud,
) -> None:
    cloud.upload("s3://my-model-artifacts/model.tar.gz")
    template = replaced(
        synthesize("serverless_endpoint", cloud.folder), '"MaxConcurrency": 20', '"MaxConcurrency": 3'
    )
    cloud.created("quiet", template)
    (variant,) = cloud.sagemaker.describe_endpoint(EndpointName="quiet")["ProductionVariants"]
    assert variant["CurrentServerlessConfig"] == {
        "MemorySizeInMB": 2048,
        "MaxConcurrency": 3,
        "ProvisionedConcurrency": 2,
    }

    def call(_number: int) -> str:
        try:
            return str(cloud.invoke("quiet", {"sleep": 2})["version"])
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            return f"{status} {error.response['Error']['Code']}"

    with ThreadPoolExecutor(6) as pool:
        answers = Counter(pool.map(call, range(6)))
    assert answers == {"v1": 3, "429 ThrottlingException": 3}

    # WHEN an instance takes its place THEN it is an endpoint of instances, and the stack follows
    (name,) = [n for n, r in template["Resources"].items() if r["Type"] == "AWS::SageMaker::EndpointConfig"]
    (described,) = template["Resources"][name]["Properties"]["ProductionVariants"]
    del described["ServerlessConfig"]
    described |= {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    cloud.deploy("quiet", template, update=True)
    assert cloud.settled("quiet") == "UPDATE_COMPLETE"
    (variant,) = cloud.sagemaker.describe_endpoint(EndpointName="quiet")["ProductionVariants"]
    assert variant["CurrentInstanceCount"] == 1
    assert cloud.invoke("quiet")["version"] == "v1"
