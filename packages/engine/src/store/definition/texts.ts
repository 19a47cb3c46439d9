/**
 * Compiled texts, cached by hash. The result of compiling depends only on the text and the compile options, so tenants can share an entry: whoever
 * has the text already knows its content. Bounded by count and by size, because tenants write the texts.
 */
import { createHash } from "node:crypto";
import { encodeId } from "@weft/shared/ids";
import { LRUCache } from "lru-cache";
import type { CompileOptions } from "../../core/model/compile-options.js";
import { compileSteps, type CompileResult } from "../../core/definition/compile.js";
import { readSourceSteps, withTranslationProblems, type ReadSource } from "../../core/short-form/read-source.js";
import type { Translation } from "../../core/short-form/translate.js";
import { uuidOfId } from "./ids.js";
import { checksOperations, stepTypes, stepTypesToSave } from "./step-types.js";

/** A text that was read and compiled. Shared, so nothing may change it. */
export type CompiledText = {
  readonly result: CompileResult;
  /** The parsed document; undefined if the text has syntax errors. That of the definition, if the text was in the short form. */
  readonly document: unknown;
  /** Null: the text is in Weft's own format. */
  readonly translation: Translation | null;
};

type Locate = NonNullable<CompileOptions["locate"]>;

/** Everything that the tenant has, if the text must not reference anything else. */
export type KnownNames = {
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  /** UUIDs of users and teams. Absent: any ID is accepted. */
  readonly ids?: readonly string[];
};

type Names = KnownNames | "any" | "verbatim";

/**
 * Number of characters of the source, which is the beginning of the key, and of what it was turned into: the memory that a machine needs grows with
 * them.
 */
function charsOf({ translation }: Pick<ReadSource, "translation">, key: string): number {
  return Math.max(1, Number.parseInt(key, 10) + (translation?.source.length ?? 0));
}

const texts = new LRUCache<string, CompiledText>({ max: 500, maxSize: 16_000_000, sizeCalculation: charsOf });

type ReadText = Pick<ReadSource, "document" | "problems" | "translation">;

const documents = new LRUCache<string, ReadText>({
  max: 500,
  maxSize: 8_000_000,
  sizeCalculation: charsOf,
});

/**
 * Compiles a text once for all callers, in steps of at most a few milliseconds.
 * @param format JSON, YAML or auto
 * @param names what it can reference: what the tenant has, `any` ID, or `verbatim`, where IDs are used as they are (as in scenarios)
 */
export function* compiledTextSteps(source: string, format: string, names: Names = "any"): Generator<void, CompiledText, void> {
  const known = typeof names === "string" ? names : [sorted(names), checksOperations()];
  const key = `${source.length} ${hashOf([source, format, known, [...stepTypes().keys()]])}`;
  const cached = texts.get(key);
  if (cached) return cached;
  const made = yield* compileText(source, format, names);
  texts.set(key, made);
  return made;
}

/**
 * Reading a text takes three times as long as compiling it, and does not depend on the compile options. Of the parser's result, only the document is
 * kept, so there are no positions.
 */
function* readText(source: string, format: string): Generator<void, ReadText & { readonly locate?: Locate }, void> {
  const key = `${source.length} ${hashOf([source, format])}`;
  const cached = documents.get(key);
  if (cached) return cached;
  const { locate, ...read } = yield* readSourceSteps(source, textFormat(format));
  documents.set(key, read);
  return { ...read, locate };
}

function* compileText(source: string, format: string, names: Names): Generator<void, CompiledText, void> {
  const { document, problems, translation, locate } = yield* readText(source, format);
  if (problems.length > 0) return { result: { ok: false, problems }, document: undefined, translation };
  const known: CompileOptions =
    names === "verbatim" ? {} : names === "any" ? { readId: uuidOfId, showId: encodeId, isPublished: true } : optionsOf(names);
  const options = { ...known, stepTypes: typeof names === "string" ? stepTypes() : stepTypesToSave() };
  const first = yield* compileSteps(document, { ...options, ...(locate && { locate }) });
  const result = first.ok || locate ? first : yield* compileSteps(document, { ...options, locate: yield* placesIn(source, format) });
  return { result: withTranslationProblems(result, translation), document, translation };
}

function optionsOf({ roles, permissions, ids }: KnownNames): CompileOptions {
  const existing = ids && new Set(ids);
  const readId = (kind: "user" | "team", id: string): string | null => {
    const uuid = uuidOfId(kind, id);
    return uuid !== null && (!existing || existing.has(uuid)) ? uuid : null;
  };
  return { knownRoles: roles, knownPermissions: permissions, readId };
}

/** Returns line and column of the paths in a text, in steps of a few milliseconds. Reads the text again, so it is used only for texts with problems. */
export function* placesIn(source: string, format: string): Generator<void, Locate, void> {
  return (yield* readSourceSteps(source, textFormat(format))).locate;
}

const textFormat = (format: string): "yaml" | "json" | "auto" => (format === "JSON" ? "json" : format === "YAML" ? "yaml" : "auto");

const sorted = ({ roles, permissions, ids }: KnownNames): unknown => [
  roles.toSorted(),
  permissions.toSorted(),
  ids ? ids.toSorted() : null,
];

const hashOf = (parts: readonly unknown[]): string => createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
