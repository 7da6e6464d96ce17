"""The plain records that flow from stage to stage.

All times are presentation seconds since the container's start (``pts - container start_time``): where a player
would seek. Intervals are half open, ``[start_s, end_s)``. Sizes are pixels of the upright picture. Records are
frozen and check themselves; what a record says can be relied on.
"""

from vidcomp.types.answer import Evidence, EvidenceKind, Model, Query, Reply, Runtime, Tokens
from vidcomp.types.film import Clip, ClipPlan, Frame, FrameScores, Shot, Sketch, Sound, Video, Want, check_cover
from vidcomp.types.text import Chapter, Documents, TextEvidence, TextKind, TextSpan, Transcript, Word

__all__ = [
    "Chapter", "Clip", "ClipPlan", "Documents", "Evidence", "EvidenceKind", "Frame", "FrameScores", "Model", "Query",
    "Reply", "Runtime", "Shot", "Sketch", "Sound", "TextEvidence", "TextKind", "TextSpan", "Tokens", "Transcript",
    "Video", "Want", "Word", "check_cover",
]  # fmt: skip
