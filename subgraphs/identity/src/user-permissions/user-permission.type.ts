import { Allow, DateTimeScalar, inherit } from "@weft/shared";
import type { Permission } from "@weft/shared";
import { Field, ObjectType, registerEnumType } from "type-graphql";
import type { Override } from "../rights/grant.js";
import { PermissionScope } from "../roles/role.type.js";

export enum PermissionEffect {
  GRANT = "GRANT",
  DENY = "DENY",
}
registerEnumType(PermissionEffect, {
  name: "PermissionEffect",
  description: "What is said of a permission for one user.",
  valuesConfig: {
    GRANT: { description: "The user holds it beside what the roles grant." },
    DENY: { description: "What its scope reaches is taken from the user, whatever grants it." },
  },
});

@ObjectType({ description: "A permission that one user is granted or denied beside his roles." })
@Allow(inherit)
export class PermissionOverride {
  readonly createdByUuid!: string | null;

  @Field(() => String, { description: "`resource.action`; see `permissions`." })
  permission!: Permission;

  @Field(() => PermissionScope, { description: "How far it is granted or denied." })
  scope!: PermissionScope;

  @Field(() => PermissionEffect, { description: "Whether it is granted or denied." })
  effect!: PermissionEffect;

  @Field(() => String, { description: "Why, as whoever did it said." })
  reason!: string;

  @Field(() => DateTimeScalar, { description: "Since when." })
  createdAt!: string;
}

@ObjectType({ description: "What all roles, grants and denials of a user make of a permission." })
@Allow(inherit)
export class EffectivePermission {
  @Field(() => String, { description: "`resource.action`; see `permissions`." })
  permission!: Permission;

  @Field(() => [PermissionScope], { description: "The scopes in which the user holds it. Empty: it is denied." })
  scopes!: PermissionScope[];

  @Field(() => [PermissionScope], {
    description: "The scopes in which it is denied: of what `scopes` reach, what these reach is taken away.",
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
