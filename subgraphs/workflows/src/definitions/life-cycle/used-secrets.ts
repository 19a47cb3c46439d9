import { graphsOf, type Machine } from "@weft/engine";
import { Forbidden, quote } from "@weft/shared/errors";
import { reachesAll, type Viewer } from "@weft/shared/viewer";
import type { DefinitionRow } from "../definition.type.js";

/** The most names that a message lists. */
const MAX_LISTED = 10;

interface Publication {
  readonly definition: Pick<DefinitionRow, "key" | "number">;
  readonly machine: Machine | null;
  readonly verb: "publish" | "promote";
}

/**
 * The author of a published version decides where its steps send secrets. So only users who can use secrets bring a version into an environment if its
 * steps read any, also if an earlier version reads the same ones: the new one could send them somewhere else.
 * @throws Forbidden naming the secrets
 */
export function assertMayUseSecrets(viewer: Viewer, { definition, machine, verb }: Publication): void {
  const names = machine === null ? [] : [...new Set(graphsOf(machine).flatMap(({ graph }) => [...graph.secrets]))];
  if (names.length === 0 || reachesAll(viewer, "secret.use")) return;
  const listed = names.slice(0, MAX_LISTED).map(quote).join(", ");
  const more = names.length > MAX_LISTED ? ` and ${names.length - MAX_LISTED} more` : "";
  throw new Forbidden(
    `Steps of version ${definition.number} of ${definition.key} read secrets: ${listed}${more}. To ${verb} it, you need the permission secret.use in the whole tenant.`,
  );
}
