import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns } from "@weft/api/columns";
import { Form } from "@weft/api/forms";
import { payloadOf } from "@weft/api/inputs";
import { Allow, canInTenant, inherit } from "@weft/api/rules";
import { Field, ObjectType } from "type-graphql";
import { User } from "../references.js";
import type { RequestFormLinkRow } from "./request-form-link.store.js";

export const requestFormLinkColumns = columns({
  ...column.shownOnly({ id: column.id("ID (`rfl_…`).") }),
  assetId: column.id("Asset that the requests are about.", { shown: false }),
  typeKey: column.text("Key of the type of the requests.", {
    max: 80,
    shown: false,
    created: "Key of the type of the requests. You must be able to create such requests yourself.",
  }),
  note: column.text("Note, for example where the QR code hangs.", { max: 500, mayBeEmpty: true, hasLines: true, nullable: true }),
  requestsPerHour: column.int("Number of requests that the link accepts per hour.", {
    created: "Number of requests that the link accepts per hour, 1 to 1,000. More are refused with `RATE_LIMITED`.",
    initial: 30,
  }),
  ...column.shownOnly({
    requestCount: column.int("Number of requests that were created with the link."),
    lastUsedAt: column.time("Creation time of the last request. Null if there is none.", { nullable: true }),
  }),
  expiresAt: column.time("Expiration time. Null if the link does not expire.", {
    created: "Expiration time, in the future. Null if the link does not expire.",
    nullable: true,
  }),
  ...column.shownOnly({
    revokedAt: column.time("Time of the revocation. Null if the link is not revoked.", { nullable: true }),
    createdBy: column.of(
      () => User,
      "User who created the link, and in whose name its requests are created. Null if you cannot see the user.",
      { shownNullable: true },
    ),
    version: column.int("Version number, incremented when the link is revoked."),
    createdAt: column.time("Creation time."),
    updatedAt: column.time("Time of the last change. Requests do not change the link."),
  }),
  ...standardColumns.idempotencyKey,
});

@ShowColumns(requestFormLinkColumns)
@ObjectType({
  description:
    "A link, usually printed as a QR code, with which everybody can create requests of one type about one asset, without a login.",
})
@Allow(canInTenant("asset.update"))
export class RequestFormLink extends shapeOf(requestFormLinkColumns) {
  readonly row!: RequestFormLinkRow;
}

export const CreateRequestFormLinkInput = createInputOf("CreateRequestFormLinkInput", requestFormLinkColumns);
export type CreateRequestFormLinkInput = InstanceType<typeof CreateRequestFormLinkInput>;

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
    ...requestFormLinkColumns.shown(row),
    id: encodeId("requestFormLink", row.id),
    createdBy: User.of(row.createdBy),
    row,
  });

export const RequestFormLinkPayload = payloadOf(RequestFormLink, "link");
export type RequestFormLinkPayload = InstanceType<typeof RequestFormLinkPayload>;
