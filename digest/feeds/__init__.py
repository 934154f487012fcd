"""Feeds: typed entries become RSS 2.0, Atom and JSON Feed 1.1 with the same items in one order.

``model`` says what a feed is, ``content`` makes a text fit to be read elsewhere, ``ids`` gives ids
that stay, and ``rss``, ``atom`` and ``json`` each write one format.
"""
