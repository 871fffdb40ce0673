"""Which meter of a concentrator is reached through which (MET-6): its tree of repeaters."""

from concentrators.meters.topology.settling import Tree, settle

__all__ = ["Tree", "settle"]
