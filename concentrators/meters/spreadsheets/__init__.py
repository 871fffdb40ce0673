"""Sightings of meters in CSV and XLSX, read as installation files are; ``headers`` knows master files, too (MET-2)."""
