/** Reads the steps of an automation. */
import { readObject, readText, titleOf, type Source } from "../document/reader.js";
import { operandTypeProblem } from "../conditions/check.js";
import { pathsOf } from "../conditions/paths.js";
import { readWrittenCondition } from "../conditions/read.js";
import type { EachRule, Step, Work } from "../model/automation.js";
import type { Json } from "../model/json.js";
import { quote, type Path, type ProblemList } from "../model/problems.js";
import { isObject } from "../model/values.js";
import { withQuotedNames } from "./names.js";
import { readQueueing } from "./queues.js";
import { scopeOf, withItem, withoutExpressions, withSecretInputs, withSecrets, type StepReading } from "./scope.js";
import { readExpression, type TemplateScope } from "./template.js";
import { readFailure, readWork, WORK_KEYS, type WorkReading } from "./work.js";
import type { WrittenStep } from "./written-steps.js";

const EACH_KEYS = ["in", "as", "concurrency"];

/** Reads a step. Null if it has problems that keep it from being used. */
export function readStep(reading: StepReading, { id, source, path }: WrittenStep, dependsOn: readonly string[]): Step | null {
  const { problems } = reading;
  const title = readText(problems, source, "name", path, { maxChars: 200, like: "Run the tests" });
  const scope = scopeOf(reading, reading.before.get(id) ?? new Set());
  const each = readEach(reading, source["for_each"], [...path, "for_each"], scope);
  const inside = each ? withItem(scope, each.as) : scope;
  const when = readWhen(problems, source["when"], [...path, "when"], scope);
  const work = readWork(workReading(reading, inside), source, path);
  const compensated: TemplateScope = scopeOf(reading, new Set([...(reading.before.get(id) ?? []), id]));
  const compensate = readCompensation(reading, source["compensate"], [...path, "compensate"], compensated);
  const onFailure = readFailure(problems, source, path, compensated);
  const queueing = readQueueing(problems, source, path, reading.queueing);
  if (!work) return null;
  return { ...work, ...queueing, id, title: title ?? titleOf(id), dependsOn, when, each, onFailure, compensate };
}

/** Only some members of `with` can contain secrets: the others are stored, shown and sent to people. */
function workReading(reading: StepReading, scope: TemplateScope): WorkReading {
  const { problems, types, secrets } = reading;
  return {
    problems,
    types,
    scopeOf: (type, member) => {
      const why = type.literalInputs.get(member);
      if (why !== undefined) return withoutExpressions(why);
      if (type.sealedInputs.includes(member)) return withSecretInputs(scope, reading.inputs);
      return type.secretInputs.includes(member) ? withSecrets(scope, secrets, reading.inputs) : scope;
    },
  };
}

function readCompensation(reading: StepReading, value: unknown, path: Path, scope: TemplateScope): Work | null {
  if (value === undefined) return null;
  const source = readObject(reading.problems, value, path, WORK_KEYS);
  return source && readWork(workReading(reading, scope), source, path);
}

function readWhen(problems: ProblemList, value: unknown, path: Path, scope: TemplateScope): Step["when"] {
  if (value === undefined) return null;
  // Authors know the braces from other formats.
  const text = typeof value === "string" ? (/^\s*\{\{(.*)\}\}\s*$/s.exec(value)?.[1] ?? value) : value;
  const source = typeof text === "string" ? withQuotedNames(text.trim()) : text;
  const found = readWrittenCondition(problems, source, path, { scope, example: "steps.run-tests.exit_code == 0" });
  if (!found) return null;
  const wrong = new Set(pathsOf(found.tree).flatMap((read) => scope.paths?.(read) ?? []));
  if (found.isSound) for (const message of wrong) problems.add(path, "UNKNOWN_PATH", message);
  return found.isSound && wrong.size === 0 ? { tree: found.tree, source: typeof text === "string" ? text.trim() : null } : null;
}

function readEach(reading: StepReading, value: unknown, path: Path, scope: TemplateScope): EachRule | null {
  if (value === undefined) return null;
  const { problems } = reading;
  const source = isObject(value) ? readObject(problems, value, path, EACH_KEYS) : { in: value };
  if (!source) return null;
  const text = source["in"];
  const where = isObject(value) ? [...path, "in"] : path;
  const list =
    typeof text === "string"
      ? readExpression(problems, /^\s*\{\{(.*)\}\}\s*$/s.exec(text)?.[1]?.trim() ?? text, where, scope)
      : Array.isArray(text)
        ? { value: text as Json[] }
        : null;
  if (list === null && typeof text !== "string")
    problems.add(where, "WRONG_TYPE", `Expected a list such as {{ inputs.regions }}, found ${quote(text)}.`);
  const wrong = list && operandTypeProblem(list, scope, new Set(["array"]));
  if (wrong) problems.add(where, "BAD_VALUE", wrong);
  const as =
    source["as"] === undefined
      ? "item"
      : readText(problems, source, "as", path, { maxChars: 32, pattern: /^[a-z][a-zA-Z0-9_]*$/, like: "region" });
  if (as !== null && ["steps", "inputs", "secrets", "run", "index"].includes(as))
    problems.add([...path, "as"], "BAD_VALUE", `${quote(as)} already has a meaning in expressions. Choose another name.`);
  const concurrency = readCount(problems, source, "concurrency", path, 1);
  return list === null || as === null ? null : { list, as, concurrency };
}

/** Reads how many things happen at the same time. */
export function readCount(problems: ProblemList, source: Source, key: string, path: Path, standard: number): number {
  const value = source[key];
  if (value === undefined) return standard;
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 100) return value;
  problems.add([...path, key], "BAD_VALUE", `${key} must be a whole number from 1 to 100, not ${quote(value)}.`);
  return standard;
}
