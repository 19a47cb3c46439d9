import { sharing } from "@weft/drizzle";
import { Allow, allOf, canInTenant, connectionOf, DateTimeScalar, encodeId, JsonScalar, staff, payloadOf } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { User } from "../principals/principal.type.js";

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

@ObjectType({ description: "A definition that a tenant shares with another one. Both tenants see it under the same ID." })
@Allow(allOf(staff, canInTenant("definitionShare.read")))
export class DefinitionShare {
  @Field(() => ID, { description: "ID (`dsh_…`), the same in both tenants." })
  id!: string;

  @Field(() => DefinitionShareSide, { description: "Side of your tenant." })
  side!: DefinitionShareSide;

  @Field(() => DefinitionShareMode, { description: "What the recipient can do." })
  mode!: DefinitionShareMode;

  @Field(() => DefinitionShareStatus, { description: "Status." })
  status!: DefinitionShareStatus;

  @Field(() => String, { description: "Slug of the other tenant. For the owner: as in the offer." })
  partnerSlug!: string;

  @Field(() => String, { nullable: true, description: "Name of the other tenant. Null for the owner until the recipient has accepted." })
  partnerName!: string | null;

  @Field(() => String, { description: "Key of the owner's definition." })
  definitionKey!: string;

  @Field(() => String, { description: "Name of the definition at the time of the offer." })
  definitionName!: string;

  @Field(() => String, { description: "Message of the offer. Can be empty." })
  message!: string;

  @Field(() => Int, {
    nullable: true,
    description:
      "How often the recipient can start it within an hour. Null: it cannot be started, or only the limits of the owner's plan apply.",
  })
  maxStartsPerHour!: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      "How many of the runs that the recipient has started can be open at the same time. Workflows that such a run starts without waiting for them do not count. Null: there is no such limit.",
  })
  maxOpenRuns!: number | null;

  @Field(() => DateTimeScalar, { description: "Time from which it can no longer be used." })
  expiresAt!: string;

  @Field(() => User, {
    nullable: true,
    description: "User of your tenant who offered it, and with whose rights it is started. Null for the recipient.",
  })
  offeredBy!: User | null;

  @Field(() => User, { nullable: true, description: "User of your tenant who accepted or declined it. Null for the owner." })
  answeredBy!: User | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the answer." })
  answeredAt!: string | null;

  @Field(() => User, { nullable: true, description: "User of your tenant who revoked it. Null if the other tenant did." })
  revokedBy!: User | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the revocation." })
  revokedAt!: string | null;

  @Field(() => Int, { description: "Version number, incremented on every change." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;

  /** UUID, for the field resolvers; not a field. */
  readonly uuid!: string;
}

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
  id: encodeId("definitionShare", row.id),
  side: row.side as DefinitionShareSide,
  mode: row.mode as DefinitionShareMode,
  status: statusOf(row),
  partnerSlug: row.partnerSlug,
  partnerName: row.partnerName,
  definitionKey: row.definitionKey,
  definitionName: row.definitionName,
  message: row.message,
  maxStartsPerHour: row.maxStartsPerHour,
  maxOpenRuns: row.maxOpenRuns,
  expiresAt: row.expiresAt,
  offeredBy: row.side === DefinitionShareSide.OWNER ? User.of(row.sponsorId) : null,
  answeredBy: row.answeredBy === null ? null : User.of(row.answeredBy),
  answeredAt: row.answeredAt,
  revokedBy: row.revokedBy === null ? null : User.of(row.revokedBy),
  revokedAt: row.revokedAt,
  version: row.version,
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
  uuid: row.id,
});

export const DefinitionSharePayload = payloadOf(DefinitionShare, "share");
export type DefinitionSharePayload = InstanceType<typeof DefinitionSharePayload>;
