"""A pytest plugin: exports that a test has not read to their end are closed with it, as a server does.

Left to the garbage collector they would end amid the statements of other tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from smmeplus.common.exporting.files import Export

_begun: list[Export] = []


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    from smmeplus.common.exporting.files import Export

    render = Export.render

    def kept(export: Export) -> Export:
        _begun.append(export)
        return render(export)

    Export.render = kept  # type: ignore[method-assign,assignment]


@pytest.hookimpl(tryfirst=True)  # while the database may still be asked
def pytest_runtest_teardown() -> None:
    while _begun:
        export = _begun.pop()
        if not export.closed:
            export.close()
