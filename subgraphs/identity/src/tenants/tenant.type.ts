import { Allow, can, DateTimeScalar, encodeId, inherit } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import type { TenantRow } from "./tenant.store.js";

export enum TenantStatus {
  ACTIVE = "ACTIVE",
  SUSPENDED = "SUSPENDED",
  ARCHIVED = "ARCHIVED",
}
registerEnumType(TenantStatus, {
  name: "TenantStatus",
  description: "Whether the tenant's people can work.",
  valuesConfig: {
    SUSPENDED: { description: "Nothing can be read or changed until it is active again." },
    ARCHIVED: { description: "As suspended, and deleted for ever at `purgeAt` unless it is restored before." },
  },
});

export enum TenantKind {
  CUSTOMER = "CUSTOMER",
  PLATFORM = "PLATFORM",
}
registerEnumType(TenantKind, {
  name: "TenantKind",
  description: "Whose tenant it is.",
  valuesConfig: {
    CUSTOMER: { description: "An organisation that works with Weft." },
    PLATFORM: { description: "The one tenant of those who run this installation." },
  },
});

export enum Plan {
  FREE = "FREE",
  PRO = "PRO",
  ENTERPRISE = "ENTERPRISE",
}
registerEnumType(Plan, { name: "Plan", description: "What the tenant has subscribed to." });

@ObjectType({ description: "An organisation. Everything in Weft belongs to exactly one, and no other one can see it." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(inherit)
export class Tenant {
  @Field(() => ID, { description: "TypeID, `ten_…`." })
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "The id, as the key that other subgraphs hang on." })
  nodeKey!: string;

  @Field(() => String, { description: "Short name, unique in the installation; the `tenant` of a login." })
  slug!: string;

  @Field(() => String, { description: "What people call it." })
  name!: string;

  @Field(() => TenantStatus, { description: "Whether its people can work." })
  status!: TenantStatus;

  @Allow(can("tenant.read"))
  @Field(() => Plan, { nullable: true, description: "Needs the permission tenant.read." })
  plan!: Plan;

  @Field(() => TenantKind, { description: "Whose tenant it is." })
  kind!: TenantKind;

  @Field(() => DateTimeScalar, { nullable: true, description: "Since when it is archived; null when it is not." })
  archivedAt!: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "When an archived tenant is deleted for ever; null when it is not archived.",
  })
  purgeAt!: string | null;

  @Field(() => Boolean, {
    description: "Whether a mail reaches somebody of it. One that registered itself invites people from then on.",
  })
  isVerified!: boolean;

  @Field(() => Int, { description: "Grows with every change; see `expectedVersion`." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "When it was created." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "When it was last changed." })
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
    kind: row.kind as TenantKind,
    archivedAt: row.archivedAt,
    purgeAt: row.purgeAt,
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  });
}
