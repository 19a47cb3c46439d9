import { Allow, DateTimeScalar, encodeId, inherit, rowNodes, sourcesOf, ViewerIndependent, payloadOf } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { Profile, toProfile } from "./profile/profile.type.js";
import { userColumns, type UserRow } from "./user.columns.js";

export enum UserTypeEnum {
  EMPLOYEE = "EMPLOYEE",
  VENDOR = "VENDOR",
  SERVICE = "SERVICE",
  OPERATOR = "OPERATOR",
}
registerEnumType(UserTypeEnum, {
  name: "UserType",
  description: "Kind of user.",
  valuesConfig: {
    VENDOR: { description: "Works for a vendor and sees only what is assigned to that vendor." },
    SERVICE: { description: "A program." },
    OPERATOR: {
      description: "Stands for a platform operator who acts in the tenant for a limited time. Nobody makes, changes or logs in as one.",
    },
  },
});

export enum UserStatus {
  ACTIVE = "ACTIVE",
  DISABLED = "DISABLED",
  INVITED = "INVITED",
}
registerEnumType(UserStatus, {
  name: "UserStatus",
  description: "Status of the user.",
  valuesConfig: { INVITED: { description: "Has no password yet." } },
});

@ObjectType({ description: "A person or a program that acts in a tenant." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(inherit)
export class User {
  readonly uuid!: string;
  readonly tenantUuid!: string;
  readonly vendorUuid!: string | null;
  readonly hasBreakGlass!: boolean;

  @Field(() => ID, { description: "ID (`usr_…`)." })
  @ViewerIndependent("user.read")
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  @ViewerIndependent("user.read")
  nodeKey!: string;

  @Field(() => String, { description: "Unique in the tenant; logs in." })
  @ViewerIndependent("user.read")
  email!: string;

  @Field(() => Boolean, { description: "Whether the user has answered a mail to this email." })
  isEmailVerified!: boolean;

  @Field(() => String, { description: "Logs in like the email; unique in the tenant." })
  @ViewerIndependent("user.read")
  username!: string;

  @Field(() => String, { description: "What people call the user." })
  @ViewerIndependent("user.read")
  name!: string;

  @Field(() => UserTypeEnum, { description: "Kind of user." })
  @ViewerIndependent("user.read")
  type!: UserTypeEnum;

  @Field(() => UserStatus, { description: "Status of the user." })
  @ViewerIndependent("user.read")
  status!: UserStatus;

  @Field(() => Profile, { description: "Profile of the user." })
  profile!: Profile;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it as `expectedVersion` to detect conflicts." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "When the user was last changed." })
  updatedAt!: string;

  /** The underlying row, of which the other properties are made. */
  readonly row!: UserRow;
}

const { column, from } = sourcesOf<UserRow>();
const id = from(["id"], (row) => encodeId("user", row.id));

/** Users as rows, and the columns that their fields read. */
export const userNodes = rowNodes<UserRow, User, "row">({
  type: "User",
  rowKey: "row",
  columns: userColumns,
  always: ["id"],
  fields: {
    uuid: column("id"),
    tenantUuid: column("tenantId"),
    vendorUuid: column("vendorId"),
    hasBreakGlass: column("isBreakGlass"),
    id,
    nodeKey: id,
    email: column("email"),
    isEmailVerified: from(["emailVerifiedAt"], ({ emailVerifiedAt }) => emailVerifiedAt !== null),
    username: column("username"),
    name: column("name"),
    type: from(["type"], ({ type }) => type as UserTypeEnum),
    status: from(["status"], ({ status }) => status as UserStatus),
    profile: from(["title", "phone", "locale", "timeZone", "avatarUrl"], toProfile),
    version: column("version"),
    createdAt: column("createdAt"),
    updatedAt: column("updatedAt"),
  },
  resolvers: {
    tenant: ["tenantId"],
    roles: [],
    teams: [],
    vendor: ["vendorId"],
    isBreakGlass: ["isBreakGlass"],
    invitation: ["status"],
    effectivePermissions: [],
    permissionOverrides: [],
    identities: [],
    lastLoginAddress: [],
    lastLoginAt: [],
    sessions: [],
  },
});

/** Converts a row to its API type. */
export const toUser = userNodes.toNode;

@ObjectType({ description: "A vendor, which the vendors subgraph owns; identity adds its users." })
@Directive('@key(fields: "nodeKey")')
@Allow(inherit)
export class Vendor {
  @Directive("@inaccessible")
  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  nodeKey!: string;

  // Required by `users`, so that every query plan asks the vendor's owner, which alone knows whether the viewer can see the vendor.
  @Directive("@external")
  @Field(() => ID, { description: "ID (`vnd_…`)." })
  id!: string;
}

/** Returns a reference to a vendor by its key. The owner resolves all other fields. */
export function toVendor(uuid: string): Vendor {
  return Object.assign(new Vendor(), { nodeKey: encodeId("vendor", uuid) });
}

export const UserPayload = payloadOf(User, "user");
export type UserPayload = InstanceType<typeof UserPayload>;
