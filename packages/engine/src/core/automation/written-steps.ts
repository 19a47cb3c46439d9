/** The list of steps as written, and what each waits for. */
import { readObject, readText, type Source } from "../document/reader.js";
import { didYouMean, isForbiddenKey, quote, type Path, type ProblemList } from "../model/problems.js";
import { QUEUE_KEYS } from "./queues.js";
import { AUTOMATION_NAME } from "./names.js";
import { WORK_KEYS } from "./work.js";

const STEP_KEYS = [...WORK_KEYS, ...QUEUE_KEYS, "id", "name", "depends_on", "when", "for_each", "critical", "on_failure", "compensate"];
const MAX_STEPS = 500;

/** Steps as written, those without a usable ID omitted. */
export type WrittenStep = { readonly id: string; readonly source: Source; readonly path: Path };

export function writtenSteps(problems: ProblemList, value: unknown, list: Path): readonly WrittenStep[] {
  if (!Array.isArray(value) || value.length === 0) {
    problems.add(list, value === undefined ? "MISSING" : "WRONG_TYPE", "Expected a list of steps, each with an id and a type.");
    return [];
  }
  if (value.length > MAX_STEPS) problems.add(list, "TOO_LARGE", `There are ${value.length} steps; the maximum is ${MAX_STEPS}.`);
  const seen = new Map<string, number>();
  return value.slice(0, MAX_STEPS).flatMap((body: unknown, index): WrittenStep[] => {
    const path = [...list, index];
    const source = readObject(problems, body, path, STEP_KEYS);
    const id =
      source && readText(problems, source, "id", path, { maxChars: 64, isRequired: true, pattern: AUTOMATION_NAME, like: "run-tests" });
    if (!source || id === null || isForbiddenKey(id)) return [];
    const earlier = seen.get(id);
    seen.set(id, index);
    if (earlier === undefined) return [{ id, source, path }];
    problems.add([...path, "id"], "BAD_VALUE", `There is already a step ${quote(id)}.`);
    return [];
  });
}

/** A step without `depends_on` comes after the one that is written before it, as in a list that people read. An empty list: it begins with the run. */
export function readDependencies(problems: ProblemList, written: readonly WrittenStep[]): ReadonlyMap<string, readonly string[]> {
  const ids = new Set(written.map(({ id }) => id));
  return new Map(
    written.map(({ id, source, path }, index) => {
      const value = source["depends_on"];
      const previous = written[index - 1];
      if (value === undefined) return [id, previous ? [previous.id] : []];
      const listed: readonly unknown[] = Array.isArray(value) ? value : [value];
      const where = [...path, "depends_on"];
      const known = listed.flatMap((one, place): string[] => {
        const at = Array.isArray(value) ? [...where, place] : where;
        if (typeof one === "string" && ids.has(one) && one !== id) return [one];
        const message = one === id ? "A step cannot wait for itself." : `There is no step ${quote(one)}.${didYouMean(String(one), ids)}`;
        problems.add(at, "BAD_VALUE", message);
        return [];
      });
      return [id, [...new Set(known)]];
    }),
  );
}
