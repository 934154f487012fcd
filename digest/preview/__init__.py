"""Live preview: a site in memory, pages made when they are looked at, browsers that follow edits.

The main thread is the *desk*: it alone reads content, converts it and makes pages, taking one
errand at a time from its tray. Beside it run the watcher (files that changed), the server (what
browsers ask for), the composer (the whole site anew, behind an edit that is shown already) and the
proofreader (a process that makes all pages once and tells what is wrong with them).
"""
