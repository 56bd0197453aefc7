"""QR codes as drawings in a page: paths only, no script and no style, which the page's security policy lets be."""

from functools import lru_cache

import segno

QUIET_ZONE = 4
"""White modules around a code, as ISO/IEC 18004 asks for."""


@lru_cache(maxsize=1024)
def qr_svg(text: str) -> str:
    """Return an SVG of the QR code of a text: black on white whatever the theme, error correction M, scaled by its frame.

    Raises ValueError for an empty text and for one that no code can hold (some 2,300 bytes).
    """
    if not text:
        raise ValueError("an empty text has no code")
    code = segno.make_qr(text, error="m", boost_error=False)
    return code.svg_inline(border=QUIET_ZONE, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None)
