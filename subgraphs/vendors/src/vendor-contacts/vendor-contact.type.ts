import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, inherit } from "@weft/api/rules";
import { ObjectType } from "type-graphql";
import type { ContactRow } from "./vendor-contact.store.js";

export const contactColumns = columns({
  ...standardColumns.id("ID (`vct_…`).", "The contact."),
  ...standardColumns.expectedVersion,
  vendorId: column.id("The vendor.", { shown: false, updated: false, converted: true }),
  name: column.text("Name of the person.", { max: 200, trimmed: true, updated: "New name." }),
  role: column.text("What the person does at the vendor, for example `Dispatcher`.", {
    max: 100,
    nullable: true,
    created: "What the person does at the vendor (at most 100 characters).",
    updated: "What the person does at the vendor. Null removes it.",
  }),
  email: column.text("Email address.", { nullable: true, updated: "New email address. Null removes it." }),
  phone: column.text("Phone number.", {
    max: 50,
    nullable: true,
    created: "Phone number (at most 50 characters).",
    updated: "New phone number. Null removes it.",
  }),
  isPrimary: column.flag("Whether this is the first person to talk to, instead of the current one.", {
    initial: false,
    shown: "Whether this is the first person to talk to. At most one contact of a vendor is.",
  }),
  ...standardColumns.idempotencyKey,
  ...standardColumns.version("updateVendorContact"),
  ...standardColumns.times,
});

@ShowColumns(contactColumns)
@ObjectType({ description: "A person at a vendor whom the organization talks to. Contacts need no login." })
@Allow(inherit)
export class VendorContact extends shapeOf(contactColumns) {}

export const AddVendorContactInput = createInputOf("AddVendorContactInput", contactColumns);
export type AddVendorContactInput = InstanceType<typeof AddVendorContactInput>;

export const UpdateVendorContactInput = updateInputOf("UpdateVendorContactInput", contactColumns);
export type UpdateVendorContactInput = InstanceType<typeof UpdateVendorContactInput>;

/** Converts a row to its API type. */
export const toContact = (row: ContactRow): VendorContact =>
  Object.assign(new VendorContact(), contactColumns.shown(row), { id: encodeId("vendorContact", row.id) });

export const VendorContactPayload = payloadOf(VendorContact, "contact");
export type VendorContactPayload = InstanceType<typeof VendorContactPayload>;
