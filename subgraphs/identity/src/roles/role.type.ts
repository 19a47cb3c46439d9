import { Allow, DateTimeScalar, encodeId, inherit } from "@weft/shared";
import type { Permission } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import type { RoleRow } from "./role.store.js";

export enum PermissionScope {
  OWN = "OWN",
  ASSIGNED = "ASSIGNED",
  TEAM = "TEAM",
  TENANT = "TENANT",
}
registerEnumType(PermissionScope, {
  name: "PermissionScope",
  description: "How far a permission reaches.",
  valuesConfig: {
    OWN: { description: "What I made or own." },
    ASSIGNED: { description: "What is assigned to me, to a team of mine, or to the vendor that I work for." },
    TEAM: { description: "What belongs to a team of mine." },
    TENANT: { description: "Everything in the tenant." },
  },
});

@ObjectType("Permission", { description: "Something that a role can permit." })
@Allow(inherit)
export class PermissionEntry {
  @Field(() => String, { description: "`resource.action`" })
  name!: string;

  @Field(() => String, { description: "What it is for." })
  description!: string;

  @Field(() => Boolean, { description: "Made by the tenant; see `createPermission`." })
  isCustom!: boolean;
}

@ObjectType({ description: "A permission with its scope, as a role grants it." })
@Allow(inherit)
export class PermissionGrant {
  @Field(() => String, { description: "`resource.action`; see `permissions`." })
  permission!: Permission;

  @Field(() => PermissionScope, { description: "How far the permission reaches." })
  scope!: PermissionScope;
}

@ObjectType({ description: "A permission that a role has from one that it inherits from." })
@Allow(inherit)
export class InheritedGrant {
  @Field(() => String, { description: "`resource.action`; see `permissions`." })
  permission!: Permission;

  @Field(() => PermissionScope, { description: "How far the permission reaches." })
  scope!: PermissionScope;

  @Field(() => String, { description: "Key of the role that grants it." })
  grantedBy!: string;
}

@ObjectType({ description: "A named set of permissions. Definitions name roles by their key." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(inherit)
export class Role {
  readonly uuid!: string;

  @Field(() => ID, { description: "TypeID, `rol_…`." })
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "The id, as the key that other subgraphs hang on." })
  nodeKey!: string;

  @Field(() => String, { description: "Unique in the tenant: `workflow_manager`." })
  key!: string;

  @Field(() => String, { description: "What people call it." })
  name!: string;

  @Field(() => String, { description: "What it is for." })
  description!: string;

  @Field(() => Boolean, { description: "Shipped with Weft: every tenant has it, and its key stays." })
  isShipped!: boolean;

  @Field(() => Int, { description: "Grows with every change; see `expectedVersion`." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "When it was created." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "When it was last changed." })
  updatedAt!: string;
}

export function toRole(row: RoleRow): Role {
  const id = encodeId("role", row.id);
  return Object.assign(new Role(), {
    uuid: row.id,
    id,
    nodeKey: id,
    key: row.key,
    name: row.name,
    description: row.description,
    isShipped: row.isShipped,
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  });
}
