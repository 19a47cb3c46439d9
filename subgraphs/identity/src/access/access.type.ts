import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { ConnectionArgs, connectionOf } from "@weft/api/pages";
import { Allow, inherit } from "@weft/api/rules";
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

const stepColumns = columns({
  kind: column.of(() => AccessStepKind, "Kind of the step."),
  role: column.text("Key of the role that grants the permission.", { nullable: true }),
  via: column.texts("Role keys from the user's role to the granting role, if the permission is inherited. Otherwise empty."),
  permission: column.text("Permission that was checked."),
  scope: column.of(() => PermissionScope, "Scope of the grant or denial.", { nullable: true }),
  holds: column.flag("Whether this step allows access."),
  message: column.text("Explanation of the step."),
});

@ShowColumns(stepColumns)
@ObjectType({ description: "One step of an access decision." })
@Allow(inherit)
export class AccessStep extends shapeOf(stepColumns) {}

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
