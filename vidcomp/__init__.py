"""vidcomp: ask films questions, and get answers with their evidence.

The straight line through the package is :func:`vidcomp.pipeline.ask`; the list of everything that can be
plugged into it is :mod:`vidcomp.registry`.
"""

__version__ = "0.1.0"
