"""gurux_dlms, another implementation of DLMS, in processes of its own: what ours is tested and measured against."""
