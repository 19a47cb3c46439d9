/**
 * Compiled texts, kept by their hash. What a text compiles to depends on nothing but the text and what it is compiled with, so that tenants can share an
 * entry: whoever has the text has what is in it. Bounded by count and by size, because tenants write the texts.
 */
import { createHash } from "node:crypto";
import { encodeId } from "@weft/shared";
import { LRUCache } from "lru-cache";
import type { CompileOptions } from "../core/compile-options.js";
import { compileSteps, type CompileResult } from "../core/compile.js";
import { parseSteps, type ParsedDefinition } from "../core/parse.js";
import { uuidOfId } from "./definition-ids.js";

/** A text that was read and compiled. Shared: nobody changes anything in it. */
export type CompiledText = {
  readonly result: CompileResult;
  /** The parsed document; undefined when the text has problems of syntax. */
  readonly document: unknown;
};

type Locate = NonNullable<CompileOptions["locate"]>;

/** What the tenant has, where a text must not reference anything else. */
export type KnownNames = {
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  /** UUIDs of users and teams. Absent: any ID is taken. */
  readonly ids?: readonly string[];
};

type Names = KnownNames | "any" | "verbatim";

const texts = new LRUCache<string, CompiledText>({ max: 500, maxSize: 16_000_000, sizeCalculation: (_text, key) => charsOf(key) });

const documents = new LRUCache<string, Pick<ParsedDefinition, "document" | "problems">>({
  max: 500,
  maxSize: 8_000_000,
  sizeCalculation: (_document, key) => charsOf(key),
});

/** Characters of the source, which the key begins with: what a machine needs in memory grows with them. */
const charsOf = (key: string): number => Math.max(1, Number.parseInt(key, 10));

/**
 * A text, compiled once for all who ask, in steps of at most some milliseconds.
 * @param format JSON, YAML or auto
 * @param names what it may reference: what the tenant has, `any` ID, or `verbatim`, where IDs stand for themselves (as in scenarios)
 */
export function* compiledTextSteps(source: string, format: string, names: Names = "any"): Generator<void, CompiledText, void> {
  const key = `${source.length} ${hashOf([source, format, typeof names === "string" ? names : sorted(names)])}`;
  const cached = texts.get(key);
  if (cached) return cached;
  const made = yield* compileText(source, format, names);
  texts.set(key, made);
  return made;
}

/** Reading a text takes three times as long as compiling it, and is the same whatever it is compiled with. What the parser made of it is not kept, but for the document: then there are no places. */
function* parsedText(
  source: string,
  format: string,
): Generator<void, Pick<ParsedDefinition, "document" | "problems"> & { readonly locate?: Locate }, void> {
  const key = `${source.length} ${hashOf([source, format])}`;
  const cached = documents.get(key);
  if (cached) return cached;
  const parsed = yield* parseSteps(source, textFormat(format));
  documents.set(key, { document: parsed.document, problems: parsed.problems });
  return parsed;
}

function* compileText(source: string, format: string, names: Names): Generator<void, CompiledText, void> {
  const { document, problems, locate } = yield* parsedText(source, format);
  if (problems.length > 0) return { result: { ok: false, problems }, document: undefined };
  const options =
    names === "verbatim" ? {} : names === "any" ? { readId: uuidOfId, showId: encodeId, isPublished: true } : optionsOf(names);
  const result = yield* compileSteps(document, { ...options, ...(locate && { locate }) });
  if (result.ok || locate) return { result, document };
  return { result: yield* compileSteps(document, { ...options, locate: yield* placesIn(source, format) }), document };
}

function optionsOf({ roles, permissions, ids }: KnownNames): CompileOptions {
  const existing = ids && new Set(ids);
  const readId = (kind: "user" | "team", id: string): string | null => {
    const uuid = uuidOfId(kind, id);
    return uuid !== null && (!existing || existing.has(uuid)) ? uuid : null;
  };
  return { knownRoles: roles, knownPermissions: permissions, readId };
}

/** Line and column of the paths in a text, in steps of some milliseconds. Reads the text again: only for texts about which there is something to say. */
export function* placesIn(source: string, format: string): Generator<void, Locate, void> {
  return (yield* parseSteps(source, textFormat(format))).locate;
}

const textFormat = (format: string): "yaml" | "json" | "auto" => (format === "JSON" ? "json" : format === "YAML" ? "yaml" : "auto");

const sorted = ({ roles, permissions, ids }: KnownNames): unknown => [
  roles.toSorted(),
  permissions.toSorted(),
  ids ? ids.toSorted() : null,
];

const hashOf = (parts: readonly unknown[]): string => createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
