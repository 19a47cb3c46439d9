import { Allow, can, DateTimeScalar, encodeId, inherit, payloadOf } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
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

@ObjectType({ description: "An organization. Every object in Weft belongs to exactly one tenant and is invisible to all others." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(inherit)
export class Tenant {
  @Field(() => ID, { description: "ID (`ten_…`)." })
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  nodeKey!: string;

  @Field(() => String, { description: "Slug, unique in the installation: the `tenant` of a login." })
  slug!: string;

  @Field(() => String, { description: "Display name." })
  name!: string;

  @Field(() => TenantStatus, { description: "Status of the tenant." })
  status!: TenantStatus;

  @Allow(can("tenant.read"))
  @Field(() => Plan, { nullable: true, description: "Requires the permission tenant.read." })
  plan!: Plan;

  @Field(() => TenantKind, { description: "Kind of the tenant." })
  kind!: TenantKind;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of archiving. Null if it is not archived." })
  archivedAt!: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Time at which an archived tenant is permanently deleted. Null if it is not archived.",
  })
  purgeAt!: string | null;

  @Field(() => Boolean, {
    description:
      "Whether one of its users has a verified email address. Required for inviting users if the organization registered itself.",
  })
  isVerified!: boolean;

  @Field(() => Boolean, { description: "Whether it is a sandbox, which has its own clock. Chosen at its creation and never changed." })
  isSandbox!: boolean;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it as `expectedVersion` to detect conflicts." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;
}

export function toTenant(row: TenantRow): Tenant {
  const id = encodeId("tenant", row.tenantId);
  return Object.assign(new Tenant(), {
    id,
    nodeKey: id,
    slug: row.slug,
    name: row.name,
    status: row.status as TenantStatus,
    plan: row.plan as Plan,
    isVerified: row.isVerified,
    isSandbox: row.isSandbox,
    kind: row.kind as TenantKind,
    archivedAt: row.archivedAt,
    purgeAt: row.purgeAt,
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  });
}

export const TenantPayload = payloadOf(Tenant, "tenant");
export type TenantPayload = InstanceType<typeof TenantPayload>;
