/** How instances get from one version of a definition to another: which state corresponds to which, and what happens to the data. */
import { evaluateOperand } from "../conditions/evaluate.js";
import { lookUp, type Context } from "../conditions/context.js";
import { parseOperand } from "../conditions/syntax/parse.js";
import type { Operand } from "../model/condition.js";
import type { Machine } from "../model/machine.js";
import { withValue, findUnfit, isObject } from "../model/values.js";
import { stepName } from "../authorization/people.js";
import { didYouMean, isForbiddenKey, quote } from "../model/problems.js";
import type { Json, JsonObject } from "../model/json.js";
import type { InputProblem } from "../model/rejection.js";

export type MigrationMapping = {
  readonly states: ReadonlyMap<string, string>;
  readonly tasks: ReadonlyMap<string, string>;
  /** Steps (`state.transition`) with another name, if the name does not follow from their states. */
  readonly steps: ReadonlyMap<string, string>;
  readonly data: readonly DataStep[];
};

/** Applied in this order: values that are moved, set and removed. Paths are below `data`. */
type DataStep =
  | { readonly kind: "move"; readonly from: readonly string[]; readonly to: readonly string[] }
  | { readonly kind: "set"; readonly path: readonly string[]; readonly value: Operand }
  | { readonly kind: "remove"; readonly path: readonly string[] };

export type Renaming = { readonly from: string; readonly to: string };

/** As clients write it. `set` works like that of a definition's actions: a text is an expression, every other value is a literal. */
export type MappingSource = {
  readonly states?: readonly Renaming[] | null | undefined;
  readonly tasks?: readonly Renaming[] | null | undefined;
  readonly steps?: readonly Renaming[] | null | undefined;
  readonly move?: readonly Renaming[] | null | undefined;
  readonly set?: unknown;
  readonly remove?: readonly string[] | null | undefined;
};

const MAX_ENTRIES = 200;
const DATA_PATH = /^data(\.[A-Za-z_][A-Za-z0-9_-]*){1,15}$/;

/** Returns the mapping, or every problem in it. `from` is null if the old version can no longer be read; its names are then accepted as given. */
export function readMapping(
  source: MappingSource | null | undefined,
  from: Machine | null,
  to: Machine,
): { readonly mapping: MigrationMapping; readonly problems: readonly InputProblem[] } {
  const problems: InputProblem[] = [];
  const { states, tasks, steps, move, set, remove } = source ?? {};
  const bounded = <T>(list: readonly T[] | null | undefined, name: string): readonly T[] => {
    const all = list ?? [];
    if (all.length > MAX_ENTRIES) problems.push({ path: name, message: `There are ${all.length} entries; the maximum is ${MAX_ENTRIES}.` });
    return all.slice(0, MAX_ENTRIES);
  };
  const rename = (
    list: typeof states,
    name: string,
    known: ReadonlyMap<string, unknown> | undefined,
    wanted: ReadonlyMap<string, unknown>,
  ) => {
    const renamed = new Map<string, string>();
    for (const [at, { from: old, to: next }] of bounded(list, name).entries()) {
      if (known && !known.has(old))
        problems.push({ path: `${name}.${at}.from`, message: `The old version has no ${quote(old)}.${didYouMean(old, known.keys())}` });
      if (!wanted.has(next))
        problems.push({ path: `${name}.${at}.to`, message: `The new version has no ${quote(next)}.${didYouMean(next, wanted.keys())}` });
      if (renamed.has(old)) problems.push({ path: `${name}.${at}.from`, message: `${quote(old)} is mapped twice.` });
      renamed.set(old, next);
    }
    return renamed;
  };
  const pathAt = (text: string, where: string): readonly string[] => {
    const path = text.split(".");
    if (!DATA_PATH.test(text) || path.some(isForbiddenKey))
      problems.push({ path: where, message: `${quote(text)} is not a path in the data. Paths look like data.approvedBy.` });
    return path.slice(1);
  };
  const mapping: MigrationMapping = {
    states: rename(states, "states", from?.states, to.states),
    tasks: rename(tasks, "tasks", from?.tasks, to.tasks),
    steps: rename(steps, "steps", from ? stepsOf(from) : undefined, stepsOf(to)),
    data: [
      ...bounded(move, "move").map((one, at): DataStep => {
        return { kind: "move", from: pathAt(one.from, `move.${at}.from`), to: pathAt(one.to, `move.${at}.to`) };
      }),
      ...valuesOf(set, problems).map(([target, value]): DataStep => ({
        kind: "set",
        path: pathAt(target, `set.${target.slice(0, 80)}`),
        value,
      })),
      ...bounded(remove, "remove").map((text, at): DataStep => ({ kind: "remove", path: pathAt(text, `remove.${at}`) })),
    ],
  };
  return { mapping, problems: problems.slice(0, 100) };
}

/** Returns every step of a machine, as `notSameAs` references it. */
const stepsOf = ({ states }: Machine): ReadonlyMap<string, unknown> =>
  new Map([...states].flatMap(([state, { transitions }]) => [...transitions].map(([name, one]) => [stepName(state, name), one] as const)));

function valuesOf(set: unknown, problems: InputProblem[]): (readonly [string, Operand])[] {
  if (set === undefined || set === null) return [];
  const [unfit] = findUnfit(set, ["set"], { maxNodes: 2_000, maxDepth: 16, maxChars: 100_000 });
  if (unfit || !isObject(set)) {
    problems.push({
      path: "set",
      message: unfit?.message ?? `Expected paths with values, for example { "data.approved": true }, found ${quote(set)}.`,
    });
    return [];
  }
  const entries = Object.entries(set);
  if (entries.length > MAX_ENTRIES)
    problems.push({ path: "set", message: `There are ${entries.length} values; the maximum is ${MAX_ENTRIES}.` });
  return entries.slice(0, MAX_ENTRIES).flatMap(([target, value]): (readonly [string, Operand])[] => {
    const parsed = typeof value === "string" ? parseOperand(value) : { ok: true as const, value: { value: value as Json } };
    if (parsed.ok) return [[target, parsed.value]];
    problems.push({ path: `set.${target.slice(0, 80)}`, message: `${parsed.message} Put literal text in quotes: "'done'".` });
    return [];
  });
}

/** Returns the data as the new version should have it. An absent value is neither moved nor, by a path that reads it, set. */
export function mappedData({ data: steps }: MigrationMapping, data: JsonObject, contextOfData: (data: JsonObject) => Context): JsonObject {
  return steps.reduce((mapped, step) => {
    switch (step.kind) {
      case "move": {
        const value = lookUp(mapped, step.from);
        return value === undefined ? mapped : withValue(withValue(mapped, step.from, undefined), step.to, value);
      }
      case "set": {
        const value = evaluateOperand(step.value, contextOfData(mapped));
        return value === undefined ? mapped : withValue(mapped, step.path, value);
      }
      case "remove":
        return withValue(mapped, step.path, undefined);
      default:
        return step satisfies never;
    }
  }, data);
}

/** Returns a step (`state.transition`) with the names of the new version. */
export function mappedStep({ states, steps }: MigrationMapping, step: string): string {
  const mapped = steps.get(step);
  if (mapped !== undefined) return mapped;
  const [state = "", ...rest] = step.split(".");
  return [states.get(state) ?? state, ...rest].join(".");
}
