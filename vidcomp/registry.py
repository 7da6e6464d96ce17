"""The contents page: every stage, every method of it, and where it lives. Listing imports nothing.

A method is added by one file and one line here. A stage in ``OPTIONAL`` may be ``off``.
"""

from __future__ import annotations

from importlib import import_module

from vidcomp.errors import ConfigError, nearest

METHODS: dict[str, dict[str, str]] = {
    "decode": {
        "pyav": "vidcomp.media.decoders:PyAV",
        "torchcodec": "vidcomp.media.decoders:TorchCodec",
        "decord": "vidcomp.media.decoders:Decord",
    },
    "segment": {
        "uniform": "vidcomp.segment.uniform:Uniform",
        "content": "vidcomp.segment.content:Content",
        "adaptive": "vidcomp.segment.adaptive:Adaptive",
        "transnet": "vidcomp.segment.transnet:TransNet",
    },
    "subtitles": {"first_found": "vidcomp.text.subtitles:Subtitles"},
    "asr": {
        "faster_whisper": "vidcomp.text.asr_faster_whisper:FasterWhisper",
        "openai_whisper": "vidcomp.text.asr_openai_whisper:OpenaiWhisper",
    },
    "ocr": {"rapidocr": "vidcomp.text.ocr:RapidOcr"},
    "retrieve": {
        "hybrid": "vidcomp.text.retrieve:Hybrid",
        "lexical": "vidcomp.text.retrieve:Lexical",
    },
    "score": {"text": "vidcomp.score.text:TextScorer"},
    "select": {
        "uniform": "vidcomp.select.uniform:Uniform",
        "topk": "vidcomp.select.topk:TopK",
    },
    "answer": {
        "extractive": "vidcomp.answer.extractive:Extractive",
        "endpoint": "vidcomp.answer.endpoint:Endpoint",
    },
    "summarize": {"chapters": "vidcomp.answer.chapters:Chapters"},
}
OPTIONAL = frozenset({"subtitles", "asr", "ocr"})


def load(stage: str, name: str) -> type:
    """The class of the method ``name`` of ``stage``. Raises ConfigError that names the nearest known one."""
    methods = METHODS[stage]
    if name not in methods:
        raise ConfigError(f"no method {name!r} for stage {stage}", nearest(name, list(methods)))
    module, _, attribute = methods[name].partition(":")
    return getattr(import_module(module), attribute)
