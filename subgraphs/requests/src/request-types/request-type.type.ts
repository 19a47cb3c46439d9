import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf, Priority } from "@weft/api/inputs";
import { Allow, can, canInTenant, staff, ViewerDependent, ViewerIndependent } from "@weft/api/rules";
import { DateTimeScalar, JsonScalar } from "@weft/api/scalars";
import { Directive, Field, Int, ObjectType, registerEnumType } from "type-graphql";
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

const byYear = "Whether numbers contain the year (`MR-2026-1`) and start over each year, in the organization's time zone.";
const digits = "Minimum number of digits of the counter, 1 to 10. Shorter numbers are padded with zeros.";
const defaultPriority = "Priority of a request whose impact or urgency is unknown, unless a user sets another one.";
const forEverybody = "Without roles and teams, everybody who can create requests can.";
const forStaff = [Allow(staff), ViewerDependent()];

export const requestTypeColumns = columns({
  ...standardColumns.id("ID (`rqt_…`).", "The request type."),
  ...standardColumns.nodeKey,
  ...standardColumns.expectedVersion,
  key: column.text("Key, unique in the tenant. Input of `createRequest`.", {
    max: 80,
    created: "Key, unique in the tenant, for example `key-replacement`: lower-case letters, digits, and hyphens.",
    updated: false,
  }),
  name: column.text("Display name.", { max: 200, updated: "New display name." }),
  description: column.text("Describes when to use the type.", {
    max: 2000,
    hasLines: true,
    initial: "",
    created: "Describes when to use the type.",
    updated: "New description.",
  }),
  definitionKey: column.text("Key of the definition. New requests use its newest published version.", {
    max: 120,
    created: "Key of a published definition.",
    updated: "Key of another published definition.",
  }),
  numberPrefix: column.text("Prefix of the numbers: `<prefix>-<n>`, or `<prefix>-<year>-<n>`.", {
    max: 10,
    created: "Number prefix, unique in the tenant (capital letters and digits, for example `MR`).",
    updated: "New number prefix, unique in the tenant. Each prefix has its own counter.",
  }),
  submitTransition: column.text("Transition that `submitRequest` fires.", {
    max: 120,
    initial: "submit",
    created: "Transition that `submitRequest` fires.",
  }),
  cancelTransition: column.text("Transition that `cancelRequest` fires.", {
    max: 120,
    initial: "cancel",
    created: "Transition that `cancelRequest` fires.",
  }),
  closeTransition: column.text("Transition that `closeRequest` fires.", {
    max: 120,
    nullable: true,
    shown: "Transition that `closeRequest` fires. Null if requests of this type cannot be closed this way.",
    created: "Transition that `closeRequest` fires. Default: `close`, if the definition has it. Null for none.",
    updated: "Transition that `closeRequest` fires. Null for none.",
  }),
  reopenTransition: column.text("Transition that `reopenRequest` fires.", {
    max: 120,
    nullable: true,
    shown: "Transition that `reopenRequest` fires. Null if requests of this type cannot be reopened.",
    created: "Transition that `reopenRequest` fires. Default: `reopen`, if the definition has it. Null for none.",
    updated: "Transition that `reopenRequest` fires. Null for none.",
  }),
  fields: column.texts("Properties of the definition's data that a new request asks for, in form order.", {
    initial: [],
    shown:
      "Properties of the definition's data that a new request asks for, in form order. Empty for all. Properties that the definition requires are always included.",
    created:
      "Properties of the definition's data that a new request asks for, in form order. Empty for all. `createRequest` refuses others.",
    updated: "Properties of the definition's data that a new request asks for, in form order.",
  }),
  route: column.text("Name of the routing rules that choose the assignee when a request is submitted. Null if nobody is assigned.", {
    max: 64,
    nullable: true,
    created:
      "Name of the routing rules (`createRoutingRule`) that choose the assignee when a request is submitted. If omitted, nobody is assigned.",
    updated: "Name of the routing rules that choose the assignee when a request is submitted. Null if nobody is assigned.",
  }),
  isNumberedByYear: column.flag(byYear, {
    optional: true,
    shown: "Whether numbers contain the year and start over each year, in the organization's time zone.",
    created: `${byYear} Default: false.`,
    updated: byYear,
  }),
  numberDigits: column.int(digits, {
    optional: true,
    shown: "Minimum number of digits of the counter. Shorter numbers are padded with zeros.",
    created: `${digits} Default: 1.`,
    updated: digits,
  }),
  defaultPriority: column.of(() => Priority, defaultPriority, {
    optional: true,
    created: `${defaultPriority} Default: NORMAL.`,
    updated: defaultPriority,
  }),
  status: column.of(() => RequestTypeStatus, "Whether new requests are possible.", { created: false, updated: false }),
  icon: column.text("Name of an icon, chosen by the tenant. Null if there is none.", {
    max: 100,
    nullable: true,
    created: "Name of an icon (at most 100 characters).",
    updated: "Name of an icon (at most 100 characters). Null removes it.",
  }),
  position: column.int("Position in the catalog. Types with lower positions come first, and types with the same position by name.", {
    optional: true,
    created: "Position in the catalog. Types with lower positions come first. Default: 0.",
    updated: "Position in the catalog. Types with lower positions come first.",
  }),
  roleKeys: column.texts(`Keys of the roles whose users can use the type. ${forEverybody}`, { optional: true }),
  teams: column.of(() => [Team], `Teams whose members can use the type. ${forEverybody} Null for a team that you cannot see.`, {
    created: false,
    updated: false,
    shownNullable: "items",
    decorators: [ViewerDependent()],
  }),
  teamIds: column.ids(`IDs of the teams whose members can use the type. ${forEverybody}`, {
    shown: false,
    optional: true,
    converted: true,
  }),
  watcherRoleKeys: column.texts("Keys of the roles whose users watch each request from its submission, if they can see it.", {
    shown: "Keys of the roles whose users watch each request from its submission. Null, with an error, for users of a vendor.",
    shownNullable: true,
    optional: true,
    decorators: forStaff,
  }),
  ...column.shownOnly({
    watcherTeams: column.of(
      () => [Team],
      "Teams whose members watch each request from its submission. Null for a team that you cannot see. Null, with an error, for users of a vendor.",
      { shownNullable: "itemsAndList", decorators: forStaff },
    ),
    watcherUsers: column.of(
      () => [User],
      "Users who watch each request from its submission. Null for a user whom you cannot see. Null, with an error, for users of a vendor.",
      { shownNullable: "itemsAndList", decorators: forStaff },
    ),
    versions: column.of(
      () => [RequestTypeVersion],
      "The 100 newest versions, newest first. Null, with an error, without the permission requestType.update.",
      { shownNullable: true, resolved: true, decorators: [Allow(canInTenant("requestType.update"))] },
    ),
  }),
  watcherTeamIds: column.ids("IDs of the teams whose members watch each request from its submission, if they can see it.", {
    shown: false,
    optional: true,
    converted: true,
  }),
  watcherUserIds: column.ids("IDs of users of the organization who watch each request from its submission, if they can see it.", {
    shown: false,
    optional: true,
    converted: true,
  }),
  ...standardColumns.idempotencyKey,
  message: column.text("Why the type is changed, at most 2,000 characters. Kept with the version.", {
    max: 2000,
    hasLines: true,
    mayBeEmpty: true,
    shown: false,
    created: false,
    updated: "Why the type is changed, at most 2,000 characters. Kept with the version.",
    isKey: true,
  }),
  ...standardColumns.version("updateRequestType"),
  ...standardColumns.times,
});

@ShowColumns(requestTypeColumns)
@ObjectType({
  description: "A type of requests: their workflow, their numbers, and the data properties that their form shows, in order.",
})
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("requestType.read"))
@ViewerIndependent("requestType.read")
export class RequestType extends shapeOf(requestTypeColumns) {
  /** UUIDs, for loaders and rules. */
  uuid!: string;
  teamIds!: string[];
}

export const CreateRequestTypeInput = createInputOf("CreateRequestTypeInput", requestTypeColumns);
export type CreateRequestTypeInput = InstanceType<typeof CreateRequestTypeInput>;

export const UpdateRequestTypeInput = updateInputOf(
  "UpdateRequestTypeInput",
  requestTypeColumns,
  "Input of `updateRequestType`. Omitted fields keep their values. Changes apply to requests that are created afterwards.",
);
export type UpdateRequestTypeInput = InstanceType<typeof UpdateRequestTypeInput>;

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
