import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** Root of the repository. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** Pages that are in the site although they are not in `docs/`. */
const projectPages = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"];
/** Folders in `packages/` of what is published for applications and servers. The reference has a page for each of their entry points. */
export const publishedPackages = ["client", "react", "server"] as const;

const ignored = new Set(["node_modules", "dist", "__generated__", "pnpm-lock.yaml"]);

/** A file of the site before it is built. */
export interface Source {
  /** Path in the repository. */
  readonly path: string;
  /** Path in the site's sources: `page` of Markdown, with the images of pages alongside, else under `public/`. */
  readonly staged: string;
  /** Empty for an image, which is copied. */
  readonly text: string;
}

/** Where a file of the repository is in the site, relative to its root: pages of `docs/` at the top, other files under `repository/`. */
export function siteLink(path: string): string {
  if (path.startsWith("docs/") || path === "docs") return directoryAsIndex(path).slice("docs/".length);
  if (isDirectory(path)) return `repository/${path}/index.md`;
  return path.endsWith(".md") ? `repository/${path}` : `repository/${path}.txt`;
}

/** Whether a file is shown in pages. */
export const isImage = (path: string): boolean => path.endsWith(".webp");

const isDirectory = (path: string): boolean => existsSync(join(root, path)) && statSync(join(root, path)).isDirectory();
const directoryAsIndex = (path: string): string => (isDirectory(path) ? `${path}/index.md` : path);

/** Every page in `docs/`, and every file of the repository that a page links to, so that no link leads out of the site. */
export function collectSources(): Source[] {
  const sources = new Map<string, Source>();
  const waiting = [...filesBelow("docs"), ...projectPages];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (sources.has(path)) continue;
    const source = isDirectory(path) ? listing(path) : fileSource(path);
    sources.set(path, source);
    if (source.staged.endsWith(".md")) waiting.push(...linksOf(path, source.text));
  }
  return [...sources.values()].toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

function fileSource(path: string): Source {
  const link = siteLink(path);
  if (isImage(path)) return { path, staged: link, text: "" };
  return { path, staged: link.endsWith(".md") ? link : `public/${link}`, text: readFileSync(join(root, path), "utf8") };
}

/** A page for a directory that a page links to. */
function listing(path: string): Source {
  const files = filesBelow(path).map((file) => `- [${relative(path, file)}](${posix.relative(path, file)})`);
  return { path, staged: siteLink(path), text: `# ${path}\n\n${files.join("\n")}\n` };
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith(".") || ignored.has(entry.name)) return [];
    const path = posix.join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

/** Paths in the repository that a page links to, if something is there. */
function linksOf(path: string, text: string): string[] {
  return targetsOf(path, text).filter((target) => existsSync(join(root, target)) && !(target.startsWith("docs") && isDirectory(target)));
}

/** Paths in the repository to which the links of a page lead, whether or not something is there. */
export function targetsOf(path: string, text: string): string[] {
  const links = [...text.replaceAll(/^```[^]*?^```/gm, "").matchAll(/\]\(([^)\s#]+)(?:#[^)\s]*)?\)/g)];
  return links.flatMap(([, href = ""]) => repositoryPath(path, href) ?? []);
}

/** The path in the repository that a link of a page means; undefined for the web and the page itself. */
export function repositoryPath(from: string, href: string): string | undefined {
  if (href === "" || href.startsWith("#") || href.startsWith("/") || /^[a-z][a-z+.-]*:/i.test(href)) return undefined;
  const base = isDirectory(from) ? from : dirname(from);
  const path = posix.normalize(posix.join(base, decodeURI(href))).replace(/\/$/, "");
  return path.startsWith("..") ? undefined : path;
}
