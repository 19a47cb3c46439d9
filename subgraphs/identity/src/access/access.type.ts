import { Allow, ConnectionArgs, connectionOf, inherit } from "@weft/shared";
import type { Permission } from "@weft/shared";
import { ArgsType, Field, ID, ObjectType, registerEnumType } from "type-graphql";
import { PermissionScope } from "../roles/role.type.js";
import { User } from "../users/user.type.js";

export enum AccessStepKind {
  USER_STATUS = "USER_STATUS",
  NO_GRANT = "NO_GRANT",
  ROLE_GRANT = "ROLE_GRANT",
  USER_GRANT = "USER_GRANT",
  USER_DENIAL = "USER_DENIAL",
  SCOPE = "SCOPE",
  VENDOR_LIMIT = "VENDOR_LIMIT",
}
registerEnumType(AccessStepKind, {
  name: "AccessStepKind",
  description: "Kinds of steps in an access decision.",
  valuesConfig: {
    USER_STATUS: { description: "Only users with the status ACTIVE can act." },
    NO_GRANT: { description: "Nothing grants the permission to the user." },
    ROLE_GRANT: { description: "A role of the user, or a role it inherits from, grants the permission in a scope." },
    USER_GRANT: { description: "The permission was granted to the user directly." },
    USER_DENIAL: { description: "The permission is denied to the user in a scope, regardless of grants." },
    SCOPE: { description: "Whether the scope includes the object." },
    VENDOR_LIMIT: { description: "Users of a vendor only reach what was assigned to the vendor." },
  },
});

@ObjectType({ description: "One step of an access decision." })
@Allow(inherit)
export class AccessStep {
  @Field(() => AccessStepKind, { description: "Kind of the step." })
  kind!: AccessStepKind;

  @Field(() => String, { nullable: true, description: "Key of the role that grants the permission." })
  role!: string | null;

  @Field(() => [String], {
    description: "Role keys from the user's role to the granting role, if the permission is inherited. Otherwise empty.",
  })
  via!: string[];

  @Field(() => String, { description: "Permission that was checked." })
  permission!: Permission;

  @Field(() => PermissionScope, { nullable: true, description: "Scope of the grant or denial." })
  scope!: PermissionScope | null;

  @Field(() => Boolean, { description: "Whether this step allows access." })
  holds!: boolean;

  @Field(() => String, { description: "Explanation of the step." })
  message!: string;
}

@ObjectType({ description: "Whether a user can do something, and why." })
@Allow(inherit)
export class AccessExplanation {
  @Field(() => Boolean, {
    description: "Whether the user's rights allow the call. The state of the object or its workflow definition can still prevent it.",
  })
  isAllowed!: boolean;

  @Field(() => AccessStepKind, { description: "Kind of the deciding step." })
  decidedBy!: AccessStepKind;

  @Field(() => [AccessStep], { description: "All steps, in order." })
  steps!: AccessStep[];
}

@ObjectType({ description: "A user who can do something, and why." })
@Allow(inherit)
export class AccessHolder {
  @Field(() => User, { description: "The user." })
  user!: User;

  @Field(() => [AccessStep], { description: "All steps, in order. See `explainAccess`." })
  steps!: AccessStep[];
}

export const { Connection: AccessHolderConnection } = connectionOf(AccessHolder);

@ArgsType()
export class WhoCanArgs extends ConnectionArgs {
  @Field(() => String, { description: "Permission as `resource.action`. See `permissions`." })
  permission!: string;

  @Field(() => ID, {
    nullable: true,
    description: "Object to check access to. If omitted, the users who can use the permission at all.",
  })
  objectId?: string | null;
}
