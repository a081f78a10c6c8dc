"""The example of inference components, deployed, called and updated."""

from tests.localcloud.kinds.kinds_cloud import KindsCloud, replaced, synthesize


def test_the_components_example_serves_two_models_and_follows_its_template(cloud: KindsCloud) -> None:
    for name in ("digits", "letters"):
        cloud.upload(f"s3://my-model-artifacts/{name}/7/model.tar.gz", version=name)
    template = synthesize("inference_components", cloud.folder)
    cloud.created("shared", template)
    listed = cloud.sagemaker.list_inference_components(EndpointNameEquals="shared")["InferenceComponents"]
    names = {each["InferenceComponentName"] for each in listed}
    answers = {name: cloud.invoke("shared", InferenceComponentName=name)["version"] for name in names}
    assert sorted(answers.values()) == ["digits", "letters"]
    (digits,) = [name for name, version in answers.items() if version == "digits"]
    described = cloud.sagemaker.describe_inference_component(InferenceComponentName=digits)
    assert described["RuntimeConfig"] == {"DesiredCopyCount": 2, "CurrentCopyCount": 2}

    # WHEN the template asks for another number of copies THEN they change in place
    cloud.deploy("shared", replaced(template, '"CopyCount": 2', '"CopyCount": 1'), update=True)
    assert cloud.settled("shared") == "UPDATE_COMPLETE"
    described = cloud.sagemaker.describe_inference_component(InferenceComponentName=digits)
    assert described["RuntimeConfig"]["CurrentCopyCount"] == 1
    assert cloud.invoke("shared", InferenceComponentName=digits)["version"] == "digits"

    # WHEN the model changes THEN the copies are replaced batch by batch
    cloud.upload("s3://my-model-artifacts/digits/8/model.tar.gz", version="digits 8")
    cloud.deploy("shared", replaced(template, "digits/7", "digits/8"), update=True)
    assert cloud.settled("shared") == "UPDATE_COMPLETE"
    assert cloud.invoke("shared", InferenceComponentName=digits)["version"] == "digits 8"

    # WHEN the stack is deleted THEN components go before their endpoint
    cloud.stacks.delete_stack(StackName="shared")
    cloud.until(lambda: not cloud.sagemaker.list_endpoints()["Endpoints"])
