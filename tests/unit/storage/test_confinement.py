import pytest

from modules.errors import RequestError
from modules.storage.confinement import resolve_inside


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "outputs"
    (root / "cultivos" / "viejos").mkdir(parents=True)
    (root / "cultivos" / "soja 25-26.gpkg").write_text("soja")
    (tmp_path / "secret.txt").write_text("secret")
    (root / "loose.txt").write_text("loose")
    return root


def test_files_and_folders_below_the_root_are_found(root):
    assert resolve_inside(root, "cultivos/soja 25-26.gpkg").read_text() == "soja"
    assert resolve_inside(root, "cultivos/viejos").is_dir()
    assert resolve_inside(root, "cultivos").is_dir()


@pytest.mark.parametrize(
    "relative",
    ["", ".", "..", "../secret.txt", "cultivos/../../secret.txt", "cultivos/../cultivos/soja 25-26.gpkg",
     "/etc/passwd", "//etc/passwd",
     "cultivos/..\\..\\secret.txt", "C:/windows/win.ini", "C:secret", "cultivos/nothing", "cultivos/a\0b",
     "cultivos/soja 25-26.gpkg::$DATA", "cultivos/" + "x" * 5000],
)  # fmt: skip
def test_f32_nothing_outside_is_found(root, relative):
    with pytest.raises(RequestError):
        resolve_inside(root, relative)


def test_f32_a_link_that_leaves_is_refused(root):
    (root / "cultivos" / "out").symlink_to(root.parent)
    (root / "cultivos" / "file").symlink_to(root.parent / "secret.txt")
    (root / "cultivos" / "loop").symlink_to("loop")
    for relative in ("cultivos/out", "cultivos/out/secret.txt", "cultivos/file", "cultivos/loop"):
        with pytest.raises(RequestError):
            resolve_inside(root, relative)


def test_f32_a_link_in_the_root_is_followed_only_for_the_folder_of_a_product(root):
    (root / "etc").symlink_to(root.parent)
    (root / "muestreos").symlink_to(root.parent / "secret.txt")
    for relative in ("etc/secret.txt", "etc", "muestreos"):
        with pytest.raises(RequestError):
            resolve_inside(root, relative)


def test_f32_another_name_of_a_file_does_not_find_it(root):
    (root / "cultivos" / "SOJA~1.GPK").symlink_to("soja 25-26.gpkg")
    with pytest.raises(RequestError):
        resolve_inside(root, "cultivos/SOJA~1.GPK")


def test_a_product_folder_may_be_a_link_of_the_operator_but_not_lead_out_below_it(root, tmp_path):
    cloud = tmp_path / "OneDrive" / "muestreos"
    cloud.mkdir(parents=True)
    (cloud / "a.csv").write_text("a")
    (cloud / "out").symlink_to(root.parent / "secret.txt")
    (root / "muestreos").symlink_to(cloud)
    assert resolve_inside(root, "muestreos/a.csv").read_text() == "a"
    with pytest.raises(RequestError):
        resolve_inside(root, "muestreos/out")
