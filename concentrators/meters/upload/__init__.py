"""Upload meter lists: upload, preview, confirmation (MET-2), as installation files (CON-5)."""
