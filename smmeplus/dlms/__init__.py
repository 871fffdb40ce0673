"""The wire formats of spontaneous messages and of configuration: a pure library without input, output or Django.

Bytes go in, plain values come out, and :class:`smmeplus.dlms.errors.FrameError` is the only error.
"""
