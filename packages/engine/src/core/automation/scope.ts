/** What the expressions of an automation can read at each place. */
import { ANY, type ValueType } from "../conditions/value-types.js";
import type { Source } from "../document/reader.js";
import type { StepGraph, StepType } from "../model/automation.js";
import { pathText } from "../model/condition.js";
import type { JsonObject } from "../model/json.js";
import { didYouMean, problemList, quote, type ProblemList } from "../model/problems.js";
import type { CompiledSchema, SchemaNode } from "../model/schema.js";
import { asJsonObject, isObject } from "../model/values.js";
import { compileObjectSchema } from "../schema/compile.js";
import { isSecretName } from "./secrets/secret-names.js";
import type { Queueing } from "./queues.js";
import type { TemplateScope } from "./template.js";
import type { WrittenStep } from "./written-steps.js";

/** The values that a run is started with. `schema` is null if it has problems, so that what reads them is not checked. */
export type GraphInputs = {
  readonly root: StepGraph["root"];
  readonly schema: CompiledSchema | null;
  readonly secrets: ReadonlySet<string>;
  /** Schema of the secret ones. Absent: there are none. */
  readonly secretSchema?: CompiledSchema | null;
};

/** State that the readers of one graph share. */
export type StepReading = {
  readonly problems: ProblemList;
  readonly types: ReadonlyMap<string, StepType>;
  readonly inputs: GraphInputs;
  readonly written: readonly WrittenStep[];
  /** What steps have that do not say otherwise. */
  readonly queueing: Queueing;
  /** By ID: the steps that have ended when it begins. */
  readonly before: ReadonlyMap<string, ReadonlySet<string>>;
  /** Names of the secrets that have been read. */
  readonly secrets: Set<string>;
  /** By ID: what is known about the results of steps. */
  readonly nodes: Map<string, SchemaNode>;
};

/** What expressions can read where these steps have ended. */
export function scopeOf(reading: StepReading, ended: ReadonlySet<string>): TemplateScope {
  const { inputs, written } = reading;
  const ids = new Set(written.map(({ id }) => id));
  const locals = new Map<string, ValueType>([
    [inputs.root, inputs.schema ? { types: new Set(["object" as const]), node: inputs.schema.root } : ANY],
    ["steps", { types: new Set(["object" as const]), node: stepsNode(reading, ended) }],
    ["run", { types: new Set(["object" as const]), node: RUN }],
  ]);
  const paths = ([root = "", name = "", member]: readonly string[]): string | null => {
    if (root === "secrets") return "Secrets cannot be read here: the value would be stored or shown.";
    if (root === inputs.root && inputs.secrets.has(name)) return `The input ${quote(name)} is secret, so it cannot be read here.`;
    if (root === inputs.root && name === "" && inputs.secrets.size > 0)
      return `Some inputs are secret, so ${quote(root)} cannot be read as a whole. Read the inputs by their names.`;
    if (root === "steps" && name !== "" && !ids.has(name)) return `There is no step ${quote(name)}.${didYouMean(name, ids)}`;
    if (root === "steps" && name !== "" && !ended.has(name))
      return `The step ${quote(name)} may not have ended here. Add it to depends_on.`;
    if (root === "steps" && member !== undefined && !OF_STEP.has(member)) return whyNoMember(reading, name, member);
    if (!locals.has(root) && root !== "item")
      return `There is no ${quote(pathText([root]))} here. Expressions read ${quote(inputs.root)}, "steps" and "run".${didYouMean(root, locals.keys())}`;
    return null;
  };
  return { data: null, input: null, isAction: true, locals, paths };
}

const OF_STEP: ReadonlySet<string> = new Set(["status", "attempts", "outputs", "error", "exit_code"]);

function whyNoMember({ written, types }: StepReading, id: string, member: string): string {
  const type = types.get(String(written.find((step) => step.id === id)?.source["type"]));
  const isOutput = type === undefined || type.outputs === null || type.outputs.root.properties.has(member);
  const hint = isOutput ? ` Did you mean ${pathText(["steps", id, "outputs", member])}?` : didYouMean(member, OF_STEP);
  return `A step has a status, attempts, outputs and an error, but no ${quote(member)}.${hint}`;
}

/** Adds the item of a list, and its index. */
export function withItem(scope: TemplateScope, as: string): TemplateScope {
  const locals = new Map([
    ...(scope.locals ?? []),
    [as, ANY] as const,
    ["index", { types: new Set(["integer" as const]), node: null }] as const,
  ]);
  return { ...scope, locals, paths: (path) => (path[0] === as || path[0] === "index" ? null : (scope.paths?.(path) ?? null)) };
}

/** Adds secrets, and collects the names of those that are read. */
export function withSecrets(scope: TemplateScope, used: Set<string>, inputs: GraphInputs): TemplateScope {
  return {
    ...scope,
    locals: new Map([...(scope.locals ?? []), ["secrets", ANY] as const]),
    paths: (path) => {
      const [root = "", name = ""] = path;
      if (root === inputs.root && inputs.secrets.has(name)) return null;
      if (root !== "secrets") return scope.paths?.(path) ?? null;
      if (path.length !== 2 || !isSecretName(name)) return "A secret is read by its name: {{ secrets.deploy-token }}.";
      used.add(name);
      return null;
    },
  };
}

/** Adds secret inputs, which another run seals. */
export function withSecretInputs(scope: TemplateScope, inputs: GraphInputs): TemplateScope {
  return {
    ...scope,
    paths: (path) => {
      const [root = "", name = ""] = path;
      if (root === inputs.root && inputs.secrets.has(name)) return null;
      return root === "secrets"
        ? "Secrets cannot be passed on: their hosts would be unknown. Read the secret in the other automation."
        : (scope.paths?.(path) ?? null);
    },
  };
}

const nodeOf = (properties: JsonObject): SchemaNode => {
  const problems = problemList();
  const compiled = compileObjectSchema({ properties }, ["steps"], problems);
  if (!compiled) throw new Error(`A schema of results is invalid: ${problems.problems[0]?.message ?? ""}`);
  return compiled.root;
};

const RUN = nodeOf({ id: { type: "string" }, attempt: { type: "integer" }, started_at: { type: "string" }, owner_id: { type: "string" } });
const NO_STEPS = nodeOf({});

/** The nodes of single steps are compiled once, because many steps see the same ones. */
function stepsNode({ written, types, nodes }: StepReading, ended: ReadonlySet<string>): SchemaNode {
  const properties = new Map<string, SchemaNode>();
  for (const step of written) {
    if (!ended.has(step.id)) continue;
    const known = nodes.get(step.id) ?? nodeOfStep(step, types);
    nodes.set(step.id, known);
    properties.set(step.id, known);
  }
  return { ...NO_STEPS, properties };
}

/** Each step shows its status, its outputs and its error. The exit code of programs is also a member of the step itself. */
function nodeOfStep({ source }: WrittenStep, types: ReadonlyMap<string, StepType>): SchemaNode {
  const type = types.get(String(source["type"]));
  const known = source["for_each"] === undefined ? outputsOf(type, source) : EACH_OUTPUTS;
  // The automation that it falls back to has outputs of its own.
  const outputs = known && hasFallback(source) ? { ...known, additionalProperties: true } : known;
  return nodeOf({
    status: { type: "string" },
    attempts: { type: "integer" },
    outputs: outputs ?? { type: "object", additionalProperties: true },
    error: { type: "object", properties: { code: { type: "string" }, message: { type: "string" } } },
    ...(type?.outputs?.root.properties.has("exit_code") && { exit_code: { type: "integer" } }),
  });
}

function outputsOf(type: StepType | undefined, { with: input }: Source): JsonObject | undefined {
  const known = type?.outputs?.source;
  const special = known && type.outputsOf?.(asJsonObject(input) ?? {});
  return special ? { ...known, properties: { ...asJsonObject(known["properties"]), ...special } } : known;
}

const hasFallback = ({ on_failure: rule }: Source): boolean => isObject(rule) && rule["workflow"] !== undefined;

const EACH_OUTPUTS: JsonObject = {
  type: "object",
  properties: { items: { type: "array" }, count: { type: "integer" }, failed: { type: "integer" } },
};

/** Where there can be no expressions, such as in the text of a shell script. `${` and single braces have the meaning of the text's own language. */
export const withoutExpressions = (why: string): TemplateScope => ({
  data: null,
  input: null,
  isAction: true,
  isPlain: true,
  paths: () => why,
});
