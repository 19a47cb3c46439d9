import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./sources.ts";

export interface SidebarItem {
  readonly text: string;
  readonly link?: string;
  readonly items?: SidebarItem[];
  readonly collapsed?: boolean;
}

/** The folders of `docs/` in the order of the site. */
export const sections = ["tutorials", "how-to", "reference", "explanation", "evidence"] as const;

/** The sidebar: the pages that the `index.md` of each folder lists, under its headings. */
export function sidebar(): SidebarItem[] {
  return sections.map((section) => ({ ...folder(section), collapsed: false }));
}

function folder(path: string): SidebarItem {
  const lines = readFileSync(join(root, "docs", path, "index.md"), "utf8").split("\n");
  const title = lines[0]?.replace(/^# /, "") ?? path;
  const items: SidebarItem[] = [];
  let group: SidebarItem[] = items;
  for (const line of lines) {
    const heading = /^## (.+)$/.exec(line)?.[1];
    if (heading !== undefined) {
      group = [];
      items.push({ text: heading, items: group });
    }
    const [, text = "", file] = /^(?:-|\d+\.) \[([^\]]+)\]\(([\w-]+(?:\/index)?)\.md\)/.exec(line) ?? [];
    if (file?.endsWith("/index")) group.push({ ...folder(`${path}/${file.slice(0, -"/index".length)}`), collapsed: true });
    else if (file !== undefined) group.push({ text: text.replaceAll("`", ""), link: `/${path}/${file}` });
  }
  return { text: title, link: `/${path}/`, items: items.filter(({ link, items: inner }) => link !== undefined || inner?.length) };
}
