import pytest

from modules.errors import StorageError
from modules.storage.listing import list_entries


def test_a_folder_that_cannot_be_read_is_explained(tmp_path, monkeypatch):
    (tmp_path / "cultivos").mkdir()

    def disconnected(folder):
        raise OSError(107, "Transport endpoint is not connected")

    monkeypatch.setattr(type(tmp_path), "iterdir", disconnected)
    with pytest.raises(StorageError, match="cultivos"):
        list_entries(tmp_path, "cultivos")


def test_only_links_of_products_are_shown_in_the_root(tmp_path):
    root, cloud = tmp_path / "outputs", tmp_path / "cloud"
    root.mkdir()
    cloud.mkdir()
    (root / "cultivos").symlink_to(cloud)
    (root / "etc").symlink_to(cloud)
    assert [entry.name for entry in list_entries(root)] == ["cultivos"]


def test_numbers_in_names_count_as_such(tmp_path):
    folder = tmp_path / "cultivos"
    folder.mkdir()
    for name in ("Lote 10.kmz", "Lote 2.kmz", "lote 1.kmz"):
        (folder / name).touch()
    assert [entry.name for entry in list_entries(tmp_path, "cultivos")] == ["lote 1.kmz", "Lote 2.kmz", "Lote 10.kmz"]
