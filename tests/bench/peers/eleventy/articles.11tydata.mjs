// Data of all articles.
const local = (date) => new Date(date.getTime() + 7 * 3600 * 1000).toISOString().slice(0, 10);

export default {
  layout: "article.njk",
  permalink: ({ page }) => `/${local(page.date).replaceAll("-", "/")}/${page.fileSlug}/`,
};
