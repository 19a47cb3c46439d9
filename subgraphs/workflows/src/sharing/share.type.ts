import { sharing } from "@weft/drizzle";
import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { allOf, Allow, canInTenant, staff } from "@weft/api/rules";
import { JsonScalar } from "@weft/api/scalars";
import { Field, ObjectType, registerEnumType } from "type-graphql";
import { User } from "../principals/principal.type.js";
import * as commonColumns from "../common-columns.js";

const { definitionShares } = sharing;
/** `isOver`: its time is over, by the clock of the database. */
export type ShareRow = typeof definitionShares.$inferSelect & { readonly isOver: boolean };

export enum DefinitionShareSide {
  OWNER = "OWNER",
  RECIPIENT = "RECIPIENT",
}
registerEnumType(DefinitionShareSide, {
  name: "DefinitionShareSide",
  description: "Sides of a share.",
  valuesConfig: {
    OWNER: { description: "Your tenant shares the definition." },
    RECIPIENT: { description: "Another tenant shares it with yours." },
  },
});

export enum DefinitionShareMode {
  COPY = "COPY",
  START = "START",
}
registerEnumType(DefinitionShareMode, {
  name: "DefinitionShareMode",
  description: "What the recipient of a share can do.",
  valuesConfig: {
    COPY: { description: "It can copy the published version into a draft of its own, with its source, and run that in its own tenant." },
    START: {
      description:
        "It can start the automation in the owner's tenant, and reads the status and the outputs of what it started. It never sees the source.",
    },
  },
});

export enum DefinitionShareStatus {
  OFFERED = "OFFERED",
  ACCEPTED = "ACCEPTED",
  DECLINED = "DECLINED",
  REVOKED = "REVOKED",
  EXPIRED = "EXPIRED",
}
registerEnumType(DefinitionShareStatus, {
  name: "DefinitionShareStatus",
  description: "Statuses of a share.",
  valuesConfig: {
    OFFERED: { description: "The recipient has not answered. An offer to an unknown tenant stays so." },
    ACCEPTED: { description: "The recipient can use it." },
    DECLINED: { description: "The recipient has declined the offer." },
    REVOKED: { description: "One of the two tenants has ended it." },
    EXPIRED: { description: "Its time is over." },
  },
});

/** What an offer says, in the order of its input. */
const offered = {
  definitionKey: column.text("Key of the owner's definition.", {
    max: 64,
    created: "Key of a definition that has a published version.",
    updated: false,
  }),
  recipient: column.text("Slug of the tenant to share it with. The answer does not say whether there is such a tenant.", {
    shown: false,
    updated: false,
  }),
  mode: column.of(() => DefinitionShareMode, "What the recipient can do.", { updated: false }),
  expiresAt: column.time("Time from which it can no longer be used.", {
    created: "Time from which it can no longer be used: at most 366 days from now. If omitted, 90 days from now.",
    updated: false,
    optional: true,
  }),
  maxStartsPerHour: column.int("How often the recipient can start it within an hour.", {
    shown: "How often the recipient can start it within an hour. Null: it cannot be started, or only the limits of the owner's plan apply.",
    created: "How often the recipient can start it within an hour (1 to 10,000). If omitted, 60. Only with the mode `START`.",
    updated: "How often the recipient can start it within an hour (1 to 10,000).",
    nullable: true,
  }),
  maxOpenRuns: column.int("How many of the runs that the recipient has started can be open at the same time.", {
    shown:
      "How many of the runs that the recipient has started can be open at the same time. Workflows that such a run starts without waiting for them do not count. Null: there is no such limit.",
    created:
      "How many of the runs that the recipient has started can be open at the same time (1 to 1,000). Workflows that such a run starts without waiting for them do not count. If omitted, 100. Only with the mode `START`.",
    updated: "How many of the runs that the recipient has started can be open at the same time (1 to 1,000).",
    nullable: true,
  }),
  message: column.text("Message of the offer. Can be empty.", {
    max: 1_000,
    mayBeEmpty: true,
    hasLines: true,
    created: "Message to the recipient (up to 1,000 characters).",
    updated: false,
    optional: true,
  }),
};

export const shareColumns = columns({
  ...commonColumns.id("ID (`dsh_…`), the same in both tenants.", "ID of the share (`dsh_…`)."),
  ...column.shownOnly({ side: column.of(() => DefinitionShareSide, "Side of your tenant.") }),
  mode: offered.mode,
  ...column.shownOnly({
    status: column.of(() => DefinitionShareStatus, "Status."),
    partnerSlug: column.text("Slug of the other tenant. For the owner: as in the offer."),
    partnerName: column.text("Name of the other tenant. Null for the owner until the recipient has accepted.", { nullable: true }),
  }),
  definitionKey: offered.definitionKey,
  ...column.shownOnly({ definitionName: column.text("Name of the definition at the time of the offer.") }),
  message: offered.message,
  maxStartsPerHour: offered.maxStartsPerHour,
  maxOpenRuns: offered.maxOpenRuns,
  expiresAt: offered.expiresAt,
  ...column.shownOnly({
    offeredBy: column.of(() => User, "User of your tenant who offered it, and with whose rights it is started. Null for the recipient.", {
      nullable: true,
    }),
    answeredBy: column.of(() => User, "User of your tenant who accepted or declined it. Null for the owner.", { nullable: true }),
    answeredAt: column.time("Time of the answer.", { nullable: true }),
    revokedBy: column.of(() => User, "User of your tenant who revoked it. Null if the other tenant did.", { nullable: true }),
    revokedAt: column.time("Time of the revocation.", { nullable: true }),
  }),
  ...commonColumns.readVersion,
  ...commonColumns.idempotencyKey,
  ...commonColumns.version,
  ...standardColumns.times,
});

@ShowColumns(shareColumns)
@ObjectType({ description: "A definition that a tenant shares with another one. Both tenants see it under the same ID." })
@Allow(allOf(staff, canInTenant("definitionShare.read")))
export class DefinitionShare extends shapeOf(shareColumns) {
  /** UUID, for the field resolvers; not a field. */
  readonly uuid!: string;
}

const offerColumns = columns({ ...offered, ...shareColumns.map });

export const OfferDefinitionShareInput = createInputOf("OfferDefinitionShareInput", offerColumns);
export type OfferDefinitionShareInput = InstanceType<typeof OfferDefinitionShareInput>;

export const UpdateDefinitionShareInput = updateInputOf("UpdateDefinitionShareInput", shareColumns);
export type UpdateDefinitionShareInput = InstanceType<typeof UpdateDefinitionShareInput>;

@ObjectType({ description: "What the owner of an accepted share shows of the definition." })
@Allow(allOf(staff, canInTenant("definitionShare.read")))
export class SharedInterface {
  @Field(() => Boolean, { description: "Whether the owner has a published version, so that the share can be used." })
  isUsable!: boolean;

  @Field(() => JsonScalar, {
    nullable: true,
    description: "Inputs of the automation, as in its definition. Null if it has none, or if the share does not allow to start it.",
  })
  inputs!: unknown;
}

export const { Connection: DefinitionShareConnection } = connectionOf(DefinitionShare);

/** Returns the status, which the passing of time changes without a write. */
export const statusOf = ({ status, isOver }: Pick<ShareRow, "status" | "isOver">): DefinitionShareStatus =>
  isOver && (status === "OFFERED" || status === "ACCEPTED") ? DefinitionShareStatus.EXPIRED : (status as DefinitionShareStatus);

export const toDefinitionShare = (row: ShareRow): DefinitionShare => ({
  ...shareColumns.shown(row),
  id: encodeId("definitionShare", row.id),
  side: row.side as DefinitionShareSide,
  mode: row.mode as DefinitionShareMode,
  status: statusOf(row),
  offeredBy: row.side === DefinitionShareSide.OWNER ? User.of(row.sponsorId) : null,
  answeredBy: row.answeredBy === null ? null : User.of(row.answeredBy),
  revokedBy: row.revokedBy === null ? null : User.of(row.revokedBy),
  uuid: row.id,
});

export const DefinitionSharePayload = payloadOf(DefinitionShare, "share");
export type DefinitionSharePayload = InstanceType<typeof DefinitionSharePayload>;
