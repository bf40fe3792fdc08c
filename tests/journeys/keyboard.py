"""A person who uses no mouse: what has the focus, whether it can be seen, and how to get on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.journeys.pages import act_and_arrive

FARTHEST = 60
"""Presses of Tab after which something cannot be reached in good time."""

LOOK = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const line = element.closest("label") || element;
  const seen = [element, line].some((each) => {
    const style = getComputedStyle(each);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  });
  const box = element.getBoundingClientRect();
  const x = box.left + box.width / 2, y = box.top + Math.min(box.height / 2, 20);
  const top = document.elementFromPoint(x, y);
  const uncovered = top !== null && (line.contains(top) || top.contains(line));
  return {
    tag: element.localName,
    type: element.getAttribute("type") || "",
    name: element.getAttribute("name") || "",
    value: element.getAttribute("value") || "",
    href: element.getAttribute("href") || "",
    text: (element.innerText || line.innerText || "").trim(),
    outlined: seen,
    onScreen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    uncovered,
  };
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """What has the focus, and how a person sees that it has."""

    tag: str
    type: str
    name: str
    value: str
    href: str
    text: str
    outlined: bool
    onScreen: bool  # noqa: N815
    uncovered: bool


def focus(page: Page) -> Focus | None:
    """Return what has the focus; None if the page as a whole has it."""
    found = page.evaluate(LOOK)
    return Focus(**found) if found else None


def tab_to(page: Page, wanted: Callable[[Focus], bool], what: str) -> Focus:
    """Press Tab until something has the focus; on the way each stop can be seen and used."""
    passed = []
    for _ in range(FARTHEST):
        page.keyboard.press("Tab")
        now = focus(page)
        if now is None:
            continue
        passed.append(now)
        assert now.tag in ("a", "button", "input", "select", "summary", "div"), now
        assert now.outlined, f"{page.url}: nothing shows that this has the focus: {now}"
        assert now.onScreen, f"{page.url}: the focus is off the screen: {now}"
        assert now.uncovered, f"{page.url}: the focus is covered by something: {now}"
        if wanted(now):
            return now
    raise AssertionError(f"{page.url}: {what} is not reached by Tab, only {passed}")


def go(page: Page, words: str) -> None:
    """Reach the button or link that bears the words, and press Enter."""
    tab_to(page, lambda now: now.tag in ("a", "button") and now.text == words, words)
    act_and_arrive(page, lambda: page.keyboard.press("Enter"))


def fill(page: Page, name: str, text: str) -> None:
    """Reach a field by its name and type into it."""
    tab_to(page, lambda now: now.name == name, f"the field {name}")
    page.keyboard.type(text)


def choose(page: Page, name: str, value: str) -> None:
    """Reach a group of radio buttons and move to one with the arrow keys."""
    tab_to(page, lambda now: now.name == name, f"the group {name}")
    page.keyboard.press("Space")
    for _ in range(12):
        now = focus(page)
        assert now is not None
        assert now.name == name, now
        if now.value == value:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{page.url}: {value} is not reached by the arrow keys in {name}")
