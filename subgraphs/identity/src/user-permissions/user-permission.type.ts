import type { Permission } from "@weft/shared/viewer";
import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, ObjectType, registerEnumType } from "type-graphql";
import type { Override } from "../rights/grant.js";
import { PermissionScope } from "../roles/role.type.js";

export enum PermissionEffect {
  GRANT = "GRANT",
  DENY = "DENY",
}
registerEnumType(PermissionEffect, {
  name: "PermissionEffect",
  description: "Whether a permission is granted or denied to a user.",
  valuesConfig: {
    GRANT: { description: "Granted in addition to the roles." },
    DENY: { description: "Denied in its scope, regardless of grants." },
  },
});

@ObjectType({ description: "A permission granted or denied to one user in addition to the user's roles." })
@Allow(inherit)
export class PermissionOverride {
  readonly createdByUuid!: string | null;

  @Field(() => String, { description: "Permission as `resource.action`. See `permissions`." })
  permission!: Permission;

  @Field(() => PermissionScope, { description: "Scope of the grant or denial." })
  scope!: PermissionScope;

  @Field(() => PermissionEffect, { description: "Whether it is granted or denied." })
  effect!: PermissionEffect;

  @Field(() => String, { description: "Reason given by the author." })
  reason!: string;

  @Field(() => DateTimeScalar, { description: "Time of the change." })
  createdAt!: string;
}

@ObjectType({ description: "Effective scopes of a permission of a user, from all roles, grants, and denials." })
@Allow(inherit)
export class EffectivePermission {
  @Field(() => String, { description: "Permission as `resource.action`. See `permissions`." })
  permission!: Permission;

  @Field(() => [PermissionScope], { description: "Scopes in which the user has the permission. Empty if it is denied." })
  scopes!: PermissionScope[];

  @Field(() => [PermissionScope], {
    description: "Scopes in which it is denied. These are excluded from `scopes`.",
  })
  deniedScopes!: PermissionScope[];
}

export function toPermissionOverride({ permission, scope, effect, reason, createdBy, createdAt }: Override): PermissionOverride {
  return Object.assign(new PermissionOverride(), {
    permission,
    scope: PermissionScope[scope],
    effect: PermissionEffect[effect],
    reason,
    createdByUuid: createdBy,
    createdAt,
  });
}
