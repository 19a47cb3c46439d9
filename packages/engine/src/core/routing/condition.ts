import { parseCondition, type Parsed } from "../conditions/syntax/parse.js";
import { pathsOf } from "../conditions/paths.js";
import { pathText, type Condition } from "../model/condition.js";
import { didYouMean, quote } from "../model/problems.js";

/** Paths that a rule can read in addition to `data.…`. */
const PATHS = [
  "owner.id",
  "owner.roles",
  "owner.teamIds",
  "definition",
  "state",
  "task",
  "time.date",
  "time.time",
  "time.weekday",
  "time.isWorking",
];

/**
 * Reads the condition of a routing rule. Rules apply to the data of many definitions, so paths in the data are not checked: an absent value is never
 * true.
 */
export function parseRoutingCondition(source: string): Parsed<Condition> {
  const parsed = parseCondition(source);
  if (!parsed.ok) return parsed;
  const unknown = pathsOf(parsed.value).find((path) => path[0] !== "data" && !PATHS.includes(path.join(".")));
  if (!unknown) return parsed;
  return {
    ok: false,
    message: `There is no ${quote(pathText(unknown))}.${didYouMean(unknown.join("."), [...PATHS, `data.${unknown.join(".")}`])}`,
  };
}
