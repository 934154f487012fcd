// The site of the benchmark for Eleventy, with the pages and about the HTML that digest makes.
import feeds from "@11ty/eleventy-plugin-rss";
import footnotes from "markdown-it-footnote";

const SIZE = 20;
const WIB = 7 * 3600 * 1000;
const LONG = new Intl.DateTimeFormat("id-ID", { dateStyle: "long", timeZone: "Asia/Jakarta" });
const FULL = new Intl.DateTimeFormat("id-ID", { dateStyle: "full", timeZone: "Asia/Jakarta" });

/** The date in the site's time zone, as in 2022-02-13T09:15:00. */
const local = (date) => new Date(date.getTime() + WIB).toISOString().slice(0, 19);

/** A value made once for each key. */
function once(make) {
  const known = new Map();
  return (key, ...rest) => {
    if (!known.has(key)) known.set(key, make(key, ...rest));
    return known.get(key);
  };
}

/** Pages of at most SIZE items below a URL. */
function paged(title, url, items) {
  const total = Math.ceil(items.length / SIZE);
  const at = (number) => (number === 1 ? url : `${url}hal/${number}/`);
  return Array.from({ length: total }, (_, index) => {
    const number = index + 1;
    const shown = [...Array(total).keys()]
      .map((key) => key + 1)
      .filter((key) => key === 1 || key === total || Math.abs(key - number) <= 2);
    return {
      title,
      url: at(number),
      count: items.length,
      number,
      total,
      items: items.slice(index * SIZE, number * SIZE),
      newer: number > 1 && at(number - 1),
      older: number < total && at(number + 1),
      pages: shown.map((key) => ({ number: key, url: at(key) })),
    };
  });
}

/** Items in groups, the groups by name. */
function grouped(items, names) {
  const groups = new Map();
  for (const item of items) {
    for (const name of names(item)) {
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(item);
    }
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}

export default function (config) {
  const slug = once((name) => name.toLowerCase().replace(/ /g, "-"));
  const plain = once((item) => item.rawInput.replace(/\]\([^)]*\)|[*#>[\]|]/g, ""));
  const places = new Map();

  config.addPlugin(feeds);
  config.amendLibrary("md", (md) => md.use(footnotes));
  config.addFilter("slugOf", slug);
  config.addFilter("iso", (date) => `${local(date)}+07:00`);
  config.addFilter("dayPath", (date) => local(date).slice(0, 10).replaceAll("-", "/"));
  config.addFilter("clock", (date) => local(date).slice(11, 16).replace(":", "."));
  config.addFilter("longDate", (date) => LONG.format(date));
  config.addFilter("fullDate", (date) => FULL.format(date));
  config.addFilter("first", (items, count) => items.slice(0, count));
  config.addFilter("after", (items, count) => items.slice(count));
  config.addFilter("minutes", once((item) => Math.ceil(plain(item).split(/\s+/).length / 200)));
  config.addFilter("summaryOf", once((item) => item.data.summary || `${plain(item).slice(0, 180)}…`));
  config.addFilter("neighbour", (items, page, step) => items[places.get(page.inputPath) + step]);
  config.addFilter("itemOf", (items, page) => items[places.get(page.inputPath)]);

  const articles = once((api) => {
    const items = api.getFilteredByGlob("content/articles/**/*.md").reverse();
    items.forEach((item, place) => places.set(item.inputPath, place));
    return items;
  });
  const days = (api) => grouped(articles(api), (item) => [local(item.date).slice(0, 10).replaceAll("-", "/")]);
  const tags = (api) => grouped(articles(api), (item) => item.data.tags);
  const kanal = (api) => grouped(articles(api), (item) => [item.data.category]);
  config.addCollection("newest", (api) => articles(api));
  config.addCollection("kanal", (api) => kanal(api).map(([name, items]) => ({ name, items })));
  config.addCollection("allTags", (api) => tags(api).map(([name, items]) => ({ name, items })));
  config.addCollection("lists", (api) => [
    ...paged("Terkini", "/terkini/", articles(api)),
    ...kanal(api).flatMap(([name, items]) => paged(name, `/kanal/${slug(name)}/`, items)),
    ...tags(api).flatMap(([name, items]) => paged(name, `/tag/${slug(name)}/`, items)),
    ...days(api).flatMap(([name, items]) => paged(name, `/indeks/${name}/`, items)),
  ]);
  config.addCollection("fed", (api) =>
    process.env.BENCH_FEEDS
      ? [
          { title: "Kabar", url: "/", items: articles(api) },
          ...kanal(api).map(([name, items]) => ({ title: name, url: `/kanal/${slug(name)}/`, items })),
          ...tags(api).map(([name, items]) => ({ title: name, url: `/tag/${slug(name)}/`, items })),
        ]
      : [],
  );
  config.addGlobalData("site", { title: "Kabar", url: "https://kabar.example" });
  return {
    dir: { input: "content", includes: "../_includes", output: "output" },
    // Articles hold no template code: the Markdown goes straight to markdown-it.
    markdownTemplateEngine: false,
    htmlTemplateEngine: "njk",
  };
}
