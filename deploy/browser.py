"""Chromium for the browser tests, and fonts so that every language of the portal can be seen."""

import os
import shutil
import subprocess
from collections.abc import Sequence

# Without a window the same engine needs a quarter less of the processor, and no desktop's libraries.
LIGHTER = {"chromium": "chromium-headless-shell"}
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
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
    # An update may fail for one foreign source and still know Chromium.
    _apt("apt-get", "--quiet", "update")
    wanted = [lighter if (lighter := LIGHTER.get(name)) and _is_known(lighter) else name for name in packages]
    done = _apt("apt-get", "--quiet", "install", "--yes", "--no-install-recommends", *wanted)
    if done.returncode == 0:
        return ""
    lines = done.stdout.decode(errors="replace").strip().splitlines() or ["no reason given"]
    return f"apt-get: {lines[-1]}"


def _is_known(package: str) -> bool:
    """Whether apt could install the package: not every distribution has each of them."""
    return b"Candidate: (none)" not in (said := _apt("apt-cache", "policy", package).stdout) and b"Candidate:" in said


def _apt(*words: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        words,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )


def advice(packages: Sequence[str], problem: str) -> str:
    """One line for the person at the shell."""
    what = "Without Chromium the browser tests are skipped" if "chromium" in packages else "Fonts are missing"
    return f"{what} ({problem}). To get them: apt install {' '.join(packages)}"
