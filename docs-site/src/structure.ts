import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { sections } from "./sidebar.ts";
import { repositoryPath, root, type Source, targetsOf } from "./sources.ts";

const maxReadmeLinks = 12;

/** The pages that a page links to, as paths in the repository. */
function linkedPages(path: string): Set<string> {
  const links = readFileSync(join(root, path), "utf8").matchAll(/\]\(([^)\s#]+\.md)(?:#[^)\s]*)?\)/g);
  return new Set([...links].flatMap(([, href = ""]) => repositoryPath(path, href) ?? []));
}

/** Whether a page is built by `pnpm run docs` and not committed: what a folder of the reference contains, except for its index. */
const isBuilt = (path: string): boolean => /^docs\/reference\/[^/]+\/(?!index\.md$)/.test(path);

/**
 * Links that lead nowhere for readers of the repository, which does not contain built pages. Only the index of their folder, which says where they
 * are, and built pages themselves link to them.
 */
export function linksToBuiltPages(pages: readonly Pick<Source, "path" | "text">[]): string[] {
  return pages
    .filter(({ path }) => !isBuilt(path))
    .flatMap(({ path, text }) =>
      [...new Set(targetsOf(path, text))]
        .filter((target) => isBuilt(target) && posix.dirname(target) !== posix.dirname(path))
        .map((target) => `${path} links to ${target}, which is not committed. Link to ${posix.dirname(target)}/index.md instead.`),
    );
}

/** What readers could not find: pages that no index lists, and a README with too many links. Empty when all is well. */
export function structureProblems(pages: readonly string[]): string[] {
  const problems: string[] = [];
  for (const page of pages) {
    if (page === "docs/index.md") continue;
    const folder = posix.dirname(page);
    const isSection =
      folder !== "docs" && sections.some((section) => folder === `docs/${section}` || folder.startsWith(`docs/${section}/`));
    if (!isSection) problems.push(`${page} is not in a section. Move it to docs/${sections.join("/, docs/")}/.`);
    const parent = page.endsWith("/index.md") ? posix.dirname(folder) : folder;
    const index = `${parent}/index.md`;
    if (!existsSync(join(root, index))) problems.push(`${folder} has no index.md. Write one that lists its pages.`);
    else if (!linkedPages(index).has(page)) problems.push(`${index} does not list ${posix.relative(parent, page)}. Add it there.`);
  }
  const links = linkedPages("README.md").size;
  if (links > maxReadmeLinks)
    problems.push(`README.md links to ${links} pages, but at most ${maxReadmeLinks} are allowed. Link to an index instead.`);
  return problems;
}
