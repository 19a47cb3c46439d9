import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, can, inherit } from "@weft/api/rules";
import { Directive, ObjectType, registerEnumType } from "type-graphql";
import * as identityColumns from "../identity-columns.js";
import type { TenantRow } from "./tenant.store.js";

export enum TenantStatus {
  ACTIVE = "ACTIVE",
  SUSPENDED = "SUSPENDED",
  ARCHIVED = "ARCHIVED",
}
registerEnumType(TenantStatus, {
  name: "TenantStatus",
  description: "Status of a tenant.",
  valuesConfig: {
    SUSPENDED: { description: "Suspended: nothing can be read or changed until the tenant is reactivated." },
    ARCHIVED: { description: "Archived: like suspended, and permanently deleted at `purgeAt` unless restored before." },
  },
});

export enum TenantKind {
  CUSTOMER = "CUSTOMER",
  PLATFORM = "PLATFORM",
}
registerEnumType(TenantKind, {
  name: "TenantKind",
  description: "Kind of the tenant.",
  valuesConfig: {
    CUSTOMER: { description: "An organization that works with Weft." },
    PLATFORM: { description: "The tenant of the operators of this installation. There is exactly one." },
  },
});

export enum Plan {
  FREE = "FREE",
  PRO = "PRO",
  ENTERPRISE = "ENTERPRISE",
}
registerEnumType(Plan, { name: "Plan", description: "Plan of a tenant." });

export const TenantAdminInput = createInputOf(
  "TenantAdminInput",
  columns({
    name: column.text("Display name (1 to 200 characters)."),
    email: column.text("Email address, for logins."),
    username: column.text("User name for logins, as an alternative to the email address. Default: the part before the @.", {
      nullable: true,
    }),
    password: column.text("Password (at most 256 characters). If omitted (recommended), the user is invited by email and chooses one.", {
      nullable: true,
    }),
  }),
  "The first user of a new tenant and its administrator.",
);
export type TenantAdminInput = InstanceType<typeof TenantAdminInput>;

export const tenantColumns = columns({
  id: column.id("ID (`ten_…`).", { created: false, updated: false, isKey: true }),
  ...standardColumns.nodeKey,
  tenantId: column.id("Tenant (default: your own). Other tenants require platform.update.", { shown: false, created: false, isKey: true }),
  slug: column.text("Slug, unique in the installation: the `tenant` of a login.", { updated: false }),
  name: column.text("Display name.", { max: 200, updated: "New name (1 to 200 characters)." }),
  ...column.shownOnly({ status: column.of(() => TenantStatus, "Status of the tenant.") }),
  plan: column.of(() => Plan, "Plan of the tenant.", {
    shown: "Requires the permission tenant.read.",
    shownNullable: true,
    initial: Plan.FREE,
    updated: false,
    decorators: [Allow(can("tenant.read"))],
  }),
  ...column.shownOnly({
    kind: column.of(() => TenantKind, "Kind of the tenant."),
    archivedAt: column.time("Time of archiving. Null if it is not archived.", { nullable: true }),
    purgeAt: column.time("Time at which an archived tenant is permanently deleted. Null if it is not archived.", { nullable: true }),
    isVerified: column.flag(
      "Whether one of its users has a verified email address. Required for inviting users if the organization registered itself.",
    ),
  }),
  isSandbox: column.flag("Whether it is a sandbox, which has its own clock. Chosen at its creation and never changed.", {
    created: "Whether it is a sandbox: `advanceClock` advances its clock. Cannot be changed later.",
    initial: false,
    updated: false,
  }),
  admin: column.of(() => TenantAdminInput, "The first user.", { shown: false, updated: false }),
  ...identityColumns.idempotencyKey("returns the same tenant"),
  ...standardColumns.expectedVersion,
  ...identityColumns.version,
  ...standardColumns.times,
});

@ShowColumns(tenantColumns)
@ObjectType({ description: "An organization. Every object in Weft belongs to exactly one tenant and is invisible to all others." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(inherit)
export class Tenant extends shapeOf(tenantColumns) {}

export const CreateTenantInput = createInputOf("CreateTenantInput", tenantColumns, "A new tenant.");
export type CreateTenantInput = InstanceType<typeof CreateTenantInput>;

export const UpdateTenantInput = updateInputOf(
  "UpdateTenantInput",
  tenantColumns,
  "Changes of a tenant. Omitted fields keep their values.",
);
export type UpdateTenantInput = InstanceType<typeof UpdateTenantInput>;

export function toTenant(row: TenantRow): Tenant {
  const id = encodeId("tenant", row.tenantId);
  return Object.assign(new Tenant(), tenantColumns.shown(row), { id, nodeKey: id });
}

export const TenantPayload = payloadOf(Tenant, "tenant");
export type TenantPayload = InstanceType<typeof TenantPayload>;
