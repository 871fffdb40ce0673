"""Faults that are planted by hand in what finds, records and explains changes of status: the quick tests find all."""
