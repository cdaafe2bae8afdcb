"""The contract of a storage as a test class: hold your own against it.

Written for pytest, which is not imported here. A subclass provides the fixture ``storage``, an empty one each time::

    class TestMyStorage(StorageContract):
        @pytest.fixture
        def storage(self, tmp_path):
            return MyStorage(tmp_path)

Each method is one promise of :class:`recorder.storage.base.Storage`.
"""

from recorder.testing.contract import StorageContract
from recorder.testing.entries import TASK, change, entry_of

__all__ = ["TASK", "StorageContract", "change", "entry_of"]
