import { reachesAll } from "@weft/shared/viewer";
import type { Context } from "@weft/api/context";
import { selectPoliciesById, selectPoliciesOfTypes, selectPolicyVersions } from "./sla-policy.store.js";
import { toPolicyVersion, toSlaPolicy, type SlaPolicy, type SlaPolicyVersion } from "./sla-policy.type.js";

const MAX_VERSIONS = 100;

/** Loads policies by UUID for users who can see all of them. Null for other users. */
export async function loadSlaPolicy(ctx: Context, id: string): Promise<SlaPolicy | null> {
  if (!reachesAll(ctx.viewer, "sla.read")) return null;
  return ctx
    .loader<string, SlaPolicy>(
      "slaPolicy",
      async (tx, ids) => new Map((await selectPoliciesById(tx, ids)).map((row) => [row.id, toSlaPolicy(row)])),
    )
    .load(id);
}

/** Loads the newest versions of a policy that the viewer can see, newest first. One statement for all policies of the response. */
export async function loadPolicyVersions(ctx: Context, id: string): Promise<SlaPolicyVersion[]> {
  const found = await ctx
    .loader<string, SlaPolicyVersion[]>("slaPolicyVersions", async (tx, ids) => {
      const rows = Map.groupBy(await selectPolicyVersions(tx, ids, MAX_VERSIONS), ({ policyId }) => policyId);
      return new Map([...rows].map(([policyId, versions]) => [policyId, versions.map(toPolicyVersion)]));
    })
    .load(id);
  return found ?? [];
}

/** Loads the policies that concern requests of a type. One statement for all types of the response. */
export async function loadPoliciesOfType(ctx: Context, typeId: string): Promise<SlaPolicy[]> {
  const found = await ctx
    .loader<string, SlaPolicy[]>("slaPoliciesOfType", async (tx, ids) => {
      const rows = Map.groupBy(await selectPoliciesOfTypes(tx, ids), (row) => row.typeId);
      return new Map([...rows].map(([id, policies]) => [id, policies.map(toSlaPolicy)]));
    })
    .load(typeId);
  return found ?? [];
}
