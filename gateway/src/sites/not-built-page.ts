import { escapedHtml } from "@weft/shared/texts";

/** What the pages say about a site that is not built. */
export interface NotBuilt {
  /** What is built, such as "Documentation". */
  readonly name: string;
  /** How to build it by hand, as HTML. */
  readonly byHand: string;
}

const page = (name: string, head: string, text: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
${head}<meta name="color-scheme" content="light dark">
<title>${name} – Weft</title>
${text}
</html>
`;

/**
 * The page of a site while Weft builds it. It reloads itself. Without the address, browsers would only scroll to the fragment of the link, if it has
 * one, and never reload. The fragment is lost, because the server does not know it.
 *
 * @param address path and query of the page
 */
export const beingBuiltPage = ({ name, byHand }: NotBuilt, address: string): string =>
  page(
    name,
    `<meta http-equiv="refresh" content="2; url=${escapedHtml(address)}">\n`,
    `<h1>The ${name.toLowerCase()} is not ready yet</h1>
<p>Weft builds it when somebody opens this page, which takes up to a minute the first time. The page then reloads by itself.</p>
<p>${byHand}</p>`,
  );

/** The page of a site where nothing builds it. */
export const notBuiltPage = ({ name, byHand }: NotBuilt): string =>
  page(name, "", `<h1>The ${name.toLowerCase()} has not been built</h1>\n<p>${byHand}</p>`);
