import type MarkdownIt from "markdown-it";
import { posix } from "node:path";
import { repositoryPath, siteLink, type Source } from "./sources.ts";

/** Links of pages are paths in the repository, as an editor follows them: here they become links of the site. */
export function repositoryLinks(md: MarkdownIt, sources: readonly Source[]): void {
  const pathOf = new Map(sources.map(({ staged, path }) => [staged, path]));
  md.core.ruler.push("repository-links", ({ tokens, env }) => {
    const staged = (env as { relativePath?: string }).relativePath ?? "";
    const from = pathOf.get(staged);
    if (from === undefined) return;
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.type === "link_open" ? token.attrGet("href") : null;
      if (href === null) continue;
      const [path = "", anchor] = href.split("#");
      const target = repositoryPath(from, path);
      if (target === undefined) continue;
      const link = posix.relative(posix.dirname(staged), siteLink(target));
      token.attrSet("href", `${link.startsWith(".") ? link : `./${link}`}${anchor === undefined ? "" : `#${anchor}`}`);
    }
  });
}
