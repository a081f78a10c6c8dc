"""What a model is, in the words of the compatibility table."""

from typing import Final

from tidegate._marketplace import marketplace_package
from tidegate._model_traits import ModelTraits
from tidegate.compatibility import Feature, Mode
from tidegate.model import Model

_MODES: Final = {"Serial": Mode.SERIAL, "Direct": Mode.DIRECT}


def model_features(model: Model) -> frozenset[Feature]:
    """Return the properties of a model that some kinds of inference exclude."""
    traits = model.traits
    found = {
        Feature.VPC: traits.in_vpc,
        Feature.NETWORK_ISOLATION: traits.network_isolated,
        Feature.MULTI_MODEL: traits.multi_model,
        Feature.PIPELINE: traits.execution == "Serial",
        Feature.DIRECT: traits.execution == "Direct",
        Feature.UNCOMPRESSED: traits.uncompressed,
        Feature.MARKETPLACE: marketplace_package(model) is not None,
    }
    return frozenset(feature for feature, present in found.items() if present)


def instance_mode(traits: ModelTraits) -> Mode:
    """Return which kind of real-time endpoint serves such a model."""
    if traits.execution is not None:
        return _MODES[traits.execution]
    return Mode.MULTI_MODEL if traits.multi_model else Mode.REAL_TIME
