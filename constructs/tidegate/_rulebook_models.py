"""The rules about models: images, artifacts, containers; and about captures and explanations."""

from collections.abc import Mapping
from typing import Final

from tidegate import _compatibility_terms as at
from tidegate._rulebook import Rule, between

MOST_CONTAINERS: Final = 15
MOST_VARIABLES: Final = 100
LONGEST_VARIABLE: Final = 1024
LARGEST_ENVIRONMENT: Final = 32 * 1024
LONGEST_VERSION: Final = 256
LONGEST_BASELINE: Final = 4096

_CONTAINER: Final = f"{at.API}/API_ContainerDefinition.html"
_IMMUTABLE: Final = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html"
_PREBUILT: Final = f"{at.GUIDE}/pre-built-containers-frameworks-deep-learning.html"
_CLASSIC: Final = f"{at.GUIDE}/pre-built-docker-containers-scikit-learn-spark.html"
_CAPTURE: Final = f"{at.API}/API_DataCaptureConfig.html"
_EXPLAINER: Final = f"{at.API}/API_ClarifyExplainerConfig.html"
_CREATE: Final = f"{at.API}/API_CreateModel.html"
_NOTHING_ELSE: Final = "SageMaker takes nothing else"
_CLARIFY: Final = "Clarify refuses it"

IMAGES: Final[Mapping[str, Rule]] = {
    "image-digest": Rule(
        "sha256: and 64 hexadecimal digits", "SageMaker pulls exactly that image", _CONTAINER
    ),
    "image-tag-latest": Rule(
        "no tag 'latest'",
        "it is meant to move, and instances started later would run another image",
        _IMMUTABLE,
    ),
    "image-tag-mutable": Rule(
        "tags of a repository whose tags are immutable",
        "a moved tag changes the model at the next scale-out; use by_digest, or say immutable=True of an "
        "imported repository",
        _IMMUTABLE,
    ),
    "image-release": Rule(
        "the tag of one release of a deep learning container, or a digest",
        "AWS moves shorter tags to each patched release; give a digest with them",
        _PREBUILT,
    ),
    "image-version": Rule("a version that AWS publishes", "AWS publishes no other image", _CLASSIC),
    "image-region": Rule(
        "a region with prebuilt images, known at synth",
        "each region has its own registry account; give the stack an explicit region",
        _PREBUILT,
    ),
}

CONTAINERS: Final[Mapping[str, Rule]] = {
    "model-source": Rule("one image or one model package, by ARN, with an artifact in S3", "", _CREATE),
    "model-network": Rule("subnets and security groups only with a vpc", "", f"{at.API}/API_VpcConfig.html"),
    "artifact-archive": Rule(
        "an archive that ends in .tar.gz", "SageMaker unpacks one gzip-compressed archive", _CONTAINER
    ),
    "artifact-folder": Rule(
        "a folder that ends in a slash",
        "SageMaker takes every object below the prefix",
        f"{at.API}/API_S3ModelDataSource.html",
    ),
    "artifact-many-models": Rule(
        "a prefix that ends in a slash",
        "TargetModel of each request is appended to the prefix",
        f"{at.GUIDE}/create-multi-model-endpoint.html",
    ),
    "artifact-version": Rule(
        f"1 to {LONGEST_VERSION} characters", "it is recorded as the value of a tag", f"{at.API}/API_Tag.html"
    ),
    "environment-variables": Rule(
        f"at most {MOST_VARIABLES} variables a container", "that is SageMaker's bound", _CONTAINER
    ),
    "environment-size": Rule(
        f"names and values of at most {LONGEST_VARIABLE} bytes, {LARGEST_ENVIRONMENT} bytes in all",
        "that is SageMaker's bound for all containers of a model together",
        _CONTAINER,
    ),
    "container-count": Rule(
        f"2 to {MOST_CONTAINERS} containers in sequence or side by side",
        "one container needs no pipeline and SageMaker takes no more",
        at.PIPELINES,
    ),
    "container-hostnames": Rule(
        "a hostname for all containers or none; for all where requests name one; all different",
        "requests, logs and metrics tell containers apart by hostname",
        f"{at.GUIDE}/multi-container-create.html",
    ),
    "container-multi-model": Rule(
        "at most one multi-model container in a pipeline, none where requests name a container",
        "a request names one target",
        at.MULTI_MODEL,
    ),
}

EXTRAS: Final[Mapping[str, Rule]] = {
    "capture-percent": between("percent", 0, 100, _NOTHING_ELSE, _CAPTURE),
    "capture-modes": Rule("some of Input, Output and InputAndOutput, each once", _NOTHING_ELSE, _CAPTURE),
    "capture-content-types": Rule(
        "at most 10 content types as CSV and 10 as JSON, none as both", _NOTHING_ELSE, _CAPTURE
    ),
    "explainer-baseline": Rule(
        f"one of baseline (1 to {LONGEST_BASELINE} characters) and baseline_uri", _CLARIFY, _EXPLAINER
    ),
    "explainer-values": Rule(
        "an expression of 1 to 64 characters, samples of at least 1, a probability index of at least 0",
        _CLARIFY,
        _EXPLAINER,
    ),
    "explainer-features": Rule(
        "at most 256 headers, as many types, each numerical, categorical or text", _CLARIFY, _EXPLAINER
    ),
}

MODELS: Final[Mapping[str, Rule]] = {**IMAGES, **CONTAINERS, **EXTRAS}
