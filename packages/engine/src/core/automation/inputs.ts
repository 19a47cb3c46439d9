/** The inputs of an automation: a short form of JSON Schema, in which each input says itself whether it is required. */
import { readFlag, readObject } from "../document/reader.js";
import type { CompileOptions } from "../model/compile-options.js";
import { pathText } from "../model/condition.js";
import type { JsonObject } from "../model/json.js";
import type { Machine } from "../model/machine.js";
import { isForbiddenKey, quote, type Path, type ProblemList } from "../model/problems.js";
import type { InputProblem } from "../model/rejection.js";
import type { CompiledSchema } from "../model/schema.js";
import { asJsonObject, isObject } from "../model/values.js";
import { compileObjectSchema } from "../schema/compile.js";
import { validateData } from "../schema/validate.js";
import { OUTPUTS } from "./child-runs.js";
import { MAX_SECRET_CHARS, MIN_SECRET_CHARS } from "./secrets/secret-names.js";
import { AUTOMATION_NAME } from "./names.js";

const MAX_INPUTS = 100;

export type Inputs = {
  readonly schema: CompiledSchema;
  readonly secrets: ReadonlySet<string>;
  /** Otherwise, the schema says only which inputs there are, so that what reads them can be checked. */
  readonly isValid: boolean;
};

/**
 * Reads `inputs`: by name, keywords of JSON Schema with `required` and `secret`. Null if they are no mapping. An input with a default is never missing,
 * so it cannot be required as well.
 */
export function readInputs(problems: ProblemList, value: unknown, path: Path, { isPublished = false }: CompileOptions): Inputs | null {
  const before = problems.problems.length;
  const source = value === undefined ? {} : readObject(problems, value, path, null);
  if (!source) return null;
  const entries = Object.entries(source);
  if (entries.length > MAX_INPUTS) problems.add(path, "TOO_LARGE", `There are ${entries.length} inputs; the maximum is ${MAX_INPUTS}.`);
  const secrets = new Set<string>();
  const required: string[] = [];
  const properties: Record<string, JsonObject> = {};
  for (const [name, body] of entries.slice(0, MAX_INPUTS)) {
    const where = [...path, name];
    if (!AUTOMATION_NAME.test(name) || isForbiddenKey(name)) {
      problems.add(where, "BAD_VALUE", `${quote(name)} is not a valid name of an input. Names look like version.`);
      continue;
    }
    // Definitions published before this rule are still read. Their runs overwrite such an input.
    if (name === OUTPUTS && !isPublished)
      problems.add(
        where,
        "BAD_VALUE",
        `${quote(name)} is not a valid name of an input: the run writes its outputs there. Use another name.`,
      );
    const { required: _required, secret: _secret, ...schema } = asJsonObject(body) ?? {};
    if (!isObject(body))
      problems.add(where, "WRONG_TYPE", `Expected an input such as { type: string, required: true }, found ${quote(body)}.`);
    else {
      if (readFlag(problems, body, "required", where)) required.push(name);
      if (readFlag(problems, body, "secret", where)) secrets.add(name);
      checkInput(problems, body, where);
    }
    properties[name] = schema;
  }
  const schema = compileObjectSchema({ type: "object", properties, required, additionalProperties: false }, path, inProperties(problems));
  for (const { path: at, message } of schema?.unfitDefaults ?? []) problems.add(shorter(at), "BAD_SCHEMA", message);
  if (schema !== null && problems.problems.length === before) return { schema, secrets, isValid: true };
  const named = Object.fromEntries(Object.keys(properties).map((name) => [name, {}]));
  const names = compileObjectSchema({ type: "object", properties: named, additionalProperties: false }, path, inProperties(problems));
  return names && { schema: names, secrets, isValid: false };
}

function checkInput(problems: ProblemList, input: { readonly [key: string]: unknown }, path: Path): void {
  if (input["default"] !== undefined && input["required"] === true)
    problems.add([...path, "required"], "BAD_VALUE", "An input with a default is never missing. Omit `required` or `default`.");
  if (input["secret"] !== true) return;
  if (input["type"] !== "string") problems.add([...path, "type"], "BAD_VALUE", "A secret input must have the type string.");
  if (input["default"] !== undefined)
    problems.add(
      [...path, "default"],
      "BAD_VALUE",
      "A secret input cannot have a default: everybody who reads the definition would read it.",
    );
  if (input["enum"] !== undefined || input["const"] !== undefined)
    problems.add(
      [...path, "enum"],
      "BAD_VALUE",
      "A secret input cannot list its values: everybody who reads the definition would read them.",
    );
}

/** Inputs have no `properties` in between, so the paths of problems must not have it either. */
const inProperties = (problems: ProblemList): ProblemList => ({
  problems: problems.problems,
  isFull: () => problems.isFull(),
  add: (path, code, message) => problems.add(shorter(path), code, message),
});

const shorter = (path: Path): Path => (path[1] === "properties" ? [path[0] ?? "", ...path.slice(2)] : path);

/** What an automation is started with: the data of its instance, and the secret inputs, which are sealed with its run. */
export type SplitInputs = {
  readonly data: unknown;
  readonly secrets: Readonly<Record<string, string>>;
  readonly problems: readonly InputProblem[];
};

/** Takes the secret inputs of the steps that begin out of the data. Problems never quote their values. */
export function splitSecretInputs({ states, initial }: Machine, data: unknown): SplitInputs {
  const graph = states.get(initial)?.run?.graph;
  const given = asJsonObject(data);
  if (!graph?.secretSchema || given === null) return { data, secrets: {}, problems: [] };
  const isSecret = ([name]: readonly [string, unknown]): boolean => graph.secretInputs.has(name);
  const entries = Object.entries(given);
  const secrets = Object.fromEntries(entries.filter(isSecret));
  const problems = validateData(graph.secretSchema, secrets).map((problem): InputProblem => {
    const name = problem.path.split(/[.[\]"]+/)[1] ?? "";
    return Object.hasOwn(secrets, name) ? { path: problem.path, message: "The value of this secret input is not valid." } : problem;
  });
  const short = Object.entries(secrets).filter(([, value]) => typeof value === "string" && value.length < MIN_SECRET_CHARS);
  const long = Object.entries(secrets).filter(([, value]) => typeof value === "string" && value.length > MAX_SECRET_CHARS);
  return {
    data: Object.fromEntries(entries.filter((entry) => !isSecret(entry))),
    secrets: problems.length === 0 ? (secrets as Record<string, string>) : {},
    problems: [
      ...problems,
      ...short.map(([name]) => ({
        path: pathText(["data", name]),
        message: `The value of a secret input has at least ${MIN_SECRET_CHARS} characters: shorter ones could not be removed from outputs.`,
      })),
      ...long.map(([name]) => ({
        path: pathText(["data", name]),
        message: `The value of a secret input has at most ${MAX_SECRET_CHARS} characters.`,
      })),
    ],
  };
}
