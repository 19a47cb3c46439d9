/**
 * Payloads of events that a tenant declares. Their schema is the JSON Schema of definitions' data.
 * This module never decides who can publish an event, and never writes one.
 */
import type { JsonObject } from "../model/json.js";
import { problemList } from "../model/problems.js";
import type { InputProblem } from "../model/rejection.js";
import type { CompiledSchema } from "../model/schema.js";
import { asJsonObject, findUnfit, jsonEqual } from "../model/values.js";
import { compileObjectSchema } from "../schema/compile.js";
import { validateData } from "../schema/validate.js";

const LIMITS = { maxNodes: 5_000, maxDepth: 16, maxChars: 64 * 1024 };

export type CompiledPayload =
  | { readonly ok: true; readonly schema: CompiledSchema }
  | { readonly ok: false; readonly problems: readonly InputProblem[] };

/** Compiles the schema of a payload. Problems have paths that begin with `root`. */
export function compilePayloadSchema(source: unknown, root = "payloadSchema"): CompiledPayload {
  const problems = problemList();
  for (const { path, code, message } of findUnfit(source, [root], LIMITS)) problems.add(path, code, message);
  const compiled = problems.problems.length === 0 ? compileObjectSchema(source, [root], problems) : null;
  for (const { path, message } of compiled?.unfitDefaults ?? []) problems.add(path, "BAD_SCHEMA", message);
  if (compiled && problems.problems.length === 0) return { ok: true, schema: compiled };
  return { ok: false, problems: problems.problems.map(({ path, message }) => ({ path, message })) };
}

/** Returns the problems of a payload. Their paths begin with `root`. */
export const payloadProblems = (schema: CompiledSchema, payload: unknown, root = "payload"): readonly InputProblem[] =>
  validateData(schema, payload, root);

/** Keywords that only describe a value. */
const DESCRIPTIVE = ["title", "description", "default", "examples"];

/**
 * Returns where a changed schema is incompatible: a reader of earlier payloads could not read the new ones, or a publisher of earlier payloads would be
 * refused. Descriptions can change, and optional properties can be added.
 * @returns paths, for example `properties.total.type`
 */
export function incompatibleChanges(before: JsonObject, after: JsonObject, path: readonly string[] = []): string[] {
  const keywords = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((keyword) => !DESCRIPTIVE.includes(keyword));
  return keywords.flatMap((keyword) => {
    const [old, now] = [before[keyword], after[keyword]];
    const here = [...path, keyword];
    if (keyword === "properties") return changedProperties(asJsonObject(old) ?? {}, asJsonObject(now) ?? {}, here);
    const [oldItems, newItems] = [asJsonObject(old), asJsonObject(now)];
    if (keyword === "items" && oldItems && newItems) return incompatibleChanges(oldItems, newItems, here);
    return old !== undefined && now !== undefined && jsonEqual(old, now) ? [] : [here.join(".")];
  });
}

function changedProperties(before: JsonObject, after: JsonObject, path: readonly string[]): string[] {
  return Object.entries(before).flatMap(([name, old]) => {
    const [was, is] = [asJsonObject(old), asJsonObject(after[name])];
    const here = [...path, name];
    return was && is ? incompatibleChanges(was, is, here) : [here.join(".")];
  });
}
