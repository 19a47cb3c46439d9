const page = (head: string, text: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
${head}<meta name="color-scheme" content="light dark">
<title>Documentation – Weft</title>
${text}
<p>To build it yourself, run <code>npx --yes pnpm run docs:site</code>. The same pages are Markdown files in the <code>docs</code> folder. Start with <code>docs/index.md</code>.</p>
</html>
`;

/** The page at `/docs/` while Weft builds the site. It reloads itself. */
export const beingBuiltPage = page(
  '<meta http-equiv="refresh" content="5">\n',
  `<h1>The documentation is not ready yet</h1>
<p>Weft builds it when somebody opens this page, which takes up to a minute the first time. The page then reloads by itself.</p>`,
);

/** The page at `/docs/` where nothing builds the site. */
export const notBuiltPage = page("", "<h1>The documentation has not been built</h1>");
