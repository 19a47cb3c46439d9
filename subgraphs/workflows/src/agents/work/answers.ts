import { compilePayloadSchema, payloadProblems, type Json, type JsonObject } from "@weft/engine";
import { jsonProblem } from "@weft/api/scalars";

type Read = { readonly ok: true; readonly value: Json | null } | { readonly ok: false; readonly problem: string };

/** Reads the final answer of an agent: a value that matches the output schema, or any text if there is none. */
export function readAnswer(schema: JsonObject | null, text: string): Read {
  if (schema === null) return { ok: true, value: null };
  const parsed = readValue(schema, unfenced(text), "answer");
  if (parsed.ok) return parsed;
  return {
    ok: false,
    problem: `Your answer cannot be used. ${parsed.problem} Answer again with one JSON value that matches the schema, and nothing else.`,
  };
}

/** Reads a JSON value that a model wrote. It is data: it is bounded, matches the schema, and is never evaluated. */
export function readValue(
  schema: JsonObject,
  text: string,
  root: string,
): { readonly ok: true; readonly value: JsonObject } | { readonly ok: false; readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, problem: "It is not valid JSON." };
  }
  const unfit = jsonProblem(value);
  if (unfit) return { ok: false, problem: unfit.message };
  const compiled = compilePayloadSchema(schema, "schema");
  if (!compiled.ok) return { ok: false, problem: "The schema is not valid." };
  const problems = payloadProblems(compiled.schema, value, root);
  if (problems.length > 0)
    return {
      ok: false,
      problem: problems
        .slice(0, 10)
        .map(({ path, message }) => `${path}: ${message}`)
        .join(" "),
    };
  return { ok: true, value: value as JsonObject };
}

/** Models like to write ```json around a value. */
const unfenced = (text: string): string => {
  const trimmed = text.trim();
  return trimmed.startsWith("```") && trimmed.endsWith("```") && trimmed.length > 6
    ? trimmed
        .slice(3, -3)
        .replace(/^json\b/i, "")
        .trim()
    : trimmed;
};
