import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, inherit, staff } from "@weft/api/rules";
import { Directive, ObjectType, registerEnumType } from "type-graphql";
import { WorkflowInstance } from "../references.js";
import type { VendorRow } from "./vendor.store.js";

export enum VendorStatus {
  ONBOARDING = "ONBOARDING",
  ACTIVE = "ACTIVE",
  SUSPENDED = "SUSPENDED",
  BLOCKED = "BLOCKED",
  REJECTED = "REJECTED",
  INACTIVE = "INACTIVE",
}
registerEnumType(VendorStatus, {
  name: "VendorStatus",
  description:
    "Whether work can be assigned to a vendor: only to those with the status ACTIVE. Assigned work stays with the vendor in every status.",
  valuesConfig: {
    ONBOARDING: { description: "Waits for the approval of its onboarding." },
    ACTIVE: { description: "Gets new work." },
    SUSPENDED: { description: "Gets no new work for now." },
    BLOCKED: { description: "Must not get work again." },
    REJECTED: { description: "Its onboarding was rejected or canceled." },
    INACTIVE: { description: "Is no longer used." },
  },
});

export enum VendorRegistrationMethod {
  LINK = "LINK",
  INVITATION = "INVITATION",
}
registerEnumType(VendorRegistrationMethod, {
  name: "VendorRegistrationMethod",
  description: "How a vendor registered.",
  valuesConfig: {
    LINK: { description: "With a link that everybody who has it can use." },
    INVITATION: { description: "With the link of an invitation by email." },
  },
});

export const vendorColumns = columns({
  ...standardColumns.id("ID (`vnd_…`).", "The vendor."),
  ...standardColumns.nodeKey,
  ...standardColumns.expectedVersion,
  code: column.text("Short code, unique in the tenant.", { max: 40, trimmed: true, updated: "New code." }),
  name: column.text("Display name.", { max: 200, trimmed: true, updated: "New name." }),
  email: column.text("Email address.", { nullable: true, updated: "New email address. Null removes it." }),
  phone: column.text("Phone number.", {
    max: 50,
    nullable: true,
    created: "Phone number.",
    updated: "New phone number. Null removes it.",
  }),
  categories: column.texts("Categories of work (at most 50).", {
    initial: [],
    shown: "Categories of work, for example `hvac` and `elevators`.",
    updated: "All categories.",
  }),
  ...column.shownOnly({
    status: column.of(() => VendorStatus, "Whether work can be assigned to the vendor."),
    statusReason: column.text("Why the vendor has its status. Null if nobody gave a reason. Only for users of the organization.", {
      nullable: true,
      decorators: [Allow(staff)],
    }),
    onboarding: column.of(() => WorkflowInstance, "Workflow of the last onboarding. Null if there was none, or you cannot see it.", {
      nullable: true,
    }),
    registrationMethod: column.of(
      () => VendorRegistrationMethod,
      "How the vendor registered. Null if a user or an import created it. Only for users of the organization.",
      { nullable: true, decorators: [Allow(staff)] },
    ),
    statusChangedAt: column.time("Time at which the status last changed, or the creation time."),
  }),
  ...standardColumns.customFields,
  onboard: column.flag(
    "Whether the vendor starts with an onboarding, and gets no work before its approval. Needs the published definition `vendor-onboarding`. Otherwise the vendor is active at once.",
    { shown: false, updated: false, initial: false, converted: true },
  ),
  ...standardColumns.externalId("vendors"),
  ...standardColumns.idempotencyKey,
  ...standardColumns.version("updateVendor"),
  ...standardColumns.times,
});

@ShowColumns(vendorColumns)
@ObjectType({ description: "A company that works for the tenant. Its users see what is assigned to it, and nothing else." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(inherit)
export class Vendor extends shapeOf(vendorColumns) {
  /** UUID of the link, for the resolver. */
  registrationLinkId!: string | null;
}

export const CreateVendorInput = createInputOf("CreateVendorInput", vendorColumns);
export type CreateVendorInput = InstanceType<typeof CreateVendorInput>;

export const UpdateVendorInput = updateInputOf("UpdateVendorInput", vendorColumns);
export type UpdateVendorInput = InstanceType<typeof UpdateVendorInput>;

export const { Connection: VendorConnection } = connectionOf(Vendor);

/** Converts a row to its API type. */
export function toVendor(row: VendorRow): Vendor {
  const id = encodeId("vendor", row.id);
  return Object.assign(new Vendor(), vendorColumns.shown(row), {
    id,
    nodeKey: id,
    status: row.status as VendorStatus,
    onboarding: row.instanceId === null ? null : WorkflowInstance.of(row.instanceId),
    registrationMethod: row.registrationMethod as VendorRegistrationMethod | null,
    registrationLinkId: row.registrationLinkId,
  });
}

export const VendorPayload = payloadOf(Vendor, "vendor");
export type VendorPayload = InstanceType<typeof VendorPayload>;
