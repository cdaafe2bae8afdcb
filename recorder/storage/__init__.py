"""Where entries go: the contract in :mod:`recorder.storage.base`, and what keeps it."""
