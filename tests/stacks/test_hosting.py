import json
from typing import Any

from tests.stacks.template_reading import as_list, properties, resources

CONFIG = "AWS::SageMaker::EndpointConfig"
ENDPOINT = "AWS::SageMaker::Endpoint"
GUARD = "Custom::TidegateGuard"
ATTACH = "Custom::TidegateAttach"
T = dict[str, Any]


def test_the_live_version_is_read_from_the_pointer_at_every_deploy(hosting: T) -> None:
    assert hosting["Parameters"] == {
        "LiveModelPackage": {
            "Type": "AWS::SSM::Parameter::Value<String>",
            "Default": "/tidegate/rehearsal/digits/live-model-package",
            "Description": "The live model package version; the first approved version creates it",
        }
    }
    (model,) = properties(hosting, "AWS::SageMaker::Model")
    assert model["PrimaryContainer"]["ModelPackageName"] == {"Ref": "LiveModelPackage"}


def test_no_stack_owns_the_pointer(templates: dict[str, T]) -> None:
    assert len(templates) == 3
    assert not any(resources(template, "AWS::SSM::Parameter") for template in templates.values())


def test_model_configuration_and_endpoint_wait_for_the_guard(hosting: T) -> None:
    (guard,) = resources(hosting, GUARD)
    for kind in ("AWS::SageMaker::Model", CONFIG, ENDPOINT):
        (found,) = resources(hosting, kind).values()
        assert guard in as_list(found["DependsOn"]), kind


def test_scaling_waits_for_the_endpoint_and_is_no_resource_of_its_own(hosting: T) -> None:
    (endpoint,) = resources(hosting, ENDPOINT)
    (attach,) = resources(hosting, ATTACH).values()
    assert endpoint in as_list(attach["DependsOn"])
    assert "AWS::ApplicationAutoScaling" not in str(hosting)


def test_the_attachment_holds_requests_and_the_type_they_are_for(hosting: T) -> None:
    (attach,) = properties(hosting, ATTACH)
    assert attach["ServiceToken"] == "arn:aws:lambda:us-east-1:000000000000:function:digits-rehearsal-attach"
    assert json.loads(attach["Scaling"]) == {
        "live": {
            "InstanceType": "ml.m5.large",
            "MinCapacity": 2,
            "MaxCapacity": 4,
            "Policies": [
                {
                    "PolicyName": "live-invocations",
                    "PolicyType": "TargetTrackingScaling",
                    "TargetTrackingScalingPolicyConfiguration": {
                        "TargetValue": 60000,
                        "PredefinedMetricSpecification": {
                            "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
                        },
                        "ScaleInCooldown": 300,
                        "ScaleOutCooldown": 60,
                    },
                }
            ],
            "Alarms": [],
            "ScheduledActions": [],
        }
    }


def test_the_guard_depends_on_nothing_it_guards(hosting: T) -> None:
    (guard,) = resources(hosting, GUARD).values()
    assert "DependsOn" not in guard
    assert "Fn::GetAtt" not in str(guard["Properties"])


def test_the_guard_sees_version_and_shape(hosting: T) -> None:
    (guard,) = properties(hosting, GUARD)
    assert guard["ServiceToken"] == "arn:aws:lambda:us-east-1:000000000000:function:digits-rehearsal-guard"
    assert guard["ModelPackage"] == {"Ref": "LiveModelPackage"}
    assert guard["EndpointName"] == "digits-rehearsal"
    assert guard["Variants"] == '{"live":"ml.m5.large"}'
    assert len(guard["Shape"]) == 16


def test_only_the_endpoint_has_a_fixed_name(hosting: T) -> None:
    (model,), (config,), (endpoint,) = (
        properties(hosting, kind) for kind in ("AWS::SageMaker::Model", CONFIG, ENDPOINT)
    )
    assert "ModelName" not in model
    assert "EndpointConfigName" not in config
    assert endpoint["EndpointName"] == "digits-rehearsal"


def test_the_scaler_owns_the_counts_and_the_configuration_the_weights(hosting: T) -> None:
    (endpoint,) = properties(hosting, ENDPOINT)
    assert endpoint["RetainAllVariantProperties"] is True
    assert endpoint["ExcludeRetainedVariantProperties"] == [{"VariantPropertyType": "DesiredWeight"}]


def test_the_only_variant_is_live(hosting: T) -> None:
    (config,) = properties(hosting, CONFIG)
    assert [one["VariantName"] for one in config["ProductionVariants"]] == ["live"]


def test_tags_are_stable(hosting: T) -> None:
    (endpoint,) = properties(hosting, ENDPOINT)
    assert {tag["Key"] for tag in endpoint["Tags"]} == {"tidegate:service", "tidegate:environment"}


def test_the_outputs_are_those_the_operators_read(hosting: T, controller: T, foundation: T) -> None:
    assert set(hosting["Outputs"]) == {"EndpointName", "EndpointConfigName", "ModelPackage"}
    assert set(controller["Outputs"]) == {
        "EndpointName",
        "PointerParameter",
        "HostingStack",
        "LedgerTable",
        "RolloutStateMachine",
        "RollbackStateMachine",
        "ModelPackageGroup",
    }
    exported = {name for name in foundation["Outputs"] if not name.startswith("ExportsOutput")}
    assert exported == {"ArtifactBucket", "ModelPackageGroup", "LedgerTable", "ExecutionRole"}
