"""A pytest plugin: what collecting the tests has made is never looked at for garbage again.

It stays until the end, and to look through all of it again and again took a tenth of the suite's time.
"""

import gc


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
