import type { ReportDraft } from "../run/draft.js";

interface AccessStep {
  readonly kind: string;
  readonly role: string | null;
  readonly via: readonly string[];
  readonly scope: string | null;
  readonly holds: boolean;
}

interface HolderNode {
  readonly user: { readonly id: string; readonly name: string };
  readonly steps: readonly AccessStep[];
}

/** A grant by which a user has a permission. */
export interface HeldGrant {
  readonly scope: string;
  /** Key of the role that grants the permission. Null if it was granted to the user directly. */
  readonly role: string | null;
  /** From the user's role to the granting one. */
  readonly chain: readonly string[];
}

/** A user who can use a permission. */
export interface Holder {
  readonly userId: string;
  readonly userName: string;
  readonly grants: readonly HeldGrant[];
  /** Scopes in which it is denied. */
  readonly deniedScopes: readonly string[];
}

export const holdersOperation = "HoldersOfPermission";

const query = `query ${holdersOperation}($permission: String!, $first: Int, $after: String) {
  whoCan(permission: $permission, first: $first, after: $after) {
    edges { node { user { id name } steps { kind role via scope holds } } }
    pageInfo { endCursor hasNextPage }
  }
}`;

/** Returns the users who can use a permission, by name, each with the grants by which they have it. */
export async function* holdersOf({ reader }: ReportDraft, permission: string): AsyncGenerator<Holder> {
  const question = { subgraph: "identity", name: holdersOperation, query, variables: { permission }, forEach: ["permission"] } as const;
  for await (const { user, steps } of reader.list<HolderNode>(question, "whoCan"))
    yield { userId: user.id, userName: user.name, grants: steps.flatMap(grantOf), deniedScopes: steps.flatMap(deniedScopeOf) };
}

function grantOf({ kind, role, via, scope, holds }: AccessStep): HeldGrant[] {
  if (!holds || scope === null) return [];
  if (kind === "USER_GRANT") return [{ scope, role: null, chain: [] }];
  if (kind !== "ROLE_GRANT" || role === null) return [];
  return [{ scope, role, chain: via.length > 0 ? via : [role] }];
}

const deniedScopeOf = ({ kind, scope }: AccessStep): string[] => (kind === "USER_DENIAL" && scope !== null ? [scope] : []);

/** Returns how a user has a permission, in words. */
export const chainText = ({ role, chain, scope }: HeldGrant): string =>
  `${role === null ? "granted directly" : chain.join(" → ")} (${scope})`;
