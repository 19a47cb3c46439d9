import { slug } from "github-slugger";
import { defineConfig } from "vitepress";
import { diagrams } from "../src/diagrams.ts";
import { literalBraces } from "../src/literal-braces.ts";
import { repositoryLinks } from "../src/repository-links.ts";
import { sidebar } from "../src/sidebar.ts";
import { collectSources } from "../src/sources.ts";

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E%3Cpath d='M0 2h8M0 6h8M2 0v8M6 0v8' stroke='%23d60590' stroke-width='1.4'/%3E%3C/svg%3E";

export default defineConfig({
  title: "Weft",
  description: "Documentation of Weft, the multi-tenant workflow platform",
  lang: "en",
  base: "/docs/",
  srcDir: "pages",
  cleanUrls: true,
  // `pnpm check` follows the links; a page with a dead one is better than no documentation.
  ignoreDeadLinks: true,
  // The table of the pages' files is a file of its own: inline it would change the content security policy with every page.
  metaChunk: true,
  head: [["link", { rel: "icon", href: icon }]],
  markdown: {
    anchor: { slugify: (text) => slug(text) },
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    languageAlias: { cel: "javascript" },
    config(md) {
      diagrams(md);
      repositoryLinks(md, collectSources());
      literalBraces(md);
    },
  },
  themeConfig: {
    nav: [{ text: "Documentation", link: "/" }],
    // The landing page, not the start of the documentation.
    logoLink: { link: "/", target: "_self" },
    sidebar: sidebar(),
    outline: { level: [2, 3] },
    search: { provider: "local", options: { detailedView: true } },
    externalLinkIcon: true,
  },
});
