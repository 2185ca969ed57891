"""Chromium for the browser tests, and fonts so that every language of the portal can be seen."""

import os
import shutil
import subprocess
from collections.abc import Sequence

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# A language that the fonts of a package must cover → the package.
FONTS = {"zh": "fonts-noto-cjk", "ja": "fonts-noto-cjk", "ar": "fonts-noto-core", "hi": "fonts-noto-core"}


def find() -> str | None:
    """The path of a Chromium on this machine, or None."""
    return next((path for path in map(shutil.which, PROGRAMS) if path), None)


def _has_font_for(language: str) -> bool:
    program = shutil.which("fc-list")
    if program is None:
        return False
    said = subprocess.run([program, f":lang={language}", "file"], capture_output=True, check=False)
    return bool(said.stdout.strip())


def missing_packages() -> list[str]:
    """The Debian packages that browser tests still lack here."""
    browser = [] if find() else ["chromium"]
    fonts = {package for language, package in FONTS.items() if not _has_font_for(language)}
    # fc-list, which answers the question above, comes with fontconfig.
    return [*browser, *sorted(fonts), *(["fontconfig"] if fonts else [])]


def can_install() -> bool:
    """Whether apt is here and we may use it."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(packages: Sequence[str]) -> str:
    """Install packages by apt; returns what went wrong, in a few words, or an empty text."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        done = subprocess.run(
            ["apt-get", "--quiet", *words],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        # An update may fail for one foreign source and still know Chromium.
        if done.returncode != 0 and words[0] == "install":
            lines = done.stdout.decode(errors="replace").strip().splitlines() or ["no reason given"]
            return f"apt-get: {lines[-1]}"
    return ""


def advice(packages: Sequence[str], problem: str) -> str:
    """One line for the person at the shell."""
    what = "Without Chromium the browser tests are skipped" if "chromium" in packages else "Fonts are missing"
    return f"{what} ({problem}). To get them: apt install {' '.join(packages)}"
