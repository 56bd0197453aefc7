"""Parts of a page that are the same for many: drawn once, then kept in the process."""

from collections.abc import Hashable

from django import template
from django.conf import settings
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()
_MOST = 500


@register.tag
def fixed(parser: Parser, token: Token) -> "FixedNode":
    """Draw what stands between `{% fixed %}` and `{% endfixed %}` once for each language and keep it.

    It must depend on nothing but the language and the values named in the tag: ``{% fixed path choice %}``; while one of them
    is missing, nothing is kept.
    """
    depends_on = [parser.compile_filter(one) for one in token.split_contents()[1:]]
    nodes = parser.parse(("endfixed",))
    parser.delete_first_token()
    return FixedNode(nodes, depends_on)


class FixedNode(template.Node):
    """The part with what was drawn of it; it lives as long as its template, which is loaded once."""

    def __init__(self, nodelist: NodeList, depends_on: list[FilterExpression]) -> None:
        self.nodelist = nodelist
        self.depends_on = depends_on
        self._drawn: dict[tuple[Hashable, ...], SafeString] = {}

    def render(self, context: Context) -> SafeString:
        """Return what was drawn for these values; while debugging, files change and it is drawn anew."""
        if settings.DEBUG:
            return self._draw(context)
        key = (get_language(), *(one.resolve(context, ignore_failures=True) for one in self.depends_on))
        if None in key:
            return self._draw(context)
        drawn = self._drawn.get(key)
        if drawn is None:
            if len(self._drawn) >= _MOST:
                self._drawn.clear()
            drawn = self._drawn[key] = self._draw(context)
        return drawn

    def _draw(self, context: Context) -> SafeString:
        # What a tag inside names (`regroup … as`) stays inside: it would be missing when the part was kept.
        with context.push():
            return self.nodelist.render(context)
