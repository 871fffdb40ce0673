"""What STG-DC concentrators hand over about their meters: reports S24, G02, S06 and S11 (MET-2)."""

from concentrators.meters.stg.errors import StgError
from concentrators.meters.stg.files import StgFile, read
from concentrators.meters.stg.reports import ConcentratorReport

__all__ = ["ConcentratorReport", "StgError", "StgFile", "read"]
