"""Finds a browser for the tests: Chromium or Chrome on PATH, else Playwright's own. As a script: exit 1 without one."""

from __future__ import annotations

import shutil
import subprocess
import sys

from playwright.sync_api import Playwright, sync_playwright

HEADLESS = ("chromium-headless-shell", "chrome-headless-shell")
"""Without windows and tabs of its own: half the work."""
NAMES = (*HEADLESS, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def executable(playwright: Playwright) -> str | None:
    """The path of a Chromium or Chrome that starts, None where there is none."""
    candidates = (*map(shutil.which, NAMES), playwright.chromium.executable_path)
    return next((path for path in candidates if path and starts(path)), None)


def starts(path: str) -> bool:
    """Whether the browser at `path` runs; Ubuntu's package is a stub that only asks for a snap."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=30, check=False).returncode == 0
    except OSError:
        return False


if __name__ == "__main__":
    with sync_playwright() as found:
        sys.exit(executable(found) is None)
