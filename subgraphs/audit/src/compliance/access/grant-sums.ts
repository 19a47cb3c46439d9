import type { Cell, Source } from "../run/report-document.js";
import type { ReportDraft } from "../run/draft.js";
import { lastActionsOperation } from "./last-uses.js";
import { isUseRecorded } from "./uses-of-permissions.js";
import { type HeldGrant, holdersOperation } from "./holders.js";

interface Sum {
  readonly holders: Set<string>;
  readonly users: Set<string>;
  /** Day of the last use in the period. */
  lastDay: string | null;
}

/** Who holds and who uses what, by permission and by role of a user. */
export interface GrantSums {
  readonly byPermission: ReadonlyMap<string, Sum>;
  readonly byRole: Map<string, Sum>;
  directGrants: number;
}

const newSum = (): Sum => ({ holders: new Set(), users: new Set(), lastDay: null });

export const newSums = (permissions: readonly string[]): GrantSums => ({
  byPermission: new Map(permissions.map((permission) => [permission, newSum()])),
  byRole: new Map(),
  directGrants: 0,
});

interface CountedGrant {
  readonly userId: string;
  readonly permission: string;
  readonly grants: readonly HeldGrant[];
  /** Day of the last use in the period. */
  readonly day: string | null;
}

/** Counts the grants by which a user holds a permission. A use counts for each role of the user that grants the permission. */
export function addGrant(sums: GrantSums, { userId, permission, grants, day }: CountedGrant): void {
  const count = (sum: Sum | undefined): void => {
    if (sum === undefined) return;
    sum.holders.add(userId);
    if (day === null) return;
    sum.users.add(userId);
    if (sum.lastDay === null || sum.lastDay < day) sum.lastDay = day;
  };
  count(sums.byPermission.get(permission));
  for (const { role, chain } of grants) {
    if (role === null) sums.directGrants += 1;
    const ofUser = chain[0];
    if (ofUser === undefined) continue;
    const sum = sums.byRole.get(ofUser) ?? newSum();
    sums.byRole.set(ofUser, sum);
    count(sum);
  }
}

/** Writes how many users hold and used each role and permission, and when it was used last. */
export async function writeSums(draft: ReportDraft, { byPermission, byRole }: GrantSums): Promise<void> {
  const source: Source = { operations: [holdersOperation, lastActionsOperation] };
  const permissions = [...byPermission];
  const unused = permissions.filter(([name, { holders, users }]) => isUseRecorded(name) && holders.size > 0 && users.size === 0);
  draft.figures.push({
    key: "unusedPermissions",
    label: "Permissions that users have and nobody used in the period",
    value: unused.length,
    unit: "COUNT",
    source: { ...source, derivation: "Permissions with a recorded use and holders, of whom none has a day of last use." },
  });
  const held = permissions.map(([label, { holders }]) => ({ label, value: holders.size })).filter(({ value }) => value > 0);
  draft.charts.push({
    key: "usersByPermission",
    title: "Permissions that most users have",
    unit: "COUNT",
    bars: held.toSorted((a, b) => b.value - a.value || (a.label < b.label ? -1 : 1)).slice(0, 15),
    source: { operations: [holdersOperation], derivation: "Number of users for each permission." },
  });
  const counts = [
    { key: "holders", label: "Users with it", kind: "NUMBER" },
    { key: "users", label: "Users of it in the period", kind: "NUMBER" },
    { key: "lastUsedOn", label: "Last used", kind: "TEXT" },
  ] as const;
  await draft.addTable(
    {
      key: "usedRoles",
      title: "Use of roles",
      columns: [{ key: "role", label: "Role", kind: "TEXT" }, ...counts],
      source: { ...source, derivation: "A role is used with a permission that it grants, itself or by inheritance." },
    },
    [...byRole]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([role, { holders, users, lastDay }]): Cell[] => [role, holders.size, users.size, lastDay]),
  );
  await draft.addTable(
    {
      key: "usedPermissions",
      title: "Use of permissions",
      columns: [{ key: "permission", label: "Permission", kind: "TEXT" }, ...counts],
      source: { ...source, derivation: "The audit log shows the use of permissions to change something. That of others is not recorded." },
    },
    permissions.map(([permission, { holders, users, lastDay }]): Cell[] =>
      isUseRecorded(permission) ? [permission, holders.size, users.size, lastDay] : [permission, holders.size, null, "not recorded"],
    ),
  );
}
