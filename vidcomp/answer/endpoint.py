"""Asks any server that speaks OpenAI's Chat Completions: chosen frames as pictures, retrieved words as quotations."""

from __future__ import annotations

import re
import sys
import time
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

import numpy as np

from vidcomp.answer import _prompt
from vidcomp.errors import ConfigError, DependencyMissing, EndpointError
from vidcomp.media import fit
from vidcomp.types import (
    Clip,
    ClipPlan,
    Evidence,
    Frame,
    Model,
    Query,
    Reply,
    Runtime,
    TextEvidence,
    TextSpan,
    Tokens,
    Video,
)

if TYPE_CHECKING:
    from types import ModuleType

MAX_REPLY_BYTES = 4 * 2**20  # thousands of times any answer; a server that sends more is not answering
NO_KEY = "none"  # the library refuses to do without; servers that need no key accept any
LOOPBACK = ("localhost", "127.0.0.1", "::1")
# The last is how the client library tells itself that the answer is wanted as it is.
KEPT_HEADERS = ("content-length", "x-stainless-raw-response")
SAME_FRAME_S = 5e-4  # below any frame's duration, above the rounding of times


@dataclass(frozen=True)
class Endpoint:
    """One chat completion by ``model`` at ``base_url``, which usually ends in ``/v1``.

    Frames go as JPEG of at most ``max_side_px``, each after its time, since servers resample whole videos by rules of
    their own; words go as a block that is marked as quotation, at most ``max_text_chars`` of them. ``temperature`` and
    ``max_tokens`` None leave the choice to the server (some models refuse to be told). ``timeout_s`` bounds one attempt
    from first to last byte; ``retries`` more follow when the server is busy, down or broken (408, 409, 429, 5xx).

    Only the key of ``runtime.secrets["endpoint_api_key"]`` is ever sent; the client library's own environment variables
    have no effect. Proxies and certificates are the environment's, as for every HTTP client, except that a server on
    this machine is never reached through a proxy.
    """

    model: str = ""
    base_url: str = ""
    temperature: float | None = 0.0
    max_tokens: int | None = 512
    timeout_s: float = 120.0
    retries: int = 2
    max_side_px: int = 768
    jpeg_quality: int = 85
    max_text_chars: int = 12_000

    version: ClassVar[int] = 1
    looks: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.base_url:
            _check_url(self.base_url)
        if not self.timeout_s > 0 or self.retries < 0:
            raise ValueError("timeout_s must be above 0, retries at least 0")
        if self.max_side_px < 2 or not 1 <= self.jpeg_quality <= 100:
            raise ValueError("max_side_px must be at least 2, jpeg_quality from 1 to 100")

    def frame_size(self, video: Video) -> tuple[int, int]:
        """(width, height) at which frames are best decoded for it."""
        return fit(video, self.max_side_px)

    def __call__(
        self, video: Video, query: Query, frames: Iterable[Frame], plan: ClipPlan, text: TextEvidence, runtime: Runtime
    ) -> Reply:
        """Raises ConfigError if it is not told where to ask, and EndpointError for whatever goes wrong there."""
        self.check(query)
        pictures = [(frame.time_s, self._jpeg(frame.rgb)) for frame in frames]
        quoted = _prompt.quotable(text, self.max_text_chars)
        if not pictures and not quoted:
            return Reply("There is nothing to be seen, heard or read that an answer could rest on.", supported=False)
        chat = _prompt.messages(query, video.duration_s, pictures, [line for _, line in quoted])
        said = self._complete(chat, runtime)
        choice = _prompt.read_choice(said.text, query.choices) if query.choices else None
        return Reply(
            text=said.text,
            choice=choice,
            evidence=_evidence(plan, [time_s for time_s, _ in pictures], [span for span, _ in quoted]),
            tokens=Tokens(None, None),
            models=(Model("answer", self.model, said.revision(self.model)),),
            notes=tuple(self._notes(said, query, choice, len(text.spans) - len(quoted))),
        )

    def models(self, runtime: Runtime) -> tuple[Model, ...]:
        """None whose revision is known before it is asked; its name is a field."""
        return ()

    def check(self, query: Query) -> None:
        for field, example in (("base_url", "http://localhost:8000/v1"), ("model", "NAME")):
            if not getattr(self, field):
                raise ConfigError(f"the endpoint has no {field}", f"--set answer.{field}={example}")
        if len(query.choices) > _prompt.MAX_CHOICES:
            raise ConfigError(f"{len(query.choices)} options are too many", f"give at most {_prompt.MAX_CHOICES}")

    def _notes(self, said: _prompt.Said, query: Query, choice: int | None, n_left_out: int) -> Iterator[str]:
        yield "token merging is off: it needs a local model, and the endpoint encodes the frames itself"
        if said.usage:
            yield "the endpoint counted " + ", ".join(f"{n} {name}" for name, n in said.usage.items())
        if said.finish_reason == "length":
            yield "the answer was cut off at the greatest length allowed (answer.max_tokens)"
        if query.choices and choice is None:
            yield "no option could be read from the answer"
        if n_left_out:
            yield f"{n_left_out} retrieved texts were not sent: more than {self.max_text_chars} characters, or empty"

    def _jpeg(self, rgb: np.ndarray) -> bytes:
        """``rgb`` uint8 [h, w, 3] as JPEG, made smaller if it is larger than allowed."""
        import cv2

        height, width = rgb.shape[:2]
        shrink = self.max_side_px / max(width, height)
        if shrink < 1:
            size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
            rgb = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
        _, jpeg = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, self.jpeg_quality])
        return jpeg.tobytes()

    def _complete(self, chat: list[dict[str, Any]], runtime: Runtime) -> _prompt.Said:
        openai = _library()
        key = runtime.secrets.get("endpoint_api_key", "").strip() or NO_KEY
        if not (key.isascii() and key.isprintable()):
            raise ConfigError("the endpoint's key holds characters that no key can", "is it copied whole?")
        limits = {"temperature": self.temperature, "max_tokens": self.max_tokens}
        watch = _Attempt(key, self.timeout_s, self.base_url)
        http = openai.DefaultHttpxClient(
            trust_env=urlsplit(self.base_url).hostname not in LOOPBACK,
            follow_redirects=False,  # the pictures and the key are for the server that was named, and no other
            event_hooks={"request": [watch.begin], "response": [watch.check]},
        )
        try:
            with openai.OpenAI(
                api_key=key, base_url=self.base_url, timeout=self.timeout_s, max_retries=self.retries, http_client=http
            ) as client:
                reply = client.chat.completions.with_raw_response.create(
                    model=self.model, messages=chat, **{name: n for name, n in limits.items() if n is not None}
                )
                return _prompt.read_reply(_without(key, reply.text).encode(), self.base_url)
        except openai.OpenAIError as error:
            # Not chained: what the library and the server say may hold the key.
            raise self._explained(openai, error, key) from None

    def _explained(self, openai: ModuleType, error: Exception, key: str) -> EndpointError:
        if isinstance(error, openai.APITimeoutError):
            return _too_slow(self.base_url, self.timeout_s)
        if isinstance(error, openai.APIStatusError):
            said = _prompt.complaint(_without(key, error.response.text))
            hint = _status_hint(error.status_code, said, self.model)
            said = f": {said}" if said else ""
            return EndpointError(f"the endpoint {self.base_url} answered {error.status_code}{said}", hint)
        why = _without(key, str(error.__cause__ or error))
        hint = "is the server up, and answer.base_url right?"
        return EndpointError(f"cannot reach the endpoint {self.base_url}: {why}", hint)


class _Attempt:
    """Hooks of the HTTP client: nothing unforeseen goes out, and nothing without bound comes in."""

    def __init__(self, key: str, timeout_s: float, where: str) -> None:
        self._key = key
        self._timeout_s = timeout_s
        self._where = where
        self._began_s = 0.0

    def begin(self, request: Any) -> None:
        # The client library adds headers of its own, and whatever OPENAI_CUSTOM_HEADERS, OPENAI_ORG_ID, ... hold.
        for name in [name for name in request.headers if name not in KEPT_HEADERS]:
            del request.headers[name]
        request.headers.update(
            {
                "host": request.url.netloc.decode(),
                "authorization": f"Bearer {self._key}",
                "content-type": "application/json",
                "accept": "application/json",
                "accept-encoding": "identity",  # so that what arrives is as large as it looks
                "user-agent": "vidcomp",
            }
        )
        self._began_s = time.monotonic()

    def check(self, response: Any) -> None:
        if response.headers.get("content-encoding", "identity") != "identity":
            message = f"the endpoint {self._where} compresses its answers unasked"
            raise EndpointError(message, "is it the right address?")
        # The library's HTTP client is httpx2 (httpx in older versions); its streams must be of its own class.
        http = sys.modules[type(response).__module__.partition(".")[0]]
        chunks, inner = self._bounded(response.stream), response.stream

        class Bounded(http.SyncByteStream):
            def __iter__(self) -> Iterator[bytes]:
                return chunks

            def close(self) -> None:
                inner.close()

        response.stream = Bounded()

    def _bounded(self, stream: Iterable[bytes]) -> Iterator[bytes]:
        n_bytes = 0
        for chunk in stream:
            n_bytes += len(chunk)
            if n_bytes > MAX_REPLY_BYTES:
                message = f"the endpoint {self._where} sends more than {MAX_REPLY_BYTES >> 20} MB as an answer"
                raise EndpointError(message, "is it the right address?")
            if time.monotonic() - self._began_s > self._timeout_s:
                raise _too_slow(self._where, self._timeout_s)
            yield chunk


def _check_url(base_url: str) -> None:
    try:
        url = urlsplit(base_url)
        ok = url.scheme in ("http", "https") and url.hostname and url.port != 0
    except ValueError:
        ok = False
    if not ok or re.search(r"[\s?#]", base_url):
        raise ValueError("base_url must be like http://localhost:8000/v1")
    if url.username or url.password:
        raise ValueError("base_url must not hold a password: it is a part of every result; use the endpoint's key")


def _library() -> ModuleType:
    try:
        import openai
    except ImportError as error:
        raise DependencyMissing(f"answer: endpoint needs the package openai ({error})", "pip install openai") from error
    return openai


def _without(key: str, text: str) -> str:
    return text if key == NO_KEY else text.replace(key, "***")


def _status_hint(status: int, said: str, model: str) -> str:
    said = said.lower()
    if status in (401, 403):
        return "give the endpoint's key in VIDCOMP_ENDPOINT_API_KEY"
    if 300 <= status < 400:
        return "set answer.base_url to where it redirects"
    if status == 404:
        return f"does answer.base_url end where the API begins, often in /v1, and does the server have {model}?"
    if status == 413 or re.search(r"context|too (long|large|many)|maximum|at most [1-9]\d* image", said):
        return "send less: --set select.k=8, answer.max_side_px=512, answer.max_text_chars=4000"
    if 400 <= status < 500 and re.search(r"max_tokens|temperature", said):
        return "leave it to the server: --set answer.max_tokens=null or --set answer.temperature=null"
    if 400 <= status < 500 and re.search(r"image|vision|multi-?modal|be a (valid )?string|content type", said):
        return f"{model} seems not to take pictures: choose a model that does, or answer with extractive"
    if status == 429:
        return "it is busy, or the key's quota is used up: try again later"
    return "the server's own log says more"


def _too_slow(where: str, timeout_s: float) -> EndpointError:
    message = f"the endpoint {where} gave no answer in {timeout_s:g} s"
    return EndpointError(message, "--set answer.timeout_s=600 waits longer")


def _evidence(plan: ClipPlan, times_s: Sequence[float], spans: Iterable[TextSpan]) -> tuple[Evidence, ...]:
    shown = [Evidence(clip.start_s, clip.end_s, "clip", score=clip.score) for clip in _shown(plan, times_s)]
    given = [Evidence(span.start_s, span.end_s, span.source, span.text, span.score) for span in spans]
    return (*shown, *given)


def _shown(plan: ClipPlan, times_s: Sequence[float]) -> Iterator[Clip]:
    """The clips of which a frame was sent that none before them had; a film that ends early repeats its last one."""
    last = -1
    for clip in plan.clips if times_s else ():
        # Before the first frame, the first is on display.
        seen = (max(0, bisect_right(times_s, t + SAME_FRAME_S) - 1) for t in clip.frame_times_s)
        if (on_display := max(seen, default=-1)) > last:
            last = on_display
            yield clip
