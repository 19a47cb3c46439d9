import {
  Allow,
  can,
  canInTenant,
  DateTimeScalar,
  encodeId,
  inherit,
  JsonScalar,
  staff,
  ViewerDependent,
  ViewerIndependent,
  Priority,
  payloadOf,
} from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { Team, User } from "../references.js";
import type { RequestTypeRow, RequestTypeVersionRow } from "./request-type.store.js";

export const RequestTypeStatus = { ACTIVE: "ACTIVE", INACTIVE: "INACTIVE" } as const;
export type RequestTypeStatus = keyof typeof RequestTypeStatus;

registerEnumType(RequestTypeStatus, {
  name: "RequestTypeStatus",
  description: "Status of a request type.",
  valuesConfig: {
    ACTIVE: { description: "New requests are possible." },
    INACTIVE: { description: "No new requests are possible. Existing requests continue." },
  },
});

@ObjectType({ description: "A version of a request type." })
@Allow(canInTenant("requestType.update"))
export class RequestTypeVersion {
  @Field(() => Int, { description: "Version number." })
  version!: number;

  @Field(() => JsonScalar, { description: "The request type as it was: its fields by their names, with the teams' IDs as `teamIds`." })
  terms!: unknown;

  @Field(() => String, { nullable: true, description: "Why the type was changed. Null if the author gave no message." })
  message!: string | null;

  @Field(() => User, {
    nullable: true,
    description: "Author. Null if you cannot see the user, or if the version is older than the history.",
  })
  author!: User | null;

  @Field(() => DateTimeScalar, { description: "Time of the change." })
  createdAt!: string;
}

@ObjectType({
  description: "A type of requests: their workflow, their numbers, and the data properties that their form shows, in order.",
})
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("requestType.read"))
@ViewerIndependent("requestType.read")
export class RequestType {
  @Field(() => ID, { description: "ID (`rqt_…`)." })
  @Allow(inherit)
  id!: string;

  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  @Directive("@inaccessible")
  @Allow(inherit)
  nodeKey!: string;

  @Field(() => String, { description: "Key, unique in the tenant. Input of `createRequest`." })
  key!: string;

  @Field(() => String, { description: "Display name." })
  name!: string;

  @Field(() => String, { description: "Describes when to use the type." })
  description!: string;

  @Field(() => String, { description: "Key of the definition. New requests use its newest published version." })
  definitionKey!: string;

  @Field(() => String, { description: "Prefix of the numbers: `<prefix>-<n>`, or `<prefix>-<year>-<n>`." })
  numberPrefix!: string;

  @Field(() => String, { description: "Transition that `submitRequest` fires." })
  submitTransition!: string;

  @Field(() => String, { description: "Transition that `cancelRequest` fires." })
  cancelTransition!: string;

  @Field(() => String, {
    nullable: true,
    description: "Transition that `closeRequest` fires. Null if requests of this type cannot be closed this way.",
  })
  closeTransition!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Transition that `reopenRequest` fires. Null if requests of this type cannot be reopened.",
  })
  reopenTransition!: string | null;

  @Field(() => [String], {
    description:
      "Properties of the definition's data that a new request asks for, in form order. Empty for all. Properties that the definition requires are always included.",
  })
  fields!: string[];

  @Field(() => String, {
    nullable: true,
    description: "Name of the routing rules that choose the assignee when a request is submitted. Null if nobody is assigned.",
  })
  route!: string | null;

  @Field(() => Boolean, { description: "Whether numbers contain the year and start over each year, in the organization's time zone." })
  isNumberedByYear!: boolean;

  @Field(() => Int, { description: "Minimum number of digits of the counter. Shorter numbers are padded with zeros." })
  numberDigits!: number;

  @Field(() => Priority, {
    description: "Priority of a request whose impact or urgency is unknown, unless a user sets another one.",
  })
  defaultPriority!: Priority;

  @Field(() => RequestTypeStatus, { description: "Whether new requests are possible." })
  status!: RequestTypeStatus;

  @Field(() => String, { nullable: true, description: "Name of an icon, chosen by the tenant. Null if there is none." })
  icon!: string | null;

  @Field(() => Int, {
    description: "Position in the catalog. Types with lower positions come first, and types with the same position by name.",
  })
  position!: number;

  @Field(() => [String], {
    description: "Keys of the roles whose users can use the type. Without roles and teams, everybody who can create requests can.",
  })
  roleKeys!: string[];

  @Field(() => [Team], {
    nullable: "items",
    description:
      "Teams whose members can use the type. Without roles and teams, everybody who can create requests can. Null for a team that you cannot see.",
  })
  @ViewerDependent()
  teams!: InstanceType<typeof Team>[];

  @Field(() => [String], {
    nullable: true,
    description: "Keys of the roles whose users watch each request from its submission. Null, with an error, for users of a vendor.",
  })
  @Allow(staff)
  @ViewerDependent()
  watcherRoleKeys!: string[];

  @Field(() => [Team], {
    nullable: "itemsAndList",
    description:
      "Teams whose members watch each request from its submission. Null for a team that you cannot see. Null, with an error, for users of a vendor.",
  })
  @Allow(staff)
  @ViewerDependent()
  watcherTeams!: InstanceType<typeof Team>[];

  @Field(() => [User], {
    nullable: "itemsAndList",
    description:
      "Users who watch each request from its submission. Null for a user whom you cannot see. Null, with an error, for users of a vendor.",
  })
  @Allow(staff)
  @ViewerDependent()
  watcherUsers!: User[];

  @Field(() => [RequestTypeVersion], {
    nullable: true,
    description: "The 100 newest versions, newest first. Null, with an error, without the permission requestType.update.",
  })
  @Allow(canInTenant("requestType.update"))
  versions?: RequestTypeVersion[];

  @Field(() => Int, {
    description: "Version number, incremented on every change. Pass it to `updateRequestType` as `expectedVersion`.",
  })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;

  /** UUIDs, for loaders and rules. */
  uuid!: string;
  teamIds!: string[];
}

/** Converts a row to its API type. */
export function toRequestType(row: RequestTypeRow): RequestType {
  const id = encodeId("requestType", row.id);
  const teams = row.teamIds.map((teamId) => Team.of(teamId));
  const watcherTeams = row.watcherTeamIds.map((teamId) => Team.of(teamId));
  const watcherUsers = row.watcherUserIds.map((userId) => User.of(userId));
  const status = row.status as RequestTypeStatus;
  return Object.assign(new RequestType(), row, { id, nodeKey: id, uuid: row.id, status, teams, watcherTeams, watcherUsers });
}

export const toRequestTypeVersion = ({ version, terms, message, authorId, createdAt }: RequestTypeVersionRow): RequestTypeVersion => ({
  version,
  terms,
  message,
  author: authorId === null ? null : User.of(authorId),
  createdAt,
});

export const RequestTypePayload = payloadOf(RequestType, "requestType");
export type RequestTypePayload = InstanceType<typeof RequestTypePayload>;
