"""The site of the benchmark for Pelican, with the pages and about the HTML that digest makes."""

import os

FEEDS = bool(os.environ.get("BENCH_FEEDS"))

SITENAME = "Kabar"
SITEURL = "https://kabar.example"
PATH = "content"
ARTICLE_PATHS = ["articles"]
OUTPUT_PATH = "output"
THEME = "theme"
TIMEZONE = "Asia/Jakarta"
DEFAULT_LANG = "id"
LOCALE = ["C"]
PLUGINS: list[str] = []
USE_FOLDER_AS_CATEGORY = False
STATIC_PATHS: list[str] = []
THEME_STATIC_PATHS: list[str] = []

ARTICLE_URL = "{date:%Y}/{date:%m}/{date:%d}/{slug}/"
CATEGORY_URL = "kanal/{slug}/"
TAG_URL = "tag/{slug}/"
DAY_ARCHIVE_URL = "indeks/{date:%Y}/{date:%m}/{date:%d}/"
TERKINI_URL = "terkini/"
ARTICLE_SAVE_AS = ARTICLE_URL + "index.html"
CATEGORY_SAVE_AS = CATEGORY_URL + "index.html"
TAG_SAVE_AS = TAG_URL + "index.html"
DAY_ARCHIVE_SAVE_AS = DAY_ARCHIVE_URL + "index.html"
TERKINI_SAVE_AS = "terkini/index.html"
TAGS_SAVE_AS = "tag/index.html"
AUTHOR_SAVE_AS = ""
SLUGIFY_SOURCE = "basename"

DIRECT_TEMPLATES = ["index", "terkini", "tags"]
DEFAULT_PAGINATION = 20
PAGINATED_TEMPLATES = {"terkini": None, "tag": None, "category": None, "period_archives": None}
PAGINATION_PATTERNS = [
    (1, "{url}", "{save_as}"),
    (2, "{base_name}/hal/{number}/", "{base_name}/hal/{number}/index.html"),
]

# No highlighting of code (the default): there is none.
MARKDOWN = {
    "extension_configs": {"markdown.extensions.extra": {}, "markdown.extensions.meta": {}},
    "output_format": "html5",
}
SUMMARY_MAX_LENGTH = 25
DEFAULT_DATE_FORMAT = "%d %B %Y"

FEED_ALL_ATOM = "feeds/all.atom.xml" if FEEDS else None
CATEGORY_FEED_ATOM = "kanal/{slug}/feed.atom.xml" if FEEDS else None
TAG_FEED_ATOM = "tag/{slug}/feed.atom.xml" if FEEDS else None
TRANSLATION_FEED_ATOM = None
AUTHOR_FEED_ATOM = None
AUTHOR_FEED_RSS = None
FEED_MAX_ITEMS = 20
