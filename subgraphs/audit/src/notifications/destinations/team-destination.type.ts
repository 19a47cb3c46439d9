import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, anyOf, can, canInTenant } from "@weft/api/rules";
import { ObjectType } from "type-graphql";
import type { DestinationRow } from "./destination.store.js";
import { ChatDestinationInput, ChatFormat, NotificationDestinationStatus } from "./destination.type.js";

/** Users who change teams, for their own; and users who manage the rules that send to chats. The service checks which teams. */
export const managesTeamChats = anyOf(can("team.update"), canInTenant("notification.manage"));

export const teamNotificationDestinationColumns = columns({
  teamId: column.id("ID of the team (`tem_…`).", { shown: false, updated: false }),
  id: column.id("ID (`nds_…`).", { created: false, updated: "ID of the chat (`nds_…`).", requiredInUpdate: true, isKey: true }),
  name: column.text("Name by which you recognize it, for example that of the channel.", {
    max: 100,
    created: "Name by which you recognize it, for example that of the channel (at most 100 characters).",
    updated: "Name (at most 100 characters).",
  }),
  chat: column.of(() => ChatDestinationInput, "Its incoming webhook.", { shown: false, updated: false }),
  format: column.of(() => ChatFormat, "Form of the messages.", { created: false }),
  url: column.text("URL of the incoming webhook, for example a new one of the same channel. A disabled chat is activated by it.", {
    shown: false,
    created: false,
  }),
  ...column.shownOnly({
    host: column.text("Host of its URL. The URL itself is secret."),
    status: column.of(() => NotificationDestinationStatus, "Status: `ACTIVE` or `DISABLED`."),
    reason: column.text("Why it was disabled. Null if it is active.", { nullable: true }),
  }),
  ...standardColumns.times,
});

@ShowColumns(teamNotificationDestinationColumns)
@ObjectType({ description: "A chat of a team, to which rules of notifications send." })
@Allow(managesTeamChats)
export class TeamNotificationDestination extends shapeOf(teamNotificationDestinationColumns) {
  /** UUID, for field resolvers. */
  teamUuid!: string;
}

export const AddTeamNotificationDestinationInput = createInputOf(
  "AddTeamNotificationDestinationInput",
  teamNotificationDestinationColumns,
  "The chat of a team to add.",
);
export type AddTeamNotificationDestinationInput = InstanceType<typeof AddTeamNotificationDestinationInput>;

export const UpdateTeamNotificationDestinationInput = updateInputOf(
  "UpdateTeamNotificationDestinationInput",
  teamNotificationDestinationColumns,
  "Changes to a chat of a team. Omitted fields stay unchanged.",
);
export type UpdateTeamNotificationDestinationInput = InstanceType<typeof UpdateTeamNotificationDestinationInput>;

/** Converts a row of a team to its API type. */
export function toTeamDestination(row: DestinationRow): TeamNotificationDestination {
  return Object.assign(new TeamNotificationDestination(), teamNotificationDestinationColumns.shown(row), {
    id: encodeId("notificationDestination", row.id),
    format: row.format as ChatFormat,
    status: row.status as NotificationDestinationStatus,
    teamUuid: row.teamId ?? "",
  });
}

export const TeamNotificationDestinationPayload = payloadOf(TeamNotificationDestination, "destination");
export type TeamNotificationDestinationPayload = InstanceType<typeof TeamNotificationDestinationPayload>;
