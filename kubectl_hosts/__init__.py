"""kubectl hosts: why does this name resolve to that, in this pod?"""

__version__ = "0.1.0"
