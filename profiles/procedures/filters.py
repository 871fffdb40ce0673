from __future__ import annotations

from profiles.filters import ProfileFilterSet
from profiles.models import ProcedureProfile


class ProcedureFilterSet(ProfileFilterSet):
    class Meta(ProfileFilterSet.Meta):
        model = ProcedureProfile  # type: ignore[assignment] # another kind of profile
