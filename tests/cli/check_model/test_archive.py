"""What SageMaker, or a container, would not take of an archive."""

import tarfile
from pathlib import Path

import pytest

from tests.cli.check_model.model_folders import ECHO, SCRIPT, archive, by_name, folder, member
from tidegate_cli.check_model.archive import Archive, check_archive
from tidegate_cli.check_model.checks import Check, Status
from tidegate_cli.check_model.contract import Contract
from tidegate_cli.check_model.source import archive_of
from tidegate_cli.failures import CliError

GOOD = {SCRIPT: ECHO, "model.joblib": "weights"}


def checked(tmp_path: Path, *more: tarfile.TarInfo, files: dict[str, str] | None = None) -> dict[str, Check]:
    path = archive(tmp_path / "model.tar.gz", GOOD if files is None else files, more=more)
    return by_name(check_archive(Archive.read(path), Contract.of("real-time")))


def test_a_good_archive_passes_every_check(tmp_path: Path) -> None:
    found = checked(tmp_path, member("code", kind=tarfile.DIRTYPE, mode=0o755))
    assert {check.status for check in found.values()} == {Status.PASS}


def test_names_may_begin_with_a_dot(tmp_path: Path) -> None:
    found = checked(tmp_path, files={f"./{SCRIPT}": ECHO})
    assert found["archive: layout"].status is Status.PASS


@pytest.mark.parametrize("name", ["/etc/passwd", "../model.bin", "a/../../b"])
def test_rejects_a_name_that_leads_out(tmp_path: Path, name: str) -> None:
    found = checked(tmp_path, member(name))["archive: paths"]
    assert (found.status, found.found) == (Status.FAIL, name)


@pytest.mark.parametrize(
    ("kind", "target"),
    [(tarfile.SYMTYPE, "/etc/passwd"), (tarfile.SYMTYPE, "../../x"), (tarfile.LNKTYPE, "../x")],
)
def test_rejects_a_link_that_leads_out(tmp_path: Path, kind: bytes, target: str) -> None:
    found = checked(tmp_path, member("code/link", kind=kind, target=target))["archive: links"]
    assert (found.status, found.found) == (Status.FAIL, f"code/link -> {target}")


@pytest.mark.parametrize(
    ("kind", "target"),
    [(tarfile.SYMTYPE, "../model.joblib"), (tarfile.SYMTYPE, "."), (tarfile.LNKTYPE, "model.joblib")],
)
def test_a_link_within_the_archive_passes(tmp_path: Path, kind: bytes, target: str) -> None:
    found = checked(tmp_path, member("code/link", kind=kind, target=target))["archive: links"]
    assert (found.status, found.found) == (Status.PASS, "1 links")


def test_a_link_to_nothing_is_a_warning(tmp_path: Path) -> None:
    found = checked(tmp_path, member("latest", kind=tarfile.SYMTYPE, target="v7"))["archive: links"]
    assert (found.status, found.found) == (Status.WARN, "latest -> v7")


def test_rejects_a_pipe(tmp_path: Path) -> None:
    found = checked(tmp_path, member("pipe", kind=tarfile.FIFOTYPE))["archive: kinds of files"]
    assert (found.status, found.found) == (Status.FAIL, "pipe")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (
            ["digits/code/inference.py", "digits/model.joblib"],
            "but digits/code/inference.py: pack what is in",
        ),
        (["inference.py"], "but inference.py at the top: put it into code/"),
        (["model.onnx"], "an ONNX model needs one that loads it with onnxruntime"),
        (["1/saved_model.pb"], "TensorFlow Serving's own container takes this, and cannot be run here"),
        (
            ["manifest.json", "oci-layout"],
            "this is a container image, which cannot be run here without Docker",
        ),
        (["model.bin"], "a container with a server of its own may do without, and cannot be run here"),
    ],
)
def test_rejects_a_layout_without_a_script_and_says_what_it_looks_like(
    tmp_path: Path, names: list[str], said: str
) -> None:
    found = checked(tmp_path, files=dict.fromkeys(names, "x"))["archive: layout"]
    assert found.status is Status.FAIL
    assert said in found.found


def test_leftovers_beside_a_single_folder_do_not_hide_the_mistake(tmp_path: Path) -> None:
    found = checked(tmp_path, files={"digits/code/inference.py": ECHO, ".DS_Store": "x"})
    assert "tar -C digits -czf model.tar.gz ." in found["archive: layout"].found


def test_a_file_that_only_its_owner_can_read_is_a_warning(tmp_path: Path) -> None:
    found = checked(tmp_path, member("secret", mode=0o600), member("d", kind=tarfile.DIRTYPE, mode=0o744))
    permissions = found["archive: permissions"]
    assert (permissions.status, permissions.found) == (Status.WARN, "secret (0600), d (0744)")


def test_leftovers_are_a_warning_and_a_long_list_is_cut(tmp_path: Path) -> None:
    names = ["._model.joblib", "__MACOSX/x", "code/.DS_Store", ".git/config"]
    found = checked(tmp_path, *map(member, names))["archive: leftovers"]
    assert (found.status, found.found) == (
        Status.WARN,
        "._model.joblib, __MACOSX/x, code/.DS_Store and 1 more",
    )


def huge(gigabytes: int) -> Archive:
    model = member("model.bin")
    model.size = gigabytes * 1024**3
    return Archive(compressed_bytes=1, members=(member(SCRIPT), model))


@pytest.mark.parametrize(("gigabytes", "status"), [(4, Status.PASS), (5, Status.NOT_RUN), (6, Status.FAIL)])
def test_a_serverless_endpoint_has_5_gb_of_disk_and_the_local_server_4(
    gigabytes: int, status: Status
) -> None:
    size = by_name(check_archive(huge(gigabytes), Contract.of("serverless")))["archive: size"]
    assert size.status is status


def test_a_large_archive_on_instances_is_only_too_large_for_here() -> None:
    size = by_name(check_archive(huge(6), Contract.of("real-time")))["archive: size"]
    assert (size.status, size.found) == (Status.NOT_RUN, "1 bytes, extracted 6 GB")


def test_a_folder_is_packed_as_its_content(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    packed = archive_of(str(folder(tmp_path / "digits")), tmp_path / "work")
    assert sorted(Archive.read(packed).names) == ["code", SCRIPT]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("model.tar.gz", b"", "is not a gzip archive, which is what SageMaker takes"),
        ("model.onnx", b"\x08\x07", "but an ONNX model, which nothing here can serve by itself"),
        ("model.zip", b"PK\x05\x06" + bytes(18), "but a zip file"),
        ("model.tar.gz", b"\x1f\x8bgarbage", "is damaged, or no tar archive"),
    ],
)
def test_rejects_what_is_no_model_archive(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CliError, match=said):
        Archive.read(archive_of(str(tmp_path / name), tmp_path))


def test_rejects_an_archive_that_was_cut_off(tmp_path: Path) -> None:
    path = archive(tmp_path / "model.tar.gz", {SCRIPT: ECHO, "noise": "".join(map(str, range(5000)))})
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(CliError, match="is damaged"):
        Archive.read(path)


def test_rejects_an_archive_and_a_folder_with_nothing_in_them(tmp_path: Path) -> None:
    with pytest.raises(CliError, match="is an empty archive"):
        Archive.read(archive(tmp_path / "model.tar.gz", {}))
    (tmp_path / "empty").mkdir()
    with pytest.raises(CliError, match="is empty: there is nothing to pack"):
        archive_of(str(tmp_path / "empty"), tmp_path)


@pytest.mark.parametrize(
    ("names", "said"),
    [(["model.bin"], "compress it with gzip"), (["manifest.json", "repositories"], "needs Docker")],
)
def test_rejects_an_archive_without_compression(tmp_path: Path, names: list[str], said: str) -> None:
    path = archive(tmp_path / "model.tar", dict.fromkeys(names, "x"), compressed=False)
    with pytest.raises(CliError, match=said):
        archive_of(str(path), tmp_path)


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("nowhere/model.tar.gz", "no such file or folder: nowhere/model.tar.gz"),
        ("s3://bucket/model.tar.gz", "download it first"),
        ("111122223333.dkr.ecr.eu-west-1.amazonaws.com/digits:7", "that needs Docker"),
    ],
)
def test_rejects_what_is_not_on_this_machine(tmp_path: Path, model: str, said: str) -> None:
    with pytest.raises(CliError, match=said):
        archive_of(model, tmp_path)
