"""A procedure profile in use."""

from __future__ import annotations

import pytest
from django.db import models

from profiles.models import ProcedureProfile
from profiles.procedures import models as procedures
from tests.factories import ProcedureProfileFactory


@pytest.fixture
def used(db: None, monkeypatch: pytest.MonkeyPatch) -> ProcedureProfile:
    """*Careful*, which two rows use. What a use is stands apart from who they are: here each version in the history."""
    profile = ProcedureProfileFactory.create(name="Careful", waves="10, 100, all")
    profile.save()
    versions: type[models.Model] = ProcedureProfile.history.model
    monkeypatch.setattr(procedures, "references", lambda: [(versions, "id")])
    return profile
