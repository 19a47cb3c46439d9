import { Allow, connectionOf, DateTimeScalar, encodeId, inherit, JsonScalar, staff, payloadOf } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
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

@ObjectType({ description: "A company that works for the tenant. Its users see what is assigned to it, and nothing else." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(inherit)
export class Vendor {
  @Field(() => ID, { description: "ID (`vnd_…`)." })
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  nodeKey!: string;

  @Field(() => String, { description: "Short code, unique in the tenant." })
  code!: string;

  @Field(() => String, { description: "Display name." })
  name!: string;

  @Field(() => String, { nullable: true, description: "Email address." })
  email!: string | null;

  @Field(() => String, { nullable: true, description: "Phone number." })
  phone!: string | null;

  @Field(() => [String], { description: "Categories of work, for example `hvac` and `elevators`." })
  categories!: string[];

  @Field(() => VendorStatus, { description: "Whether work can be assigned to the vendor." })
  status!: VendorStatus;

  @Field(() => String, {
    nullable: true,
    description: "Why the vendor has its status. Null if nobody gave a reason. Only for users of the organization.",
  })
  @Allow(staff)
  statusReason!: string | null;

  @Field(() => WorkflowInstance, {
    nullable: true,
    description: "Workflow of the last onboarding. Null if there was none, or you cannot see it.",
  })
  onboarding!: WorkflowInstance | null;

  @Field(() => VendorRegistrationMethod, {
    nullable: true,
    description: "How the vendor registered. Null if a user or an import created it. Only for users of the organization.",
  })
  @Allow(staff)
  registrationMethod!: VendorRegistrationMethod | null;

  @Field(() => DateTimeScalar, { description: "Time at which the status last changed, or the creation time." })
  statusChangedAt!: string;

  @Field(() => JsonScalar, {
    description: "Values of custom fields, by name. Users of a vendor see only fields that are shown to vendors.",
  })
  fields!: Record<string, unknown>;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it to `updateVendor` as `expectedVersion`." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;

  /** UUID of the link, for the resolver. */
  registrationLinkId!: string | null;
}

export const { Connection: VendorConnection } = connectionOf(Vendor);

/** Converts a row to its API type. */
export function toVendor(row: VendorRow): Vendor {
  const id = encodeId("vendor", row.id);
  const { code, name, email, phone, categories, statusReason, statusChangedAt, fields, version, createdAt, updatedAt } = row;
  return Object.assign(new Vendor(), {
    id,
    nodeKey: id,
    code,
    name,
    email,
    phone,
    categories,
    status: row.status as VendorStatus,
    statusReason,
    statusChangedAt,
    onboarding: row.instanceId === null ? null : WorkflowInstance.of(row.instanceId),
    registrationMethod: row.registrationMethod as VendorRegistrationMethod | null,
    registrationLinkId: row.registrationLinkId,
    fields,
    version,
    createdAt,
    updatedAt,
  });
}

export const VendorPayload = payloadOf(Vendor, "vendor");
export type VendorPayload = InstanceType<typeof VendorPayload>;
