import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, canInTenant } from "@weft/api/rules";
import { ObjectType } from "type-graphql";
import { User } from "../references.js";
import type { InboundMailAddressRow } from "./inbound-mail-address.store.js";

const typeKey = "Key of the type of the requests. You must be able to create such requests yourself.";
const textField = "Field of the type's `form` that gets the text.";

export const inboundMailAddressColumns = columns({
  id: column.id("ID (`ima_…`).", { created: false, updated: "The address.", requiredInUpdate: true, isKey: true }),
  name: column.text("Display name.", { max: 200, created: "Display name, at most 200 characters." }),
  typeKey: column.text(typeKey, { max: 80, shown: false, created: typeKey, converted: true }),
  subjectField: column.text("Field of the type's `form` that gets the subject. If null, the subject is the first line of the text.", {
    max: 120,
    created:
      "Field of the type's `form` that gets the subject. It must contain free text. If null, the subject is the first line of the text.",
    updated: "Field of the type's `form` that gets the subject. If null, the subject becomes the first line of the text.",
    nullable: true,
  }),
  textField: column.text(textField, { max: 120, created: `${textField} It must contain free text.`, updated: textField }),
  data: column.jsonObject("Values of other fields of the type's `form`.", {
    created: "Values of other fields of the type's `form`: of all that are required and have no default.",
    updated: "Values of other fields of the type's `form`. They replace the present ones.",
    optional: true,
  }),
  isActive: column.flag("Whether the address receives email.", { created: false }),
  ...column.shownOnly({
    lastReceivedAt: column.time("Time of the last email, refused ones included. Null if there is none.", { nullable: true }),
    createdBy: column.of(() => User, "User who created the address. Null if you cannot see the user.", { shownNullable: true }),
    version: column.int("Version number, incremented on every change, but not by emails. Pass it to mutations as `expectedVersion`."),
    createdAt: column.time("Creation time."),
    updatedAt: column.time("Time of the last change. Emails do not change the address."),
  }),
  ...standardColumns.idempotencyKey,
  ...standardColumns.expectedVersion,
});

@ShowColumns(inboundMailAddressColumns)
@ObjectType({
  description: "An email address at which an email becomes a request of one type, in the name of the user with the sender's address.",
})
@Allow(canInTenant("requestType.update"))
export class InboundMailAddress extends shapeOf(inboundMailAddressColumns) {
  readonly row!: InboundMailAddressRow;
}

export const CreateInboundMailAddressInput = createInputOf("CreateInboundMailAddressInput", inboundMailAddressColumns);
export type CreateInboundMailAddressInput = InstanceType<typeof CreateInboundMailAddressInput>;

export const UpdateInboundMailAddressInput = updateInputOf(
  "UpdateInboundMailAddressInput",
  inboundMailAddressColumns,
  "Input of `updateInboundMailAddress`. Omitted fields stay unchanged.",
);
export type UpdateInboundMailAddressInput = InstanceType<typeof UpdateInboundMailAddressInput>;

/** Converts a row to its API type. */
export const toInboundMailAddress = (row: InboundMailAddressRow): InboundMailAddress =>
  Object.assign(new InboundMailAddress(), {
    ...inboundMailAddressColumns.shown(row),
    id: encodeId("inboundMailAddress", row.id),
    createdBy: User.of(row.createdBy),
    row,
  });

export const InboundMailAddressPayload = payloadOf(InboundMailAddress, "inboundMailAddress");
export type InboundMailAddressPayload = InstanceType<typeof InboundMailAddressPayload>;
