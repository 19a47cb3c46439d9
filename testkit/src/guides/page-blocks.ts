import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** A code block of a page. */
export interface Block {
  readonly line: number;
  readonly language: string;
  readonly text: string;
  /** The comment directly above the block: `<!-- not run: REASON -->` or `<!-- run by: TEST FILE -->`. */
  readonly mark: { readonly kind: "not run" | "run by"; readonly text: string } | undefined;
}

/** The README and the guides, as paths in the repository. */
export const guidePages: readonly string[] = globSync(["README.md", "docs/index.md", "docs/{tutorials,how-to}/*.md"], { cwd: root })
  .map((path) => path.replaceAll("\\", "/"))
  .toSorted();

/** Returns the code blocks of a page, in order. Diagrams are not code. */
export function blocksOf(path: string): Block[] {
  const page = readFileSync(`${root}${path}`, "utf8");
  const blocks = page.matchAll(/(?:<!-- (not run|run by): (.+?) -->\n+)?^( *)```(\w*)[^\n]*\n(.*?)^ *```$/gms);
  return [...blocks]
    .map(({ 1: kind, 2: text = "", 3: indent = "", 4: language = "", 5: code = "", index, 0: all }) => ({
      line: page.slice(0, index + all.indexOf("```")).split("\n").length,
      language,
      text: code.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
      mark: kind === undefined ? undefined : { kind: kind as "not run" | "run by", text },
    }))
    .filter(({ language }) => language !== "mermaid");
}

/** Runs a block as a reader would. It replaces placeholders, and fails if the result is not what the page says. */
export type Step<Stage> = (block: string, stage: Stage) => Promise<void>;

/** Steps by page: one for each block that the table runs, in order. */
export type StepTable<Stage> = Readonly<Record<string, readonly Step<Stage>[]>>;

const isShell = ({ language }: Block): boolean => language === "sh";

/** Blocks that a test runs through the API: those in other languages than `sh`, without a mark. */
export const apiBlocks = (path: string): Block[] => blocksOf(path).filter((block) => block.mark === undefined && !isShell(block));
/** Blocks that a test runs in a shell: those in the language `sh`, without a mark. */
export const shellBlocks = (path: string): Block[] => blocksOf(path).filter((block) => block.mark === undefined && isShell(block));
