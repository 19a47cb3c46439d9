import { Allow, ConnectionArgs, connectionOf, inherit } from "@weft/shared";
import type { Permission } from "@weft/shared";
import { ArgsType, Field, ID, ObjectType, registerEnumType } from "type-graphql";
import { PermissionScope } from "../roles/role.type.js";
import { User } from "../users/user.type.js";

export enum AccessLinkKind {
  USER_STATUS = "USER_STATUS",
  NO_GRANT = "NO_GRANT",
  ROLE_GRANT = "ROLE_GRANT",
  USER_GRANT = "USER_GRANT",
  USER_DENIAL = "USER_DENIAL",
  SCOPE = "SCOPE",
  VENDOR_LIMIT = "VENDOR_LIMIT",
}
registerEnumType(AccessLinkKind, {
  name: "AccessLinkKind",
  description: "What decides about access.",
  valuesConfig: {
    USER_STATUS: { description: "Only an ACTIVE user acts." },
    NO_GRANT: { description: "Nothing grants the user the permission." },
    ROLE_GRANT: { description: "A role of the user grants the permission in a scope, or one that it inherits from." },
    USER_GRANT: { description: "The user was granted the permission himself." },
    USER_DENIAL: { description: "The user is denied the permission in a scope, whatever grants it." },
    SCOPE: { description: "Whether the scope reaches the object." },
    VENDOR_LIMIT: { description: "A vendor's user is kept to what the vendor was given." },
  },
});

@ObjectType({ description: "One step on the way to a decision about access." })
@Allow(inherit)
export class AccessLink {
  @Field(() => AccessLinkKind, { description: "What this step is." })
  kind!: AccessLinkKind;

  @Field(() => String, { nullable: true, description: "Key of the role that grants." })
  role!: string | null;

  @Field(() => [String], {
    description: "Keys of roles: from the one that the user has to the one that grants, when it grants by inheritance; else empty.",
  })
  via!: string[];

  @Field(() => String, { description: "The permission that is asked about." })
  permission!: Permission;

  @Field(() => PermissionScope, { nullable: true, description: "The scope of the grant or the denial." })
  scope!: PermissionScope | null;

  @Field(() => Boolean, { description: "Whether this step speaks for access." })
  holds!: boolean;

  @Field(() => String, { description: "The step in words." })
  message!: string;
}

@ObjectType({ description: "Whether a user may do something, and why." })
@Allow(inherit)
export class AccessExplanation {
  @Field(() => Boolean, {
    description:
      "What the call itself would say as far as rights go; the state of the object or its workflow's definition may refuse it still.",
  })
  isAllowed!: boolean;

  @Field(() => AccessLinkKind, { description: "The kind of the step that decided." })
  decidedBy!: AccessLinkKind;

  @Field(() => [AccessLink], { description: "Every step, in order." })
  chain!: AccessLink[];
}

@ObjectType({ description: "A user who may do something, and why." })
@Allow(inherit)
export class AccessHolder {
  @Field(() => User, { description: "Who may." })
  user!: User;

  @Field(() => [AccessLink], { description: "Every step, in order; see `explainAccess`." })
  why!: AccessLink[];
}

export const { Connection: AccessHolderConnection } = connectionOf(AccessHolder);

@ArgsType()
export class WhoCanArgs extends ConnectionArgs {
  @Field(() => String, { description: "`resource.action`; see `permissions`." })
  permission!: string;

  @Field(() => ID, {
    nullable: true,
    description: "An object that the permission is about; without it: who may use the permission at all.",
  })
  objectId?: string | null;
}
