import { asksFor, type FilterValue } from "@weft/api/filters";
import { BadUserInput } from "@weft/shared/errors";

/** Conditions that no index helps to find, and those of which one must come with them, so that not the whole trail is read. */
const scanned = ["address", "changed", "clientName", "text"] as const;

/** @throws BadUserInput if a condition of the filter would read the whole trail */
export function assertNarrow(filter: FilterValue | null | undefined, path = "filter"): void {
  const { entityId, actorId, at } = (filter ?? {}) as Readonly<Record<string, Readonly<Record<string, unknown>> | null | undefined>>;
  const isGiven = (value: unknown): boolean => value !== undefined && value !== null;
  const isNarrow =
    [entityId, actorId].some((condition) => isGiven(condition?.["eq"]) || isGiven(condition?.["in"])) ||
    isGiven(at?.["gt"]) ||
    isGiven(at?.["gte"]);
  if (isNarrow) return;
  for (const name of scanned)
    if (asksFor(name, filter))
      throw new BadUserInput([
        {
          path: `${path}.${name}`,
          message: `\`${name}\` reads every entry that the other conditions leave. Add \`entityId\`, \`actorId\`, or the start of a period (\`at: { gte: … }\`).`,
        },
      ]);
}
