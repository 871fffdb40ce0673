"""Meters in field (MET-1 to MET-8): from the lists of concentrators to sightings, conflicts, trees and counts."""
