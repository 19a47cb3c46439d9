import { countOpenClocks, previewClocks, selectClockOwners, type ClockScope, type SlaPolicy, type TermsDraft } from "@weft/engine";
import { BadUserInput, NotFound } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { toPreviewedChange, type SlaPreview } from "../recomputations/recomputation.type.js";
import type { PreviewSlaPolicyInput } from "./sla-policy.type.js";
import { getPolicy } from "./sla-policy.service.js";
import { sizeOfPolicies } from "./sla-policy.store.js";
import { newTerms, readTerms } from "./terms.js";

/** Instances per page. */
export const MAX_PREVIEWED = 500;

export type PreviewPage = { readonly first: number; readonly cursor: string | null | undefined };

/** Returns what a draft of a policy would do to open clocks. */
export function previewSlaPolicy(ctx: Context, input: PreviewSlaPolicyInput, page: PreviewPage): Promise<SlaPreview> {
  return ctx.read(async (tx) => {
    const { draft, definitionKey } = await readDraft(ctx, tx, input);
    return preview(ctx, tx, { draft, scope: { definitionKey, teamId: null }, page });
  });
}

type Draft = { readonly draft: TermsDraft; readonly definitionKey: string | null };

async function readDraft(ctx: Context, tx: Tx, { id: given, isDeleted, ...terms }: PreviewSlaPolicyInput): Promise<Draft> {
  const { tenantId } = ctx.viewer;
  if (typeof given !== "string") {
    if (isDeleted === true) throw new BadUserInput([{ path: "input.id", message: "The ID of the policy to delete is missing." }]);
    const { last } = await sizeOfPolicies(tx);
    const { policy } = await readTerms(tx, tenantId, { ...newTerms(last + 1), id: newId() }, terms);
    return { draft: { policies: (current) => ordered([...current, policy]) }, definitionKey: policy.definitionKey };
  }
  const id = decodeId("slaPolicy", given, "input.id");
  const before = await getPolicy(tx, id);
  if (before.deletedAt !== null) throw new NotFound("SlaPolicy", encodeId("slaPolicy", id));
  const policy = isDeleted === true ? null : (await readTerms(tx, tenantId, before, terms)).policy;
  const isOfOneDefinition = policy === null || policy.definitionKey === before.definitionKey;
  return {
    draft: { policies: (current) => ordered([...current.filter((one) => one.id !== id), ...(policy ? [policy] : [])]) },
    definitionKey: isOfOneDefinition ? before.definitionKey : null,
  };
}

const ordered = (policies: readonly SlaPolicy[]): SlaPolicy[] =>
  policies.toSorted((a, b) => a.position - b.position || (a.id < b.id ? -1 : 1));

type Previewed = { readonly draft: TermsDraft; readonly scope: ClockScope; readonly page: PreviewPage };

/** Examines the open clocks of a page of instances. */
export async function preview(ctx: Context, tx: Tx, { draft, scope, page: { first, cursor } }: Previewed): Promise<SlaPreview> {
  if (first < 1 || first > MAX_PREVIEWED)
    throw new BadUserInput([{ path: "first", message: `The number of instances must be from 1 to ${MAX_PREVIEWED}.` }]);
  const from = typeof cursor === "string" ? decodeId("instance", cursor, "cursor") : null;
  const owners = await selectClockOwners(tx, scope, { after: from, limit: first });
  const ids = owners.map(({ instanceId }) => instanceId);
  const found = await previewClocks(tx, ctx.viewer.tenantId, ids, draft);
  const last = ids.at(-1);
  return {
    openClocks: await countOpenClocks(tx, scope),
    examinedClocks: owners.reduce((sum, { clocks }) => sum + clocks, 0),
    changes: found.map(toPreviewedChange),
    nextCursor: last !== undefined && owners.length === first ? encodeId("instance", last) : null,
  };
}
