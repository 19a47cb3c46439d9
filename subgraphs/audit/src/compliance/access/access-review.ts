import type { Cell, Source } from "../run/report-document.js";
import { countsOf, type ReportDraft } from "../run/draft.js";
import { holdersOf, holdersOperation } from "./holders.js";
import type { ReportKindDefinition, ReportRequest } from "../kinds/kind.js";
import { lastActionsOperation, type LastUses, readLastUses } from "./last-uses.js";
import { isUseRecorded } from "./uses-of-permissions.js";
import { addGrant, type GrantSums, newSums, writeSums } from "./grant-sums.js";

interface ReviewedUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly type: string;
  readonly roles: readonly { readonly key: string }[];
}

interface PermissionNode {
  readonly name: string;
}

const usersQuery = `query ActiveUsers($first: Int, $after: String) {
  users(filter: { status: { eq: ACTIVE } }, first: $first, after: $after) {
    edges { node { id name email type roles { key } } }
    pageInfo { endCursor hasNextPage }
  }
}`;

const countQuery = `query NumberOfActiveUsers { users(filter: { status: { eq: ACTIVE } }, first: 1) { totalCount } }`;

export const accessReview: ReportKindDefinition = {
  title: "Access review",
  description: "Which users can do what, by which role, inherited role or direct grant, and when they used it last.",
  requires: ["user.read", "role.read", "audit.read"],
  write: async (draft, request) => {
    const users = await readUsers(draft);
    const ids = users.map(({ id }) => id);
    const uses = await readLastUses(draft, request, ids);
    await writeUsers(draft, users, uses);
    await writeGrants(draft, request, uses);
  },
};

async function readUsers({ reader }: ReportDraft): Promise<readonly ReviewedUser[]> {
  const question = { subgraph: "identity", name: "ActiveUsers", query: usersQuery } as const;
  const users: ReviewedUser[] = [];
  for await (const user of reader.list<ReviewedUser>(question, "users")) users.push(user);
  return users;
}

async function writeUsers(draft: ReportDraft, users: readonly ReviewedUser[], uses: LastUses): Promise<void> {
  const { users: counted } = await draft.reader.ask<{ users: { totalCount: number } }>({
    subgraph: "identity",
    name: "NumberOfActiveUsers",
    query: countQuery,
  });
  const source: Source = { operations: ["ActiveUsers"] };
  const count = (key: string, label: string, value: number, from: Source): void =>
    void draft.figures.push({ key, label, value, unit: "COUNT", source: from });
  count("activeUsers", "Active users", counted.totalCount, { operations: ["NumberOfActiveUsers"], path: "users.totalCount" });
  count("serviceAccounts", "Service accounts", users.filter(({ type }) => type === "SERVICE").length, {
    ...source,
    derivation: "Number of users whose `type` is SERVICE.",
  });
  count("usersWithoutRole", "Active users without a role", users.filter(({ roles }) => roles.length === 0).length, {
    ...source,
    derivation: "Number of users whose `roles` are empty.",
  });
  count(
    "usersWithoutActivity",
    "Active users without a change or login in the period",
    users.filter(({ id }) => uses.activityOf(id) === null).length,
    {
      operations: ["ActiveUsers", lastActionsOperation],
      derivation: "Users without an item in `lastActions`.",
    },
  );
  draft.charts.push({
    key: "usersByRole",
    title: "Active users by role",
    unit: "COUNT",
    bars: countsOf(users.flatMap(({ roles }) => roles.map(({ key }) => key))).slice(0, 20),
    source: { ...source, derivation: "Number of users for each key of `roles`." },
  });
  await draft.addTable(
    {
      key: "users",
      title: "Active users",
      columns: [
        { key: "userId", label: "User ID", kind: "ID" },
        { key: "user", label: "User", kind: "TEXT" },
        { key: "email", label: "Email address", kind: "TEXT" },
        { key: "type", label: "Type", kind: "TEXT" },
        { key: "roles", label: "Roles", kind: "TEXT" },
        { key: "lastActivityAt", label: "Last activity in the period", kind: "TIME" },
      ],
      source: { operations: ["ActiveUsers", lastActionsOperation] },
    },
    users.map(({ id, name, email, type, roles }) => [id, name, email, type, roles.map(({ key }) => key).join(", "), uses.activityOf(id)]),
  );
}

/** Names of the permissions to review: those asked for, or all. */
async function permissionsToReview({ reader }: ReportDraft, { parameters }: ReportRequest): Promise<readonly string[]> {
  if (parameters.permissions !== undefined) return parameters.permissions;
  const { permissions } = await reader.ask<{ permissions: readonly PermissionNode[] }>({
    subgraph: "identity",
    name: "Permissions",
    query: "query Permissions { permissions { name } }",
  });
  return permissions.map(({ name }) => name);
}

async function writeGrants(draft: ReportDraft, request: ReportRequest, uses: LastUses): Promise<void> {
  const permissions = await permissionsToReview(draft, request);
  const source: Source = { operations: [holdersOperation, lastActionsOperation] };
  const sums = newSums(permissions);
  const { rows, isComplete } = await draft.addTable(
    {
      key: "grants",
      title: "Permissions of users",
      columns: [
        { key: "userId", label: "User ID", kind: "ID" },
        { key: "user", label: "User", kind: "TEXT" },
        { key: "permission", label: "Permission", kind: "TEXT" },
        { key: "scope", label: "Scope", kind: "TEXT" },
        { key: "deniedScopes", label: "Denied in", kind: "TEXT" },
        { key: "grantedBy", label: "Granted by", kind: "TEXT" },
        { key: "chain", label: "Chain of roles", kind: "TEXT" },
        { key: "lastUsedOn", label: "Last used", kind: "TEXT" },
      ],
      source,
    },
    grantRows(draft, permissions, { uses, sums }),
  );
  const ofGrants: Source = { operations: [holdersOperation] };
  draft.figures.push(
    {
      key: "grants",
      label: "Grants of permissions to users",
      value: isComplete ? rows.length : null,
      unit: "COUNT",
      source: { ...ofGrants, derivation: "Number of grants in `steps` that hold." },
    },
    {
      key: "directGrants",
      label: "Of these, granted directly, without a role",
      value: isComplete ? sums.directGrants : null,
      unit: "COUNT",
      source: { ...ofGrants, derivation: "Number of steps of the kind USER_GRANT that hold." },
    },
  );
  if (isComplete) await writeSums(draft, sums);
}

const directly = "direct grant";

async function* grantRows(
  draft: ReportDraft,
  permissions: readonly string[],
  { uses, sums }: { readonly uses: LastUses; readonly sums: GrantSums },
): AsyncGenerator<readonly Cell[]> {
  for (const permission of permissions)
    for await (const { userId, userName, grants, deniedScopes } of holdersOf(draft, permission)) {
      const day = uses.dayOf(userId, permission);
      addGrant(sums, { userId, permission, grants, day });
      const shown = isUseRecorded(permission) ? day : notRecorded;
      for (const { scope, role, chain } of grants)
        yield [userId, userName, permission, scope, deniedScopes.join(", "), role ?? directly, chain.join(" → "), shown];
    }
}

const notRecorded = "not recorded";
