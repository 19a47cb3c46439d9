import { identity, requests as requestTables, vendors as vendorTables, workflows } from "@weft/drizzle";
import { objectAccessRules, tenantWideTypes } from "@weft/platform/access";
import { sql } from "drizzle-orm";
import type { AnyColumn, SQL } from "drizzle-orm";

const { teamMembers, users } = identity;
const { contracts, projectMembers, projects, projectVendors, vendors } = vendorTables;
const { assets, buildings, buildingUsers, requests } = requestTables;
const { definitions, instanceHeads, instances } = workflows;

/**
 * A statement that returns the IDs of all users whom a scope narrower than TENANT could let reach an object: few of thousands, but possibly more than
 * those who do reach it. With it, `whoCan` need not examine every user who has the permission.
 */
export type Near = (objectId: string) => SQL;

interface Bonds {
  readonly people?: readonly AnyColumn[];
  readonly teams?: readonly AnyColumn[];
  readonly vendor?: AnyColumn;
  readonly building?: AnyColumn;
  /** The object that a workflow belongs to. */
  readonly subject?: AnyColumn;
}

/** Based on the columns that the scopes read: owner and assignee, their teams, the vendor, the building. */
const bondsOf = ({ from, id }: { from: SQL; id: SQL }, { people = [], teams = [], vendor, building, subject }: Bonds): Near => {
  const assigned = (places: SQL): SQL =>
    sql`select ${buildingUsers.userId} from ${buildingUsers} where ${buildingUsers.buildingId} in ${places}`;
  const all = (columns: readonly AnyColumn[], objectId: string): SQL => {
    const list = sql.join(
      columns.map((column) => sql`${column}`),
      sql`, `,
    );
    return sql`(select unnest(array[${list}]::uuid[]) from ${from} where ${id} = ${objectId})`;
  };
  return (objectId) =>
    sql.join(
      [
        ...(people.length > 0 ? [all(people, objectId)] : []),
        ...(teams.length > 0
          ? [sql`select ${teamMembers.userId} from ${teamMembers} where ${teamMembers.teamId} in ${all(teams, objectId)}`]
          : []),
        ...(vendor ? [sql`select ${users.id} from ${users} where ${users.vendorId} in ${all([vendor], objectId)}`] : []),
        ...(building ? [assigned(all([building], objectId))] : []),
        ...(subject
          ? [
              assigned(sql`(select ${requests.buildingId} from ${requests} where ${requests.id} in ${all([subject], objectId)}
                union all select ${assets.buildingId} from ${assets} where ${assets.id} in ${all([subject], objectId)}
                union all select ${buildings.id} from ${buildings} where ${buildings.id} in ${all([subject], objectId)})`),
            ]
          : []),
        ...(people.length + teams.length === 0 && !vendor && !building ? [sql`select null::uuid where false`] : []),
      ],
      sql` union all `,
    );
};

const ofInstance = (columns: typeof instances | typeof instanceHeads): Bonds => ({
  people: [columns.ownerId, columns.assigneeUserId],
  teams: [columns.teamId, columns.assigneeTeamId],
  vendor: columns.assigneeVendorId,
  subject: columns.subjectId,
});

const ofProject = bondsOf(objectAccessRules.project, {
  ...ofInstance(instanceHeads),
  people: [instanceHeads.ownerId, instanceHeads.assigneeUserId, projects.managerId],
});

/** Keyed by the first part of a permission's name. Tasks are missing because their definition determines the candidates, including by role. */
export const nearOf: Readonly<Record<string, Near>> = {
  // The user, and everyone who shares a team with the user.
  user: (userId) => sql`select ${userId}::uuid as user_id union all select ${teamMembers.userId} from ${teamMembers}
    where ${teamMembers.teamId} in (select mine.team_id from ${teamMembers} as mine where mine.user_id = ${userId})`,
  definition: bondsOf(objectAccessRules.definition, { people: [definitions.createdBy] }),
  workflow: bondsOf(objectAccessRules.instance, ofInstance(instances)),
  request: bondsOf(objectAccessRules.request, ofInstance(instanceHeads)),
  project: (projectId) => sql`${ofProject(projectId)} union all
    select ${projectMembers.userId} from ${projectMembers} where ${projectMembers.projectId} = ${projectId} union all
    select ${users.id} from ${users} where ${users.vendorId} in (
      select ${projectVendors.vendorId} from ${projectVendors} where ${projectVendors.projectId} = ${projectId})`,
  vendor: bondsOf(objectAccessRules.vendor, { vendor: vendors.id }),
  contract: bondsOf(objectAccessRules.contract, { people: [contracts.ownerId], vendor: contracts.vendorId }),
  ...Object.fromEntries(
    tenantWideTypes.map((type) => {
      const { buildingId, ...rules } = objectAccessRules[type];
      return [type, bondsOf(rules, buildingId ? { building: buildingId } : {})];
    }),
  ),
};
