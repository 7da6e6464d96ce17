"""Pipelines and settings: what is accepted, what is refused, and how well that is told."""

from __future__ import annotations

import pytest

from vidcomp import registry
from vidcomp.config import load_pipeline, name_of, named_pipelines
from vidcomp.errors import ConfigError
from vidcomp.settings import load


@pytest.mark.parametrize("name", sorted(named_pipelines()))
def test_every_shipped_pipeline_is_sound(name):
    described = load_pipeline(name).describe()
    assert list(described) == list(registry.METHODS)
    assert {stage for stage, spec in described.items() if spec is None} <= registry.OPTIONAL


@pytest.mark.parametrize("stage, name", [(s, n) for s, methods in registry.METHODS.items() for n in methods])
def test_every_method_loads_with_its_defaults_and_knows_its_name(stage, name):
    cls = registry.load(stage, name)
    method = cls()
    assert name_of(method) == name and cls.__doc__ and cls.version >= 1
    assert method == cls() and hash(method) == hash(cls())  # frozen, by value


def test_overrides_choose_methods_and_fields():
    pipeline = load_pipeline("default", ["segment=uniform", "segment.length_s=3", "ocr=off", "select.k=4"])
    assert pipeline.segment.length_s == 3.0 and pipeline.select.k == 4
    assert pipeline.ocr is None and pipeline.describe()["ocr"] is None


@pytest.mark.parametrize(
    "override, message, hint",
    [
        ("segmnt=uniform", "no stage 'segmnt'", "segment"),
        ("segment=contnt", "no method 'contnt'", "content"),
        ("segment.treshold=3", "no field 'treshold'", "threshold"),
        ("select.k=many", "select.k", "methods"),
        ("select.k", "cannot understand", "stage.field=value"),
        ("select.=3", "cannot understand", "stage.field=value"),
        ("segment=off", "cannot be off", "ocr"),
        ("segment=[1", "cannot understand", "YAML"),
        ("answer={base_url: x}", "needs a method", "extractive"),
    ],
)
def test_mistakes_are_named_with_the_nearest_known(override, message, hint):
    with pytest.raises(ConfigError) as caught:
        load_pipeline("default", [override])
    assert message in caught.value.message and hint in caught.value.hint


def test_a_field_of_a_stage_that_is_off_says_how_to_turn_it_on():
    with pytest.raises(ConfigError, match="stage ocr is off") as caught:
        load_pipeline("text-only", ["ocr.every_s=1"])
    assert "--set ocr=rapidocr" in caught.value.hint


@pytest.mark.parametrize(
    "text, message",
    [
        ("- a\n- b\n", "not a mapping"),
        ("a: [", "cannot read pipeline"),
        ("segment: content\n", "has no stage 'decode'"),
        ("decode: pyav\nsegmentation: content\n", "no stage 'segmentation'"),
        ("decode: 7\n", "needs a method"),
    ],
)
def test_a_pipeline_file_is_checked(tmp_path, text, message):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message.replace("[", r"\[")):
        load_pipeline(str(path))


def test_an_unknown_pipeline_names_the_nearest():
    with pytest.raises(ConfigError) as caught:
        load_pipeline("text_only")
    assert "text-only" in caught.value.hint


def test_earlier_layers_win_and_are_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.vidcomp]\nthreads = 1\ndevice = "cpu"\ndtype = "float32"\n')
    (tmp_path / "vidcomp.toml").write_text('device = "cuda"\ndtype = "float16"\n')
    monkeypatch.setenv("VIDCOMP_DTYPE", "bfloat16")
    layered = load({"pipeline": "text-only"})
    chosen = {n: (getattr(layered.settings, n), layered.origin[n]) for n in ("pipeline", "dtype", "device", "threads")}
    assert chosen == {
        "pipeline": ("text-only", "option"),
        "dtype": ("bfloat16", "environment"),
        "device": ("cuda", "vidcomp.toml"),
        "threads": (1, "pyproject.toml"),
    }
    assert layered.origin["cache_limit_gb"] == "default"


def test_wrong_settings_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vidcomp.toml").write_text('devise = "cpu"\n')
    with pytest.raises(ConfigError, match="unknown setting 'devise'") as caught:
        load({})
    assert "device" in caught.value.hint
    (tmp_path / "vidcomp.toml").write_text('endpoint_api_key = "k"\n')
    with pytest.raises(ConfigError, match=r"must not stand in vidcomp\.toml"):
        load({})
    (tmp_path / "vidcomp.toml").write_text("threads = -1\n")
    with pytest.raises(ConfigError, match="threads"):
        load({})
    (tmp_path / "vidcomp.toml").unlink()
    monkeypatch.setenv("VIDCOMP_WEIGHTS", "not json")
    with pytest.raises(ConfigError):
        load({})


def test_secrets_are_never_shown(monkeypatch):
    monkeypatch.setenv("VIDCOMP_ENDPOINT_API_KEY", "hush")
    layered = load({})
    assert "hush" not in repr(layered) + repr(layered.settings.runtime())
    assert layered.settings.runtime().secrets["endpoint_api_key"] == "hush"
