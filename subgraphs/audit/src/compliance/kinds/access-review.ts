import type { Cell, Source } from "../run/report-document.js";
import { countsOf, type ReportDraft } from "../run/draft.js";
import { lastActivityOf, lastActivityOperation } from "./entries.js";
import { holdersOf, holdersOperation } from "./holders.js";
import type { ReportKindDefinition, ReportRequest } from "./kind.js";

interface ReviewedUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly type: string;
  readonly roles: readonly { readonly key: string }[];
}

interface PermissionNode {
  readonly name: string;
  readonly isCustom: boolean;
}

const usersQuery = `query ActiveUsers($first: Int, $after: String) {
  users(filter: { status: { eq: ACTIVE } }, first: $first, after: $after) {
    edges { node { id name email type roles { key } } }
    pageInfo { endCursor hasNextPage }
    totalCount
  }
}`;

export const accessReview: ReportKindDefinition = {
  title: "Access review",
  description: "Which users can do what, by which role, inherited role or direct grant.",
  requires: ["user.read", "role.read", "audit.read"],
  write: async (draft, request) => {
    await writeUsers(draft, request);
    await writeGrants(draft, request);
  },
};

async function writeUsers(draft: ReportDraft, { period }: ReportRequest): Promise<void> {
  const question = { subgraph: "identity", name: "ActiveUsers", query: usersQuery } as const;
  const users: ReviewedUser[] = [];
  for await (const user of draft.reader.list<ReviewedUser>(question, "users")) users.push(user);
  const source: Source = { operations: ["ActiveUsers"] };
  const count = (key: string, label: string, value: number, from: Omit<Source, "operations">): void =>
    void draft.figures.push({ key, label, value, unit: "COUNT", source: { ...source, ...from } });
  count("activeUsers", "Active users", users.length, { path: "users.totalCount" });
  count("serviceAccounts", "Service accounts", users.filter(({ type }) => type === "SERVICE").length, {
    derivation: "Number of users whose `type` is SERVICE.",
  });
  count("usersWithoutRole", "Active users without a role", users.filter(({ roles }) => roles.length === 0).length, {
    derivation: "Number of users whose `roles` are empty.",
  });
  draft.charts.push({
    key: "usersByRole",
    title: "Active users by role",
    unit: "COUNT",
    bars: countsOf(users.flatMap(({ roles }) => roles.map(({ key }) => key))),
    source: { ...source, derivation: "Number of users for each key of `roles`." },
  });
  const activities = new Map<string, string | null>();
  for (const { id } of users) activities.set(id, await lastActivityOf(draft, id));
  const isInUse = ({ id }: ReviewedUser): boolean => Date.parse(activities.get(id) ?? "") >= Date.parse(period.from);
  draft.figures.push({
    key: "usersWithoutActivity",
    label: "Active users without a change or login since the start of the period",
    value: users.filter((user) => !isInUse(user)).length,
    unit: "COUNT",
    source: {
      operations: ["ActiveUsers", lastActivityOperation],
      derivation: "Users whose newest audit entry is older, or who have none.",
    },
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
        { key: "lastActivityAt", label: "Last activity", kind: "TIME" },
      ],
      source: { operations: ["ActiveUsers", lastActivityOperation] },
    },
    users.map(({ id, name, email, type, roles }) => [
      id,
      name,
      email,
      type,
      roles.map(({ key }) => key).join(", "),
      activities.get(id) ?? null,
    ]),
  );
}

/** Names of the permissions to review: those asked for, or all. */
async function permissionsToReview({ reader }: ReportDraft, { parameters }: ReportRequest): Promise<readonly string[]> {
  if (parameters.permissions !== undefined) return parameters.permissions;
  const { permissions } = await reader.ask<{ permissions: readonly PermissionNode[] }>({
    subgraph: "identity",
    name: "Permissions",
    query: "query Permissions { permissions { name isCustom } }",
  });
  return permissions.filter(({ isCustom }) => !isCustom).map(({ name }) => name);
}

async function writeGrants(draft: ReportDraft, request: ReportRequest): Promise<void> {
  const permissions = await permissionsToReview(draft, request);
  const source: Source = { operations: [holdersOperation] };
  const table = await draft.addTable(
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
      ],
      source,
    },
    grantRows(draft, permissions),
  );
  const columnOf = (key: string): Cell[] => table.rows.map((row) => row[table.columns.findIndex((column) => column.key === key)] ?? null);
  draft.figures.push(
    {
      key: "grants",
      label: "Grants of permissions to users",
      value: table.rows.length,
      unit: "COUNT",
      source: { ...source, derivation: "Number of grants in `steps` that hold." },
    },
    {
      key: "directGrants",
      label: "Of these, granted directly, without a role",
      value: columnOf("grantedBy").filter((by) => by === directly).length,
      unit: "COUNT",
      source: { ...source, derivation: "Number of steps of the kind USER_GRANT that hold." },
    },
  );
  draft.charts.push({
    key: "usersByPermission",
    title: "Permissions that most users have",
    unit: "COUNT",
    bars: usersByPermission(table.rows).slice(0, 15),
    source: { ...source, derivation: "Number of users for each permission." },
  });
}

const directly = "direct grant";

async function* grantRows(draft: ReportDraft, permissions: readonly string[]): AsyncGenerator<readonly Cell[]> {
  for (const permission of permissions)
    for await (const { userId, userName, grants, deniedScopes } of holdersOf(draft, permission))
      for (const { scope, role, chain } of grants)
        yield [userId, userName, permission, scope, deniedScopes.join(", "), role ?? directly, chain.join(" → ")];
}

/** A user can have a permission by several grants. */
function usersByPermission(rows: readonly (readonly Cell[])[]): { readonly label: string; readonly value: number }[] {
  const pairs = new Set(rows.map(([userId, , permission]) => `${String(permission)} ${String(userId)}`));
  return countsOf([...pairs].map((pair) => pair.slice(0, pair.indexOf(" "))));
}
