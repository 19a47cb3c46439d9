import { parseCondition, type Parsed } from "../conditions/parse.js";
import { pathsOf } from "../conditions/paths.js";
import { pathText, type Condition } from "../conditions/tree.js";
import { didYouMean, quote } from "../problems.js";

/** What a rule may read beside `data.…`. */
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

/** Reads the condition of a routing rule. The data of many definitions come by, so a path of the data is taken as it is: what is absent is never true. */
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
