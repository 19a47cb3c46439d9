import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { rowNodes, sourcesOf } from "@weft/api/row-nodes";
import { Allow, inherit, ViewerIndependent } from "@weft/api/rules";
import { Directive, Field, ID, ObjectType, registerEnumType } from "type-graphql";
import * as identityColumns from "../identity-columns.js";
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

const viewerIndependent = { decorators: [ViewerIndependent("user.read")] } as const;

/** Where a new user belongs: the vendor, the roles and the teams. */
export const belongingColumns = {
  vendorId: column.id("Vendor that the user works for. For users of the kind VENDOR.", {
    shown: false,
    updated: "Vendor that the user works for. For users of the kind VENDOR. With another vendor, the user's sessions and API keys end.",
    optional: true,
  }),
  roleIds: column.ids(
    "Roles by ID. You can assign roles that you have yourself and, with role.update, all roles whose permissions you have. The roles must be for the kind of user: vendor_user, and roles that inherit from it, are for users of vendors, the other built-in roles for employees.",
    { shown: false, updated: "All roles of the user.", optional: true },
  ),
  roleKeys: column.texts("Roles by key, in addition to those by ID.", { shown: false, updated: false, optional: true }),
  teamIds: column.ids("Teams of the user. You can use your own teams and, with team.update, all teams.", {
    shown: false,
    updated: false,
    optional: true,
  }),
  teamKeys: column.texts("Teams by key, in addition to those by ID.", { shown: false, updated: false, optional: true }),
} as const;

const apiColumns = columns({
  id: column.id("ID (`usr_…`).", { ...viewerIndependent, created: false, updated: "The user.", requiredInUpdate: true, isKey: true }),
  nodeKey: column.id("ID, as the key for references from other subgraphs.", {
    created: false,
    updated: false,
    decorators: [Directive("@inaccessible"), ...viewerIndependent.decorators],
  }),
  email: column.text("Unique in the tenant; logs in.", {
    ...viewerIndependent,
    created: "Email address for logins. Unique in the tenant, ignoring case.",
  }),
  ...column.shownOnly({ isEmailVerified: column.flag("Whether the user has answered a mail to this email.") }),
  username: column.text("Logs in like the email; unique in the tenant.", {
    ...viewerIndependent,
    created: "User name for logins, as an alternative to the email address. Default: the part before the @.",
    updated: "New user name.",
    optional: true,
  }),
  name: column.text("What people call the user.", { ...viewerIndependent, created: "Display name (1 to 200 characters)." }),
  password: column.text(
    "Temporary password, which opens no session: users replace it at their first login, see PASSWORD_CHANGE_REQUIRED and `security.temporaryPasswords`. Without a password, the user is INVITED and cannot log in yet.",
    { shown: false, updated: false, optional: true },
  ),
  type: column.of(() => UserTypeEnum, "Kind of user.", {
    ...viewerIndependent,
    initial: UserTypeEnum.EMPLOYEE,
    updated:
      "Kind of user: EMPLOYEE or VENDOR. The roles must be for this kind: vendor_user, and roles that inherit from it, are for users of vendors, the other built-in roles for employees. Replace them with `roleIds` in the same call. The user's sessions and API keys end.",
  }),
  ...belongingColumns,
  ...identityColumns.idempotencyKey("returns the same user"),
  ...standardColumns.expectedVersion,
  ...column.shownOnly({
    status: column.of(() => UserStatus, "Status of the user.", viewerIndependent),
    profile: column.of(() => Profile, "Profile of the user."),
  }),
  ...identityColumns.version,
  ...column.shownOnly({
    createdAt: column.time("Creation time."),
    updatedAt: column.time("When the user was last changed."),
  }),
});

@ShowColumns(apiColumns)
@ObjectType({ description: "A person or a program that acts in a tenant." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(inherit)
export class User extends shapeOf(apiColumns) {
  readonly uuid!: string;
  readonly tenantUuid!: string;
  readonly vendorUuid!: string | null;
  readonly hasBreakGlass!: boolean;
  /** The underlying row, of which the other properties are made. */
  readonly row!: UserRow;
}

export const CreateUserInput = createInputOf("CreateUserInput", apiColumns, "A new user. Reference roles and teams by ID or by key.");
export type CreateUserInput = InstanceType<typeof CreateUserInput>;

export const UpdateUserInput = updateInputOf("UpdateUserInput", apiColumns, "Omitted fields keep their values.");
export type UpdateUserInput = InstanceType<typeof UpdateUserInput>;

const { column: stored, from } = sourcesOf<UserRow>();
const id = from(["id"], (row) => encodeId("user", row.id));

/** Users as rows, and the columns that their fields read. */
export const userNodes = rowNodes<UserRow, User, "row">({
  type: "User",
  rowKey: "row",
  columns: userColumns,
  always: ["id"],
  fields: {
    uuid: stored("id"),
    tenantUuid: stored("tenantId"),
    vendorUuid: stored("vendorId"),
    hasBreakGlass: stored("isBreakGlass"),
    id,
    nodeKey: id,
    email: stored("email"),
    isEmailVerified: from(["emailVerifiedAt"], ({ emailVerifiedAt }) => emailVerifiedAt !== null),
    username: stored("username"),
    name: stored("name"),
    type: from(["type"], ({ type }) => type as UserTypeEnum),
    status: from(["status"], ({ status }) => status as UserStatus),
    profile: from(["title", "phone", "locale", "timeZone", "avatarUrl"], toProfile),
    version: stored("version"),
    createdAt: stored("createdAt"),
    updatedAt: stored("updatedAt"),
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
