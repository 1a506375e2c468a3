import pytest

from modules.environments import Environment
from modules.errors import ProductionNotReady, StorageError
from modules.storage.roots import Folder, root_of
from modules.storage.sentinels import SENTINEL, mark_production, missing_sentinels, require_sentinels


def test_f22_marked_folders_are_ready_and_others_are_named(tmp_path):
    mark_production(tmp_path, Folder.CROPS)
    require_sentinels(tmp_path, [Folder.CROPS])
    with pytest.raises(ProductionNotReady, match="muestreos"):
        require_sentinels(tmp_path, [Folder.CROPS, Folder.SAMPLES])
    assert Folder.CROPS not in missing_sentinels(tmp_path)
    assert Folder.SAMPLES in missing_sentinels(tmp_path)


def test_f22_a_link_to_nowhere_is_not_replaced_by_a_folder(tmp_path):
    root = root_of(tmp_path, Environment.PRODUCTION)
    root.mkdir()
    (root / Folder.CROPS).symlink_to(tmp_path / "unplugged")
    with pytest.raises(StorageError, match="cultivos"):
        mark_production(tmp_path, Folder.CROPS)
    assert not (tmp_path / "unplugged").exists()


def test_a_linked_folder_is_marked_where_it_leads(tmp_path):
    root, cloud = root_of(tmp_path, Environment.PRODUCTION), tmp_path / "OneDrive"
    root.mkdir()
    cloud.mkdir()
    (root / Folder.CROPS).symlink_to(cloud)
    mark_production(tmp_path, Folder.CROPS)
    assert (cloud / SENTINEL).is_file()
