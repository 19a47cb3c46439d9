import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** In the order of application: triggers and policies call functions. */
const kinds = ["functions", "triggers", "policies"] as const;

export type RepeatableKind = (typeof kinds)[number];

/**
 * A file with the current text of one function, trigger or policy, or with a single `drop … if exists` for one that a numbered migration created and
 * that no longer exists.
 */
export interface RepeatableFile {
  /** Path without extension: `functions/engine/apply`, `triggers/workflows/tasks.task_candidates_opened`. */
  readonly name: string;
  readonly kind: RepeatableKind;
  readonly text: string;
  /** SHA-256 of the text, in hexadecimal. */
  readonly hash: string;
  /** Whether the file drops its object. */
  readonly isDrop: boolean;
  /** Signatures of earlier versions, dropped before the file is applied: `engine.apply(jsonb, jsonb)`. */
  readonly replaces: readonly string[];
}

export interface RepeatableSet {
  /** In the order of application. */
  readonly files: readonly RepeatableFile[];
  /** Hash of the whole set. Equal if all names and hashes are equal. */
  readonly hash: string;
}

/**
 * Reads `functions/`, `triggers/` and `policies/` in the directory. Files are ordered by kind, then by name. A file with a header `-- requires:
 * app.fold, app.words` comes after those files.
 * @throws Error if a header references an unknown function, or files require each other
 */
export function readRepeatables(directory: string): RepeatableSet {
  const files = kinds.flatMap((kind) => inOrder(readKind(directory, kind)));
  const hash = sha256(files.map((file) => `${file.name} ${file.hash}`).join("\n"));
  return { files, hash };
}

interface ReadFile extends RepeatableFile {
  /** Names as in `RepeatableFile.name`. */
  readonly requires: readonly string[];
}

function readKind(directory: string, kind: RepeatableKind): ReadFile[] {
  const root = join(directory, kind);
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .toSorted()
    .flatMap((schema) => readdirSync(join(root, schema)).map((file) => ({ schema, file })))
    .filter(({ file }) => file.endsWith(".sql"))
    .map(({ schema, file }) => {
      // Normalizes Windows line endings, so that the hash does not depend on them.
      const text = readFileSync(join(root, schema, file), "utf8").replaceAll("\r\n", "\n");
      const name = `${kind}/${schema}/${file.slice(0, -".sql".length)}`;
      const replaces = header(text, "replaces", /\s*;\s*/);
      assertReplaces(name, replaces);
      const requires = header(text, "requires", /\s*,\s*/).map((required) => `${kind}/${required.replace(".", "/")}`);
      return { name, kind, text, hash: sha256(text), isDrop: /^(\s*--.*\n)*\s*drop\s/i.test(text), replaces, requires };
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Checks that a file replaces only signatures of its own function. To rename a function, add a new file. Then delete the file with the old name, or
 * make it drop the function.
 */
function assertReplaces(name: string, replaces: readonly string[]): void {
  for (const signature of replaces) {
    const [replaced] = /^[a-z_]\w*\.[a-z_]\w*(?=\(.*\)$)/.exec(signature) ?? [];
    if (`functions/${replaced?.replace(".", "/")}` !== name)
      throw new Error(`${name}.sql replaces ${JSON.stringify(signature)}, which is not a signature of the same function.`);
  }
}

function header(text: string, key: "requires" | "replaces", separator: RegExp): string[] {
  return [...text.matchAll(new RegExp(`^-- ${key}:(.+)$`, "gm"))].flatMap(([, listed = ""]) => listed.trim().split(separator));
}

/** Depth first, ordered by name, so that the same files are always applied in the same order. */
function inOrder(files: readonly ReadFile[]): ReadFile[] {
  const byName = new Map(files.map((file) => [file.name, file]));
  const ordered = new Set<ReadFile>();
  const visit = (file: ReadFile, path: readonly string[]): void => {
    if (ordered.has(file)) return;
    const here = [...path, file.name];
    if (path.includes(file.name)) throw new Error(`Files require each other: ${here.join(" → ")}.`);
    for (const name of file.requires) {
      const required = byName.get(name);
      if (required === undefined) throw new Error(`${file.name}.sql requires ${name}.sql, which does not exist.`);
      visit(required, here);
    }
    ordered.add(file);
  };
  for (const file of files) visit(file, []);
  return [...ordered];
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
