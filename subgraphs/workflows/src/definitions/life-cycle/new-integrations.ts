import { machinesOf, namedInMachine, type Machine } from "@weft/engine";
import { Forbidden, quote } from "@weft/shared/errors";
import { reachesAll } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import type { DefinitionRow } from "../definition.type.js";
import { selectPublishedIn } from "../definition.writes.store.js";
import type { Environment } from "./environment.type.js";

/** The most keys that a message lists. */
const MAX_LISTED = 10;

interface Publication {
  readonly definition: Pick<DefinitionRow, "key" | "number">;
  readonly machine: Machine | null;
  /** Environments that the version is about to come into. */
  readonly environments: readonly Environment[];
  readonly verb: "publish" | "promote";
}

/**
 * A published version calls its integrations with their credentials, whoever fires its transitions. So only users who manage integrations bring calls
 * of integrations into an environment whose published version does not call them. Whether such integrations exist makes no difference.
 * @throws Forbidden naming the integrations
 */
export async function assertMayCall(tx: Tx, ctx: Context, { definition, machine, environments, verb }: Publication): Promise<void> {
  const keys = machine === null ? [] : namedInMachine(machine).integrations;
  const { viewer, computing } = ctx;
  if (keys.length === 0 || reachesAll(viewer, "integration.manage")) return;
  const current = await selectPublishedIn(tx, definition.key, environments);
  // A version that can no longer be read allows nothing.
  const machines = await machinesOf(tx, viewer.tenantId, [...new Set(current.values())], computing);
  const allowed = environments.map((environment) => {
    const published = machines.get(current.get(environment) ?? "");
    return new Set(published ? namedInMachine(published).integrations : []);
  });
  const added = keys.filter((key) => allowed.some((known) => !known.has(key)));
  if (added.length === 0) return;
  const listed = added.slice(0, MAX_LISTED).map(quote).join(", ");
  const more = added.length > MAX_LISTED ? ` and ${added.length - MAX_LISTED} more` : "";
  throw new Forbidden(
    `Version ${definition.number} of ${definition.key} calls integrations that the published version does not call: ${listed}${more}. To ${verb} it, you need the permission integration.manage in the whole tenant.`,
  );
}
