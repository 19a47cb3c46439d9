/** The page at `/docs/` until the site is built. It reloads itself, because `pnpm start` builds the site in the background. */
export const notBuiltPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="5">
<meta name="color-scheme" content="light dark">
<title>Documentation – Weft</title>
<h1>The documentation is not ready yet</h1>
<p>After <code>pnpm start</code>, it is built in the background, which takes up to a minute the first time. This page then shows the documentation.</p>
<p>To build it yourself, run <code>npx --yes pnpm run docs:site</code>. The same pages are Markdown files in the <code>docs</code> folder. Start with <code>docs/index.md</code>.</p>
</html>
`;
