import { Liquid } from "liquidjs";

/** Tags that templates can use. Others write text without escaping it, or load other templates. */
const allowedTags = ["if", "unless", "case", "for", "assign", "comment", "break", "continue"];

/** Filters that templates cannot use: `raw` does not escape, and the others take expressions or evaluate much. */
const refusedFilters = ["raw", "where_exp", "reject_exp", "group_by_exp", "find_exp", "find_index_exp", "has_exp", "inspect", "json"];

function engine(outputEscape: "escape" | undefined): Liquid {
  const liquid = new Liquid({
    strictFilters: true,
    ownPropertyOnly: true,
    // Empty texts count as missing in conditions.
    jsTruthy: true,
    ...(outputEscape && { outputEscape }),
    // Without it, names of partials would be files.
    templates: {},
    parseLimit: 200_000,
    renderLimit: 500,
    memoryLimit: 2_000_000,
    timezoneOffset: "Etc/UTC",
  });
  for (const name of Object.keys(liquid.tags)) if (!allowedTags.includes(name)) delete liquid.tags[name];
  for (const name of refusedFilters) delete liquid.filters[name];
  return liquid;
}

/** Renders values as text. */
export const textEngine = engine(undefined);

/** Renders values as HTML: every value is escaped. */
export const htmlEngine = engine("escape");
