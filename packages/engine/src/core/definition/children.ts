/** Reads the child rules and the join of a state. */
import { checkOperand, itemSchema, operandTypeProblem, valueProblem } from "../conditions/check.js";
import { parseOperand } from "../conditions/syntax/parse.js";
import { pathsOfOperand } from "../conditions/paths.js";
import type { Operand } from "../model/condition.js";
import type { Scope } from "../conditions/value-types.js";
import type { SchemaType } from "../model/schema.js";
import { MAX_CHILDREN } from "../children/limits.js";
import type { ChildOrder, ChildRule, Join, Transition } from "../model/machine.js";
import { didYouMean, isForbiddenKey, quote, type Path } from "../model/problems.js";
import { DATA_PATH, readNamedValues, readOperand } from "./actions.js";
import { DEFINITION_KEY, NAME, readObject, readText, valueOr, type Reading, type Source } from "../document/reader.js";

const MAX_RULES = 20;
const RULE_KEYS = ["definition", "for", "key", "after", "data", "result", "collect"];
const JOIN_KEYS = ["need", "of", "then", "otherwise"];
/** Keys that require a person, or that would keep a join from firing. */
const NOT_OF_JOINS = ["allow", "comment", "input", "form", "when", "auto"];

/** Reads the `children` of a state: rules by name. */
export function readChildren(reading: Reading, value: unknown, path: Path): readonly ChildRule[] {
  if (value === undefined) return [];
  const { problems } = reading;
  const entries = Object.entries(readObject(problems, value, path, null) ?? {});
  if (entries.length === 0) problems.add(path, "BAD_VALUE", "There are no child rules here. Add at least one, or omit the key.");
  if (entries.length > MAX_RULES)
    problems.add(path, "TOO_LARGE", `There are ${entries.length} rules; the maximum per state is ${MAX_RULES}.`);
  return entries.slice(0, MAX_RULES).flatMap(([rule, body]) => {
    const where = [...path, rule];
    if (NAME.test(rule)) return readRule(reading, rule, body, where) ?? [];
    problems.add(where, "BAD_VALUE", `${quote(rule)} is not a valid name of a child rule. Names look like phase.`);
    return [];
  });
}

function readRule(reading: Reading, rule: string, value: unknown, path: Path): ChildRule | null {
  const { problems, data } = reading;
  const source = readObject(problems, value, path, RULE_KEYS);
  if (!source) return null;
  const definition = readText(problems, source, "definition", path, {
    maxChars: 64,
    isRequired: true,
    pattern: DEFINITION_KEY,
    like: "project-phase",
  });
  const scope: Scope = { data, input: null, isAction: true };
  const each = readEach(reading, source, path, scope);
  const inside: Scope = each ? { ...scope, item: "path" in each ? itemSchema(each.path, scope) : null } : scope;
  const collect = readCollect(reading, source, path, scope);
  const isKept = source["result"] !== undefined;
  if (isKept !== (source["collect"] !== undefined)) {
    const missing = isKept ? "collect" : "result";
    problems.add(
      [...path, missing],
      "MISSING",
      "`result` and `collect` must be used together: `result` defines what is kept of a child, `collect` where it is kept.",
    );
  }
  const order = readOrder(reading, source, path, inside);
  if (definition === null) return null;
  return {
    rule,
    definition,
    each,
    order,
    data: readValues(reading, source["data"], [...path, "data"], inside),
    result: readResult(reading, source["result"], [...path, "result"]),
    collect,
  };
}

function readEach({ problems }: Reading, source: Source, path: Path, scope: Scope): Operand | null {
  const value = source["for"];
  if (value === undefined) return null;
  const where = [...path, "for"];
  const parsed = typeof value === "string" ? parseOperand(value) : null;
  if (!parsed?.ok || !("path" in parsed.value)) {
    problems.add(
      where,
      parsed?.ok === false ? "BAD_CONDITION" : "WRONG_TYPE",
      `Expected a path such as data.phases, found ${quote(value)}.`,
    );
    return null;
  }
  const message = valueProblem(parsed.value.path, scope, ["array"]);
  if (message !== null) problems.add(where, "UNKNOWN_PATH", message);
  return parsed.value;
}

function readOrder(reading: Reading, source: Source, path: Path, scope: Scope): ChildOrder | null {
  const given = ["key", "after"].filter((key) => source[key] !== undefined);
  if (given.length === 0) return null;
  for (const missing of ["for", "key", "after"].filter((key) => source[key] === undefined)) {
    const message =
      "`for`, `key` and `after` must be used together: `key` names an item of the list, `after` the items whose children must end first.";
    reading.problems.add([...path, missing], "MISSING", message);
  }
  const read = (name: "key" | "after", types: readonly SchemaType[]): Operand | null => {
    const operand = readOperand(reading, source[name], [...path, name], scope);
    const where = [...path, name];
    if (operand === null) return null;
    if (!("path" in operand) || operand.path[0] !== "item") {
      reading.problems.add(where, "BAD_VALUE", `Expected a path in the item, such as item.${name === "key" ? "name" : name}.`);
      return null;
    }
    const message = operandTypeProblem(operand, scope, new Set(types));
    if (message !== null) reading.problems.add(where, "WRONG_TYPE", message);
    return operand;
  };
  const key = source["key"] === undefined ? null : read("key", ["string"]);
  const after = source["after"] === undefined ? null : read("after", ["string", "array"]);
  return key !== null && after !== null ? { key, after } : null;
}

function readCollect({ problems }: Reading, source: Source, path: Path, scope: Scope): readonly string[] | null {
  const value = source["collect"];
  if (value === undefined) return null;
  const where = [...path, "collect"];
  if (typeof value !== "string" || !DATA_PATH.test(value) || value.split(".").some(isForbiddenKey)) {
    problems.add(where, "BAD_VALUE", `Expected a path in the data to write the results to, such as data.results, found ${quote(value)}.`);
    return null;
  }
  const target = value.split(".");
  for (const { code, message } of checkOperand({ value: [] }, scope, target)) problems.add(where, code, message);
  return target.slice(1);
}

function readValues(reading: Reading, value: unknown, path: Path, scope: Scope): readonly (readonly [string, Operand])[] {
  if (value === undefined) return [];
  return readNamedValues(reading, value, path).flatMap(([name, text]): (readonly [string, Operand])[] => {
    const operand = readOperand(reading, text, [...path, name], scope);
    return operand ? [[name, operand]] : [];
  });
}

/** Reads expressions over the child's own data, whose schema is in another definition. */
function readResult(reading: Reading, value: unknown, path: Path): ChildRule["result"] {
  const entries = readValues(reading, value, path, { data: null, input: null, isAction: false });
  for (const [name, operand] of entries) {
    if (pathsOfOperand(operand).some(([root]) => root !== "data"))
      reading.problems.add([...path, name], "UNKNOWN_PATH", "A result can read only the child's own data, for example data.cost.");
  }
  return entries;
}

/** Context for reading the join of a state. */
export type JoinPlace = {
  readonly children: readonly ChildRule[];
  readonly hasChildren: boolean;
  readonly transitions: ReadonlyMap<string, Transition>;
  /** The transitions as written. */
  readonly bodies: unknown;
};

/** Reads the `join` of a state. Nobody can fire its transitions, so they cannot have keys that require a person. */
export function readJoin(reading: Reading, value: unknown, path: Path, place: JoinPlace): Join | null {
  const { problems } = reading;
  if (value === undefined) {
    if (place.children.some(({ collect }) => collect !== null))
      problems.add(path, "MISSING", "Results are collected when the children join. Add a `join` to the state.");
    return null;
  }
  const source = readObject(problems, value, path, JOIN_KEYS);
  if (!source) return null;
  if (!place.hasChildren) problems.add(path, "BAD_VALUE", "A join waits for children, but the state has none.");
  const need = valueOr(source, "need", "all");
  const isCount = typeof need === "number" && Number.isInteger(need) && need >= 1 && need <= MAX_CHILDREN;
  if (need !== "all" && need !== "any" && !isCount)
    problems.add([...path, "need"], "BAD_VALUE", `need must be all, any or a number from 1 to ${MAX_CHILDREN}, not ${quote(need)}.`);
  const of = valueOr(source, "of", "completed");
  if (of !== "completed" && of !== "ended") problems.add([...path, "of"], "BAD_VALUE", `of must be completed or ended, not ${quote(of)}.`);
  const then = readFired(reading, source, "then", path, place);
  const otherwise = readFired(reading, source, "otherwise", path, place);
  if (then !== null && then === otherwise)
    problems.add(
      [...path, "otherwise"],
      "BAD_VALUE",
      "`then` and `otherwise` must be different transitions. Omit `otherwise`, or use another transition.",
    );
  if (then === null) return null;
  const isNeed = need === "all" || need === "any" || isCount;
  return { need: isNeed ? need : "all", of: of === "ended" ? "ended" : "completed", fires: then, otherwise };
}

function readFired(
  { problems }: Reading,
  source: Source,
  key: "then" | "otherwise",
  path: Path,
  { transitions, bodies }: JoinPlace,
): string | null {
  const name = readText(problems, source, key, path, {
    maxChars: 64,
    ...(key === "then" && { isRequired: true as const }),
    like: "finished",
  });
  if (name === null) return null;
  const where = [...path, key];
  const body = transitions.has(name) ? (bodies as Source)[name] : undefined;
  if (!transitions.has(name)) {
    problems.add(where, "BAD_VALUE", `The state has no transition ${quote(name)}.${didYouMean(name, transitions.keys())}`);
    return null;
  }
  for (const unfit of NOT_OF_JOINS) {
    if ((body as Source)[unfit] === undefined) continue;
    const message = `The join fires ${quote(name)} as soon as its children allow it, so the transition cannot have ${quote(unfit)}.`;
    problems.add([...path.slice(0, -1), "transitions", name, unfit], "BAD_VALUE", message);
  }
  return name;
}
