"""What a person sees of a stack: the page of a run and the strip of parts, of the published dashboard, in a browser."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from playwright.sync_api import Error, sync_playwright

from app.components.words import state_sign
from app.services.run import RunState
from modules.i18n import use_language
from tests.chromium import QUIET, find_chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator, Page

    from tests.compose.rehearsal import Composed

#: The first badge on the page of a run is its state.
BADGE: Final = ".stMarkdownBadge"
STRIP: Final = ".st-key-health-strip"
ADVICE: Final = ".st-key-health-advice"
#: A strip shows what was known up to six seconds ago, and asks anew every five.
_STRIP_S: Final = 8.0
#: The word on every page of a stack whose password nobody changed; not what is looked for here.
_PASSWORD: Final = "PREFECT_POSTGRES_PASSWORD"
#: The part that a stack on trial has not made ready.
PRODUCTION: Final = "carpetas de producción"
#: The text beside an icon: the icon is text too, its name.
_TEXT: Final = "each => [...each.childNodes].filter(n => n.nodeType === 3).map(n => n.textContent).join('').trim()"
_LOADS: Final = 6


@dataclass(frozen=True, slots=True)
class Look:
    """What a run's page says: the word of its state, and sentences of its alerts. Neither where no page is shown."""

    word: str = ""
    alerts: tuple[str, ...] = ()

    def __str__(self) -> str:
        said = [f"“{self.word}”"] if self.word else []
        return " ".join([*said, *(f"“{alert}”" for alert in self.alerts)]) or "no page: the dashboard is off"


@dataclass(frozen=True, slots=True)
class Strip:
    """Parts that are called not well (`bad`) or in need of attention, each as it is written, and sentences below.

    Production's folders, which a stack on trial does not have, are left out.
    """

    bad: tuple[str, ...] = ()
    attention: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    shown: bool = False

    def __str__(self) -> str:
        if not self.shown:
            return "no strip: the dashboard is off"
        sentences = (f"“{sentence}”" for sentence in self.advice)
        return " ".join([", ".join(self.bad + self.attention) or "all well", *sentences])


class Looker:
    """A person with a browser."""

    def __init__(self, stack: Composed, page: Page) -> None:
        self._stack = stack
        self._page = page

    def run(self, run_id: str) -> Look:
        """Open the page of a run; as it is drawn after a few seconds."""
        if not self._load(f"{self._stack.dashboard}/corridas?run={run_id}", f"{BADGE}, [data-testid=stAlert]"):
            return Look()
        deadline = time.monotonic() + 10
        while True:
            badges, alerts = self._page.locator(BADGE), self._alerts()
            if badges.count() or alerts or time.monotonic() > deadline:
                break
            time.sleep(0.3)
        time.sleep(1.5)  # what an ended run left is drawn after its state
        return Look(_texts(badges.first)[0] if badges.count() else "", self._alerts())

    def strip(self, seconds: float = _STRIP_S) -> Strip:
        """Open the first page and read its strip after so long, as it was asked for anew by then."""
        if not self._load(self._stack.dashboard, f"{STRIP} {BADGE}"):
            return Strip()
        time.sleep(seconds)
        badges = self._page.locator(f"{STRIP} {BADGE}").filter(has_not_text=PRODUCTION)
        bad, attention = (_texts(badges.filter(has_text=icon)) for icon in ("error", "warning"))
        sentences = self._page.locator(f"{ADVICE} p").all_inner_texts()
        told = (text.partition(" ")[2] for text in sentences if PRODUCTION not in text)
        return Strip(bad, attention, tuple(told), shown=True)

    def _alerts(self) -> tuple[str, ...]:
        texts = self._page.get_by_test_id("stAlert").all_inner_texts()
        return tuple(text.split("\n\n", 1)[-1].strip() for text in texts if _PASSWORD not in text)

    def _load(self, address: str, wanted: str) -> bool:
        """Open an address and wait for something on it; again, as Chromium drops loads when containers come and go."""
        for _ in range(_LOADS):
            try:
                self._page.goto(address, timeout=15_000)
                self._page.locator(wanted).first.wait_for(timeout=15_000)
            except Error:
                time.sleep(1)
            else:
                return True
        return False


def _texts(badges: Locator) -> tuple[str, ...]:
    return tuple(badges.nth(place).evaluate(_TEXT) for place in range(badges.count()))


def word_of(state: str) -> str:
    """Give the word that a page has to show for a state of Prefect's."""
    known = RunState(state.lower()) if state.lower() in set(RunState) else RunState.WAITING
    with use_language("es"):
        return state_sign(known).word


@contextmanager
def looker(stack: Composed) -> Iterator[Looker]:
    """Open a browser that looks at the stack's dashboard."""
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit("no Chromium was found on this machine: nobody would see what the pages say")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        try:
            yield Looker(stack, browser.new_page(locale="es-AR"))
        finally:
            browser.close()
