"""The look: base templates, components, template tags, scripts and styles.

Owns how a page is built and behaves in the browser. Knows no domain: components take plain values, times and anything that
has a ``name``. How to use each component: ``docs/design.md``; all of them on one page: ``/ui/gallery/`` in demo mode.
"""
