import { isForbiddenKey } from "../../model/problems.js";

/** Names that are always available in conditions. Items of a list need other names. */
const RESERVED: ReadonlySet<string> = new Set(
  "data input instance actor now comment transition item index owner definition state task time true false null in".split(" "),
);

/** Returns null if an item of a list can have this name in a condition, otherwise the reason why not. */
export function nameProblem(name: unknown): string | null {
  if (typeof name !== "string" || isForbiddenKey(name) || !/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name))
    return "Use a plain name for the items of a list, for example data.lines.all(line, line.amount > 0).";
  return RESERVED.has(name) ? `An item cannot be named "${name}": conditions use that name for something else.` : null;
}
