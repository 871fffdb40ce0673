"""Meters that simulated concentrators have, and the STG-DC files in which they say so (MET-2, SIM-2).

All of it follows from the fleet, a seed and the time: who asks twice is told the same, and who asks later is told what
has become of it. ``layout`` says who is connected to whom, ``life`` what a meter is like at a time, ``sharing`` which
are in two lists, ``listing`` what a concentrator knows, ``reports`` how it says so, and ``files`` who writes when.
Names and MACs are invented: 99 behind the maker, and MACs that nobody was given.
"""
