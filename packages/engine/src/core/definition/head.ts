import { DEFINITION_KEY, readText, type Source } from "../document/reader.js";
import type { ProblemList } from "../model/problems.js";

export type Head = { readonly key: string | null; readonly name: string | null; readonly description: string | null };

/** Reads what every definition begins with. */
export function readHead(problems: ProblemList, source: Source): Head {
  if (source["weft"] !== 1)
    problems.add(
      ["weft"],
      source["weft"] === undefined ? "MISSING" : "BAD_VALUE",
      "The first key must be weft: 1, the version of this format.",
    );
  return {
    key: readText(problems, source, "key", [], { maxChars: 64, isRequired: true, pattern: DEFINITION_KEY, like: "maintenance-request" }),
    name: readText(problems, source, "name", [], { maxChars: 200, isRequired: true, like: "Maintenance request" }),
    description: readText(problems, source, "description", [], { maxChars: 2000 }),
  };
}
