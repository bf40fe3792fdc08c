"""What a browser may do with a page, said with every page."""

from __future__ import annotations

CONTENT_POLICY = "; ".join(
    [
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "font-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
)

PERSONAL = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
"""For everything that shows a person's data; pages are different for each person."""

# Not `no-referrer`: with it browsers send `Origin: null` also from our own forms.
PAGE = {
    **PERSONAL,
    "Content-Security-Policy": CONTENT_POLICY,
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
