import { isForbiddenKey } from "../problems.js";

/** Names that conditions read from the start, wherever they stand: an item of a list is called otherwise. */
const RESERVED: ReadonlySet<string> = new Set(
  "data input instance actor now comment transition item index owner definition state task time true false null in".split(" "),
);

/** null when an item of a list may be called so in a condition, else why not. */
export function nameProblem(name: unknown): string | null {
  if (typeof name !== "string" || isForbiddenKey(name) || !/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name))
    return "The items of a list are called by a plain name, for instance data.lines.all(line, line.amount > 0).";
  return RESERVED.has(name) ? `An item cannot be called "${name}": conditions read something else by that name.` : null;
}
