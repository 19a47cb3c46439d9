import type { Problem } from "@weft/shared/errors";
import { BREAK, visit } from "graphql";
import type { DocumentNode } from "graphql";

/**
 * Limits the cost of planning lists in a document. The planner of @apollo/gateway searches every list for variables twice
 * (`collectVariablesInValue`), the lists inside it four times, and so on: eighty brackets would keep the process busy for years.
 */
const mostVisits = 50_000;

/**
 * Returns a problem if the text of an operation contains more nested lists than can be planned. Variables can contain them, because the planner does
 * not search those.
 */
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
  return isTooMuch ? [{ path: "", message: "The document contains too many nested lists. Pass these values as variables." }] : [];
}
