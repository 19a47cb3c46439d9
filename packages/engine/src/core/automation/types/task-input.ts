/** What `task`, and the approval of `wait`, ask for. */
import type { CheckInput } from "../../model/automation.js";
import type { Json, JsonObject } from "../../model/json.js";
import { problemList, quote } from "../../model/problems.js";
import { asJsonObject } from "../../model/values.js";
import { compileObjectSchema } from "../../schema/compile.js";
import { secondsOf } from "../durations.js";

export const OUTCOME = "^[A-Za-z][A-Za-z0-9_-]{0,63}$";
const NAME = new RegExp(OUTCOME, "u");

const outcomes = { type: "array", maxItems: 10, items: { type: "string", pattern: OUTCOME } };

/** Properties of every task that a step opens. */
export const taskProperties = {
  title: { type: "string", minLength: 1, maxLength: 200, description: "What is to be done, in a few words." },
  roles: {
    type: "array",
    minItems: 1,
    maxItems: 20,
    items: { type: "string", pattern: "^[a-z][a-z0-9_]{0,63}$" },
    description: "Keys of the roles whose holders can do it. `owner` is the owner of the instance.",
  },
  instructions: { type: "string", maxLength: 5000, description: "Text that the people see with the task." },
  due: {
    type: "string",
    maxLength: 32,
    description: "Duration until the deadline, such as 2d. It is no limit: people are notified when it has passed.",
  },
  priority: { type: "string", enum: ["low", "normal", "high", "urgent"], default: "normal" },
  checklist: {
    type: "array",
    maxItems: 50,
    items: { type: "string", minLength: 1, maxLength: 200 },
    description: "Items that must be checked before.",
  },
  not_owner: {
    type: "boolean",
    default: false,
    description: "Whether the owner of the instance cannot complete it, so that two people are needed.",
  },
  comment_for: { ...outcomes, description: "Outcomes that need a comment." },
  timeout: { type: "string", maxLength: 32, description: "Duration after which the step fails with TIMEOUT." },
};

export const outcomeProperties = {
  outcomes: { ...outcomes, minItems: 1, default: ["done"], description: "The ways in which it can be completed." },
  fail_on: { ...outcomes, description: "Outcomes with which the step fails with REJECTED." },
  input: {
    type: "object",
    additionalProperties: true,
    description: "JSON Schema of values that people give when they complete the task.",
  },
};

export const taskOutputs = {
  outcome: { type: "string" },
  completed_by: { type: "string" },
  comment: { type: "string" },
  input: { type: "object", additionalProperties: true },
};

/** Schema of the outcome. If expressions give the outcomes, or if they are invalid, it is any text. */
export function outcomeOutput(outcomes: Json | undefined): JsonObject {
  const names: readonly Json[] = Array.isArray(outcomes) ? outcomes : [];
  const areKnown = names.length > 0 && names.every((one) => typeof one === "string" && NAME.test(one));
  return { outcome: { type: "string", ...(areKnown && { enum: [...new Set(names)] }) } };
}

/** Outcomes of an approval. */
export const APPROVAL = { outcomes: ["approve", "reject"], fail_on: ["reject"] } as const;

/** Checks durations, that the lists of outcomes contain nothing else, and the schema of the input. */
export const checkTask: CheckInput = ({ known }, report) => {
  checkDurations(known, ["due", "timeout"], report);
  const { outcomes: listed = ["done"] } = known;
  const all = new Set(Array.isArray(listed) ? listed : []);
  for (const name of ["comment_for", "fail_on"]) {
    const some = known[name];
    for (const one of Array.isArray(some) ? some : [])
      if (typeof one === "string" && all.size > 0 && !all.has(one)) report([name], `${quote(one)} is not one of the outcomes.`);
  }
  const schema = asJsonObject(known["input"]);
  for (const message of schema ? schemaProblems(schema) : []) report(["input"], message);
};

export function checkDurations(known: JsonObject, names: readonly string[], report: Parameters<CheckInput>[1]): void {
  for (const name of names) {
    const text = known[name];
    if (typeof text === "string" && secondsOf(text) === null)
      report([name], `${quote(text)} is not a duration. Durations look like 30s, 5m, 2h, 1d or PT30S.`);
  }
}

function schemaProblems(schema: JsonObject): readonly string[] {
  const problems = problemList();
  compileObjectSchema({ additionalProperties: false, ...schema }, ["input"], problems);
  return problems.problems.map(({ path, message }) => `${path}: ${message}`);
}
