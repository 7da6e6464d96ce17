"""The command line: ``vidcomp COMMAND``. Nothing is decided here; importing this imports no model library.

Commands return their exit code. What the user should know becomes ``error:`` and ``hint:`` on stderr; anything
unforeseen keeps its traceback, because it is a bug.
"""

from __future__ import annotations

import signal
import sys

import typer

from vidcomp.errors import VidcompError, one_line

app = typer.Typer(
    name="vidcomp",
    help="Ask films questions; get answers with their evidence.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help starts three times as fast
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    # Ended from outside, leave as after Ctrl-C: terminal restored, child processes gone.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Runs one command line and returns its exit code (see :mod:`vidcomp.errors`; 130 when interrupted)."""
    from vidcomp.cli import ask, house, look  # noqa: F401  (each registers its commands)

    try:
        code = app(arguments, prog_name="vidcomp", standalone_mode=False) or 0
        sys.stdout.flush()
        # Typer turns Ctrl-C into this code without a word.
        return complain("interrupted", "run it again: what was finished is kept", 130) if code == 130 else code
    except VidcompError as error:
        return complain(error.message, error.hint, error.exit_code)
    except typer.TyperException as error:
        return complain(one_line(error.format_message()), "see vidcomp --help", 2)


def complain(message: str, hint: str, code: int) -> int:
    print(f"error: {message}", file=sys.stderr)
    if hint:
        print(f"hint: {hint}", file=sys.stderr)
    return code


@app.callback(invoke_without_command=True)
def _root(version: bool = typer.Option(False, "--version", help="Show the version and exit.")) -> int | None:
    if version:
        from vidcomp import __version__

        print(f"vidcomp {__version__}")
    return 0
