/** `decide`: how the completed tasks of a state become a transition. What this accepts cannot get stuck: every way to vote leads somewhere. */
import type { Decide, TaskRule, Transition } from "../machine.js";
import { didYouMean, quote, type Path } from "../problems.js";
import { readFlag, readObject, readText, type Reading } from "./reader.js";

/** Not names of transitions here. */
const OPTIONS = ["otherwise", "repeat"];

/** What the state has been read to have: whose completion counts, and what can be voted for. */
export type Votes = { readonly tasks: readonly TaskRule[]; readonly transitions: ReadonlyMap<string, Transition> };

export function readDecide(reading: Reading, value: unknown, path: Path, { tasks, transitions }: Votes): Decide | null {
  if (value === undefined) return null;
  const { problems } = reading;
  const source = readObject(problems, value, path, null);
  if (!source) return null;
  if (tasks.length === 0) problems.add(path, "BAD_VALUE", "The state has no tasks, so nobody could vote. Add `tasks`.");
  const needed = new Map<string, number | "all">();
  for (const [name, number] of Object.entries(source)) {
    if (OPTIONS.includes(name) || name.startsWith("x-")) continue;
    const where = [...path, name];
    const transition = transitions.get(name);
    if (!transition) problems.add(where, "BAD_VALUE", `The state has no transition ${quote(name)}.${didYouMean(name, transitions.keys())}`);
    else if (transition.isAutomatic)
      problems.add(where, "BAD_VALUE", `${quote(name)} is automatic: nobody votes for it. Leave \`auto\` out where votes decide.`);
    const count = number === "any" ? 1 : number;
    if (count === "all" || (typeof count === "number" && Number.isInteger(count) && count >= 1 && count <= mostVotes(tasks)))
      needed.set(name, count);
    else
      problems.add(
        where,
        "BAD_VALUE",
        `Expected all, any or a number from 1 to ${mostVotes(tasks)} (there are as many tasks), found ${quote(number)}.`,
      );
  }
  if (needed.size === 0)
    problems.add(path, "BAD_VALUE", "Nothing is decided here. Name a transition, for instance decide: { approve: all, reject: any }.");
  const otherwise = readText(problems, source, "otherwise", path, { maxChars: 64 });
  const target = otherwise === null ? undefined : transitions.get(otherwise);
  if (otherwise !== null && !target)
    problems.add(
      [...path, "otherwise"],
      "BAD_VALUE",
      `The state has no transition ${quote(otherwise)}.${didYouMean(otherwise, transitions.keys())}`,
    );
  if (otherwise !== null && needed.has(otherwise))
    problems.add([...path, "otherwise"], "BAD_VALUE", `${quote(otherwise)} is voted for; what happens otherwise is another transition.`);
  if (target) checkOtherwise(reading, target, path);
  if (otherwise === null && needed.size > 0 && tasks.length > 0) {
    const stuck = stuckVotes(needed, tasks);
    if (stuck !== null) problems.add(path, "DEAD_END", `${stuck} Name a transition for that case: otherwise: escalate.`);
  }
  return { needed, otherwise, isRepeatable: readFlag(problems, source, "repeat", path) };
}

/** Nobody chooses it, so it can ask nobody for anything, and must not be closed when its moment comes. */
function checkOtherwise({ problems }: Reading, { name, allow, when, input, requiresComment }: Transition, path: Path): void {
  const where = [...path.slice(0, -1), "transitions", name];
  const asks = { allow, when, input, comment: requiresComment || null };
  for (const [key, asked] of Object.entries(asks)) {
    if (asked !== null)
      problems.add([...where, key], "BAD_VALUE", `${quote(name)} fires when the votes decide nothing: it has no \`${key}\`.`);
  }
}

/** A list of the data may be of any length that a state can open. */
function mostVotes(tasks: readonly TaskRule[]): number {
  return tasks.some(({ each }) => each)
    ? 100
    : Math.max(
        1,
        tasks.reduce((sum, { count }) => sum + count, 0),
      );
}

/** How all could vote without deciding anything, as a sentence; null when that cannot be. */
function stuckVotes(needed: ReadonlyMap<string, number | "all">, tasks: readonly TaskRule[]): string | null {
  const alls = [...needed.values()].filter((one) => one === "all").length;
  const spare = [...needed.values()].reduce<number>((sum, one) => sum + (one === "all" ? 0 : one - 1), 0);
  if (tasks.some(({ each }) => each)) {
    // The number is known only when the tasks are opened: it must not matter.
    const isSafe = alls === 0 ? spare === 0 : alls === 1 && spare === 0;
    return isSafe ? null : "However many tasks the list gives, the votes could be divided so that nothing is decided.";
  }
  const votes = tasks.reduce((sum, { count }) => sum + count, 0);
  if (spare + alls * (votes - 1) < votes) return null;
  return `The ${votes} votes could be divided so that nothing is decided: no transition would have its number.`;
}
