"""Takes docs/chat.png: the example's page in Chromium, served by `samstream local`, while an answer is coming."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "chat.png"
FIRST = "Hello!"
SECOND = (
    "Why does an answer that streams feel faster than one that comes whole? Both take the same time in the end, but "
    "reading can begin with the first word, and whoever sees that something comes is glad to wait for the rest of it."
)
ENOUGH = "begin with the first word"
"""What of the second answer is in the picture."""


@contextmanager
def serving() -> Iterator[str]:
    """The address at which `samstream local` serves the example."""
    samstream = Path(sys.executable).with_name("samstream")
    command = [str(samstream), "local", str(ROOT / "example/template.yaml"), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield next(
                found[1] for line in process.stdout if (found := re.search(r"Serving on (http://[\w.:]+\d)", line))
            )
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate()


def send(page: Page, prompt: str) -> None:
    page.get_by_label("Prompt").fill(prompt)
    page.get_by_role("button", name="Send").click()


def take(address: str, chromium: str) -> None:
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        page = browser.new_page(viewport={"width": 760, "height": 720}, device_scale_factor=1.5)
        page.goto(address)
        send(page, FIRST)
        expect(page.get_by_role("button")).to_have_text("Send")
        send(page, SECOND)
        expect(page.locator(".answer").last).to_contain_text(ENOUGH)
        page.screenshot(path=PICTURE)
        expect(page.get_by_role("button")).to_have_text("Stop", timeout=1)  # else the answer was over
        browser.close()


def main() -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium isn't on PATH. Install it: apt-get install chromium")
    with serving() as address:
        take(address, chromium)


if __name__ == "__main__":
    main()
