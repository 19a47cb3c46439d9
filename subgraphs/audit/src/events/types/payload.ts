import { compilePayloadSchema, payloadProblems } from "@weft/engine";
import { BadUserInput, type Problem } from "@weft/shared/errors";
import type { Context } from "@weft/api/context";
import { LRUCache } from "lru-cache";
import type { CustomTypeRow } from "./event-type.store.js";

type Schema = Parameters<typeof payloadProblems>[0];

const MAX_CACHED = 500;
const cache = new LRUCache<string, Schema>({ max: MAX_CACHED });

/** Compiles the schema of a payload. @throws BadUserInput with every problem */
export async function compiledSchema(ctx: Context, source: unknown): Promise<Schema> {
  const compiled = await ctx.computing.run(() => compilePayloadSchema(source));
  if (compiled.ok) return compiled.schema;
  throw new BadUserInput(inInput(compiled.problems));
}

/** Checks a payload against its type. Schemas are cached by version. @throws BadUserInput with every problem */
export async function assertPayload(ctx: Context, type: CustomTypeRow, payload: unknown): Promise<void> {
  const key = `${type.id} ${type.version}`;
  const schema = cache.get(key) ?? (await compiledSchema(ctx, type.payloadSchema));
  cache.set(key, schema);
  const problems = await ctx.computing.run(() => payloadProblems(schema, payload));
  if (problems.length > 0) throw new BadUserInput(inInput(problems));
}

const inInput = (problems: readonly Problem[]): Problem[] => problems.map(({ path, message }) => ({ path: `input.${path}`, message }));
