import { Allow, canInTenant, DateTimeScalar, encodeId, type EntityStub, Form, inherit, payloadOf } from "@weft/shared";
import { Field, ID, Int, ObjectType } from "type-graphql";
import { User } from "../references.js";
import type { RequestFormLinkRow } from "./request-form-link.store.js";

@ObjectType({
  description:
    "A link, usually printed as a QR code, with which everybody can create requests of one type about one asset, without a login.",
})
@Allow(canInTenant("asset.update"))
export class RequestFormLink {
  @Field(() => ID, { description: "ID (`rfl_…`)." })
  id!: string;

  @Field(() => String, { nullable: true, description: "Note, for example where the QR code hangs." })
  note!: string | null;

  @Field(() => Int, { description: "Number of requests that the link accepts per hour." })
  requestsPerHour!: number;

  @Field(() => Int, { description: "Number of requests that were created with the link." })
  requestCount!: number;

  @Field(() => DateTimeScalar, { nullable: true, description: "Creation time of the last request. Null if there is none." })
  lastUsedAt!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Expiration time. Null if the link does not expire." })
  expiresAt!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the revocation. Null if the link is not revoked." })
  revokedAt!: string | null;

  @Field(() => User, {
    nullable: true,
    description: "User who created the link, and in whose name its requests are created. Null if you cannot see the user.",
  })
  createdBy!: EntityStub | null;

  @Field(() => Int, { description: "Version number, incremented when the link is revoked." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change. Requests do not change the link." })
  updatedAt!: string;

  readonly row!: RequestFormLinkRow;
}

@ObjectType({ description: "The form of a request form link: what everybody who has the link can see." })
@Allow(inherit)
export class RequestFormByLink {
  @Field(() => String, { description: "Display name of the asset." })
  assetName!: string;

  @Field(() => Form, { description: "Form of the input `data` of `submitRequestByLink`." })
  form!: Form;
}

/** Converts a row to its API type. */
export const toRequestFormLink = (row: RequestFormLinkRow): RequestFormLink =>
  Object.assign(new RequestFormLink(), {
    id: encodeId("requestFormLink", row.id),
    note: row.note,
    requestsPerHour: row.requestsPerHour,
    requestCount: row.requestCount,
    lastUsedAt: row.lastUsedAt,
    expiresAt: row.expiresAt,
    revokedAt: row.revokedAt,
    createdBy: User.of(row.createdBy),
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    row,
  });

export const RequestFormLinkPayload = payloadOf(RequestFormLink, "link");
export type RequestFormLinkPayload = InstanceType<typeof RequestFormLinkPayload>;
