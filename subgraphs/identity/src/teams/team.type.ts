import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, inherit } from "@weft/api/rules";
import { Directive, ObjectType } from "type-graphql";
import * as identityColumns from "../identity-columns.js";
import type { TeamRow } from "./team.store.js";

const teamColumns = columns({
  ...standardColumns.id("ID (`tem_…`).", "The team."),
  ...standardColumns.nodeKey,
  key: column.text("Unique in the tenant.", {
    created: "Key, unique in the tenant, for example `night-shift`: lower-case letters, digits, hyphens, and underscores.",
    updated: false,
  }),
  name: column.text("Display name.", { max: 200 }),
  description: column.text("Purpose.", { max: 2000, initial: "" }),
  ...identityColumns.idempotencyKey("returns the same team"),
  ...standardColumns.expectedVersion,
  ...column.shownOnly({ version: column.int("Version number, incremented on every change, including changes of members.") }),
  ...standardColumns.times,
});

@ShowColumns(teamColumns)
@ObjectType({ description: "A group of users. Work can be assigned to a team, and permissions can be limited to the work of a team." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(inherit)
export class Team extends shapeOf(teamColumns) {
  readonly uuid!: string;
}

export const CreateTeamInput = createInputOf("CreateTeamInput", teamColumns);
export type CreateTeamInput = InstanceType<typeof CreateTeamInput>;

export const UpdateTeamInput = updateInputOf("UpdateTeamInput", teamColumns, "Omitted fields keep their values.");
export type UpdateTeamInput = InstanceType<typeof UpdateTeamInput>;

export function toTeam(row: TeamRow): Team {
  const id = encodeId("team", row.id);
  return Object.assign(new Team(), teamColumns.shown(row), { uuid: row.id, id, nodeKey: id });
}

export const TeamPayload = payloadOf(Team, "team");
export type TeamPayload = InstanceType<typeof TeamPayload>;
