import { Allow, anyOf, can, canInTenant, DateTimeScalar, encodeId, payloadOf } from "@weft/shared";
import { Field, ID, ObjectType } from "type-graphql";
import type { DestinationRow } from "./destination.store.js";
import { ChatFormat, NotificationDestinationStatus } from "./destination.type.js";

/** Users who change teams, for their own; and users who manage the rules that send to chats. The service checks which teams. */
export const managesTeamChats = anyOf(can("team.update"), canInTenant("notification.manage"));

@ObjectType({ description: "A chat of a team, to which rules of notifications send." })
@Allow(managesTeamChats)
export class TeamNotificationDestination {
  @Field(() => ID, { description: "ID (`nds_…`)." })
  id!: string;

  @Field(() => String, { description: "Name by which you recognize it, for example that of the channel." })
  name!: string;

  @Field(() => ChatFormat, { description: "Form of the messages." })
  format!: ChatFormat;

  @Field(() => String, { description: "Host of its URL. The URL itself is secret." })
  host!: string;

  @Field(() => NotificationDestinationStatus, { description: "Status: `ACTIVE` or `DISABLED`." })
  status!: NotificationDestinationStatus;

  @Field(() => String, { nullable: true, description: "Why it was disabled. Null if it is active." })
  reason!: string | null;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;

  /** UUID, for field resolvers. */
  teamUuid!: string;
}

/** Converts a row of a team to its API type. */
export function toTeamDestination(row: DestinationRow): TeamNotificationDestination {
  const { name, host, reason, createdAt, updatedAt } = row;
  return Object.assign(new TeamNotificationDestination(), {
    id: encodeId("notificationDestination", row.id),
    name,
    format: row.format as ChatFormat,
    host,
    status: row.status as NotificationDestinationStatus,
    reason,
    createdAt,
    updatedAt,
    teamUuid: row.teamId ?? "",
  });
}

export const TeamNotificationDestinationPayload = payloadOf(TeamNotificationDestination, "destination");
export type TeamNotificationDestinationPayload = InstanceType<typeof TeamNotificationDestinationPayload>;
