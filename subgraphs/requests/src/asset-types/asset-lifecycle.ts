import { actorOf, findPublishedMachine, type JsonObject, startInstance } from "@weft/engine";
import { BadUserInput, type Problem, quote } from "@weft/shared/errors";
import type { Viewer } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import type { AssetTypeRow } from "./asset-type.store.js";
import type { AssetLifecycleInput } from "./asset-type.type.js";

type LifecycleColumns = Pick<AssetTypeRow, "lifecycleDefinitionKey" | "lifecycleStatuses">;

/** Properties of an asset that its workflow starts with, if the definition's data has them. */
const OF_ASSET = ["tag", "name", "type"] as const;

type AssetValues = Readonly<Record<(typeof OF_ASSET)[number], string>>;

/**
 * Returns the columns for a lifecycle. Null: none.
 * @throws BadUserInput if the definition is not published, lacks a state, or requires data that no asset has
 */
export async function readLifecycle(tx: Tx, viewer: Viewer, lifecycle: AssetLifecycleInput | null): Promise<LifecycleColumns> {
  if (lifecycle === null) return { lifecycleDefinitionKey: null, lifecycleStatuses: {} };
  const { definitionKey, statuses } = lifecycle;
  const machine = await findPublishedMachine(tx, viewer.tenantId, definitionKey);
  if (machine === null) {
    const message = `No published definition with the key ${quote(definitionKey)} exists. Publish it first.`;
    throw new BadUserInput([{ path: "input.lifecycle.definitionKey", message }]);
  }
  const states = statuses.map(({ state }) => state);
  const problems: Problem[] = [
    ...machine.data.root.required
      .filter((name) => !OF_ASSET.some((known) => known === name))
      .map((name) => ({
        path: "input.lifecycle.definitionKey",
        message: `The definition requires ${quote(name)}. Workflows of assets start only with ${OF_ASSET.join(", ")}.`,
      })),
    ...states.flatMap((state, index) => {
      const path = `input.lifecycle.statuses.${index}.state`;
      if (!machine.states.has(state)) return [{ path, message: `The definition ${quote(definitionKey)} has no state ${quote(state)}.` }];
      return states.indexOf(state) < index ? [{ path, message: `The state ${quote(state)} occurs twice.` }] : [];
    }),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
  return {
    lifecycleDefinitionKey: definitionKey,
    lifecycleStatuses: Object.fromEntries(statuses.map(({ state, status }) => [state, status])),
  };
}

interface Started {
  readonly instanceId: string;
  /** Absent if the state leaves the status as it is. */
  readonly status?: string;
}

/**
 * Starts the workflow of an asset, which the transaction inserts or updates afterwards with what is returned. Null if the type has no lifecycle.
 * @throws BadUserInput if the definition is no longer published
 */
export async function startLifecycle(
  tx: Tx,
  ctx: Context,
  type: AssetTypeRow,
  { id, ...asset }: AssetValues & { readonly id: string },
): Promise<Started | null> {
  const { lifecycleDefinitionKey: definitionKey, lifecycleStatuses } = type;
  if (definitionKey === null) return null;
  const machine = await findPublishedMachine(tx, ctx.viewer.tenantId, definitionKey);
  if (machine === null) {
    const message = `The lifecycle of the asset type ${quote(type.key)} needs the definition ${quote(definitionKey)}, which is not published. Publish it, or change the type with updateAssetType.`;
    throw new BadUserInput([{ path: "input.type", message }]);
  }
  const data: JsonObject = Object.fromEntries(
    OF_ASSET.flatMap((name) => (machine.data.root.properties.has(name) ? [[name, asset[name]]] : [])),
  );
  const { id: instanceId, state } = await startInstance(tx, ctx.meta, {
    definitionKey,
    data,
    ownerId: ctx.viewer.userId,
    subject: { type: "asset", id },
    actor: actorOf(ctx.viewer),
  });
  const status = Object.hasOwn(lifecycleStatuses, state) ? lifecycleStatuses[state] : undefined;
  return { instanceId, ...(status !== undefined && { status }) };
}
