/**
 * `decide`: how the completed tasks of a state select a transition. A definition that is accepted here cannot get stuck: every combination of votes
 * leads somewhere.
 */
import type { Decide, TaskRule, Transition } from "../model/machine.js";
import { didYouMean, quote, type Path } from "../model/problems.js";
import { readFlag, readObject, readText, type Reading } from "../document/reader.js";

/** Keys that are not names of transitions here. */
const OPTIONS = ["otherwise", "repeat"];

/** What is known of the state: the tasks whose completion counts, and the transitions that users can vote for. */
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
      problems.add(where, "BAD_VALUE", `${quote(name)} is automatic, so nobody can vote for it. Omit \`auto\` if votes decide.`);
    const count = number === "any" ? 1 : number;
    if (count === "all" || (typeof count === "number" && Number.isInteger(count) && count >= 1 && count <= mostVotes(tasks)))
      needed.set(name, count);
    else
      problems.add(
        where,
        "BAD_VALUE",
        `Expected all, any or a number from 1 to ${mostVotes(tasks)} (the number of tasks), found ${quote(number)}.`,
      );
  }
  if (needed.size === 0)
    problems.add(path, "BAD_VALUE", "Nothing is decided here. Add a transition, for example decide: { approve: all, reject: any }.");
  const otherwise = readText(problems, source, "otherwise", path, { maxChars: 64 });
  const target = otherwise === null ? undefined : transitions.get(otherwise);
  if (otherwise !== null && !target)
    problems.add(
      [...path, "otherwise"],
      "BAD_VALUE",
      `The state has no transition ${quote(otherwise)}.${didYouMean(otherwise, transitions.keys())}`,
    );
  if (otherwise !== null && needed.has(otherwise))
    problems.add([...path, "otherwise"], "BAD_VALUE", `${quote(otherwise)} is decided by votes. Use another transition for \`otherwise\`.`);
  if (target) checkOtherwise(reading, target, path);
  if (otherwise === null && needed.size > 0 && tasks.length > 0) {
    const stuck = stuckVotes(needed, tasks);
    if (stuck !== null) problems.add(path, "DEAD_END", `${stuck} Set a transition for that case, for example otherwise: escalate.`);
  }
  return { needed, otherwise, isRepeatable: readFlag(problems, source, "repeat", path) };
}

/** Nobody chooses the transition, so it cannot require anything of a user, and no condition can block it when it is due. */
function checkOtherwise({ problems }: Reading, { name, allow, when, input, requiresComment }: Transition, path: Path): void {
  const where = [...path.slice(0, -1), "transitions", name];
  const asks = { allow, when, input, comment: requiresComment || null };
  for (const [key, asked] of Object.entries(asks)) {
    if (asked !== null)
      problems.add([...where, key], "BAD_VALUE", `${quote(name)} fires when the votes decide nothing, so it cannot have \`${key}\`.`);
  }
}

/** A list in the data can have any length up to the number of tasks that a state can open. */
function mostVotes(tasks: readonly TaskRule[]): number {
  return tasks.some(({ each }) => each)
    ? 100
    : Math.max(
        1,
        tasks.reduce((sum, { count }) => sum + count, 0),
      );
}

/** Returns how all could vote without deciding anything, as a sentence. Null if that is impossible. */
function stuckVotes(needed: ReadonlyMap<string, number | "all">, tasks: readonly TaskRule[]): string | null {
  const alls = [...needed.values()].filter((one) => one === "all").length;
  const spare = [...needed.values()].reduce<number>((sum, one) => sum + (one === "all" ? 0 : one - 1), 0);
  if (tasks.some(({ each }) => each)) {
    // The number is known only when the tasks are opened, so the result must not depend on it.
    const isSafe = alls === 0 ? spare === 0 : alls === 1 && spare === 0;
    return isSafe ? null : "Whatever the number of tasks from the list, the votes could be split so that nothing is decided.";
  }
  const votes = tasks.reduce((sum, { count }) => sum + count, 0);
  if (spare + alls * (votes - 1) < votes) return null;
  return `The ${votes} votes could be split so that nothing is decided: no transition would get enough votes.`;
}
