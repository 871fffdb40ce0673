"""The demo's past (OPS-1): 30 days of the company Chile, played by the simulator and recorded as a listener does.

``story`` says who does what when, ``past`` plays it, ``fleet`` sends, ``writing`` configures, ``observing`` judges, and
``scenario`` tells the simulator of `make run` what still lasts.
"""
