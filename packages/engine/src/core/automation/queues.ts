/** Reads which queue steps wait in, and which of them come first. */
import { readObject, readText, valueOr, type Source } from "../document/reader.js";
import type { Step } from "../model/automation.js";
import { quote, type Path, type ProblemList } from "../model/problems.js";

export const QUEUE_KEYS = ["queue", "priority"];
const MAX_LIMIT = 1000;
const PRIORITIES = { low: -1, normal: 0, high: 1 } as const;

/** The members of steps that say when they are done. `standard`: those of the automation, which its steps have unless they say otherwise. */
export type Queueing = Pick<Step, "queue" | "priority">;

export const NO_QUEUE: Queueing = { queue: null, priority: 0 };

export function readQueueing(problems: ProblemList, source: Source, path: Path, standard: Queueing): Queueing {
  return {
    queue: source["queue"] === undefined ? standard.queue : readQueue(problems, source["queue"], [...path, "queue"]),
    priority: source["priority"] === undefined ? standard.priority : readPriority(problems, source["priority"], [...path, "priority"]),
  };
}

function readQueue(problems: ProblemList, value: unknown, path: Path): Step["queue"] {
  const source = readObject(problems, value, path, ["name", "limit"]);
  if (!source) return null;
  const name = readText(problems, source, "name", path, {
    maxChars: 64,
    isRequired: true,
    pattern: /^[A-Za-z_][A-Za-z0-9_.-]*$/,
    like: "production",
  });
  const limit = valueOr(source, "limit", 1);
  if (typeof limit !== "number" || !Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    problems.add([...path, "limit"], "BAD_VALUE", `limit must be a whole number from 1 to ${MAX_LIMIT}, not ${quote(limit)}.`);
    return null;
  }
  return name === null ? null : { name, limit };
}

function readPriority(problems: ProblemList, value: unknown, path: Path): number {
  if (value === "low" || value === "normal" || value === "high") return PRIORITIES[value];
  problems.add(path, "BAD_VALUE", `${quote(value)} is not one of ${Object.keys(PRIORITIES).join(", ")}.`);
  return 0;
}
