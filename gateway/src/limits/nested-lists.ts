import type { Problem } from "@weft/shared";
import { BREAK, visit } from "graphql";
import type { DocumentNode } from "graphql";

/**
 * What planning may cost for the lists that stand in a document: the planner of @apollo/gateway looks for variables in every list twice
 * (`collectVariablesInValue`), in the lists inside it four times, and so on: eighty characters of brackets would keep the process busy for years.
 */
const mostVisits = 50_000;

/** Lists within lists in the text of an operation, when there are more than can be planned. Variables may hold them: the planner does not look into those. */
export function problemsOfNestedLists(document: DocumentNode): Problem[] {
  if ((document.loc?.source.body.split("[", 5).length ?? 5) < 5) return [];
  let depth = 0;
  let visits = 0;
  let isTooMuch = false;
  const count = (): unknown => {
    visits += 2 ** depth;
    isTooMuch = visits > mostVisits;
    return isTooMuch ? BREAK : undefined;
  };
  visit(document, {
    ListValue: {
      enter: () => {
        depth++;
        return count();
      },
      leave: () => void depth--,
    },
    Variable: count,
    StringValue: count,
    IntValue: count,
    FloatValue: count,
    BooleanValue: count,
    EnumValue: count,
    NullValue: count,
    ObjectField: count,
  });
  return isTooMuch ? [{ path: "", message: "The document holds too many lists within lists. Give such values as variables." }] : [];
}
