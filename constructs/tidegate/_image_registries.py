"""The accounts whose ECR registries hold AWS's prebuilt images, region by region."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from aws_cdk import region_info

# What aws-cdk-lib's region table (FactName.DLC_REPOSITORY_ACCOUNT) lacks. Source: the registries in
# aws/sagemaker-python-sdk, src/sagemaker/image_uri_config/pytorch.json.
_MORE_DEEP_LEARNING: Final[Mapping[str, str]] = MappingProxyType(
    {
        "af-south-1": "626614931356",
        "ap-northeast-3": "364406365360",
        "ap-southeast-5": "550225433462",
        "ap-southeast-7": "590183813437",
        "ca-west-1": "204538143572",
        "il-central-1": "780543022126",
        "mx-central-1": "637423239942",
        "us-gov-east-1": "446045086412",
        "us-gov-west-1": "442386744353",
    }
)

# Source: aws/sagemaker-python-sdk, src/sagemaker/image_uri_config/xgboost.json (versions with a dash) and
# sklearn.json, which agree on every region that both name.
CLASSIC: Final[Mapping[str, str]] = MappingProxyType(
    {
        "af-south-1": "510948584623",
        "ap-east-1": "651117190479",
        "ap-northeast-1": "354813040037",
        "ap-northeast-2": "366743142698",
        "ap-northeast-3": "867004704886",
        "ap-south-1": "720646828776",
        "ap-south-2": "628508329040",
        "ap-southeast-1": "121021644041",
        "ap-southeast-2": "783357654285",
        "ap-southeast-3": "951798379941",
        "ap-southeast-4": "106583098589",
        "ca-central-1": "341280168497",
        "ca-west-1": "190319476487",
        "cn-north-1": "450853457545",
        "cn-northwest-1": "451049120500",
        "eu-central-1": "492215442770",
        "eu-central-2": "680994064768",
        "eu-north-1": "662702820516",
        "eu-south-1": "978288397137",
        "eu-south-2": "104374241257",
        "eu-west-1": "141502667606",
        "eu-west-2": "764974769150",
        "eu-west-3": "659782779980",
        "il-central-1": "898809789911",
        "me-central-1": "272398656194",
        "me-south-1": "801668240914",
        "sa-east-1": "737474898029",
        "us-east-1": "683313688378",
        "us-east-2": "257758044811",
        "us-gov-east-1": "237065988967",
        "us-gov-west-1": "414596584902",
        "us-west-1": "746614075791",
        "us-west-2": "246618743249",
    }
)


def deep_learning_account(region: str) -> str | None:
    """Return the account of the AWS Deep Learning Containers in `region`, None when there is none."""
    known = region_info.Fact.find(region, region_info.FactName.DLC_REPOSITORY_ACCOUNT)
    return known if known is not None else _MORE_DEEP_LEARNING.get(region)


def classic_account(region: str) -> str | None:
    """Return the account of the scikit-learn and XGBoost images in `region`, None when there is none."""
    return CLASSIC.get(region)


def is_aws_account(account: str) -> bool:
    """Tell whether `account` holds prebuilt images in some region."""
    known = set(CLASSIC.values()) | set(_MORE_DEEP_LEARNING.values())
    return account in known or any(
        region_info.Fact.find(region, region_info.FactName.DLC_REPOSITORY_ACCOUNT) == account
        for region in region_info.Fact.regions
    )
