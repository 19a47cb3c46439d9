import { identity } from "@weft/drizzle";
import { enumField, filterInput, idField, onlyWith, orderByInput, searchField, textField, timeField } from "@weft/shared";
import type { FilterField } from "@weft/shared";
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { hasWord } from "./user-search.store.js";
import type { UserRow } from "./user.store.js";
import { UserStatus, UserTypeEnum } from "./user.type.js";

const { roles, teamMembers, userRoles, users } = identity;

/** A condition on a row that belongs to the user: true when there is one that meets it. */
const any = (field: FilterField, exists: (condition: SQL) => SQL): FilterField => ({
  ...field,
  condition: (operator, operand, path) => exists(field.condition(operator, operand, path)),
});

const ofARole = (condition: SQL): SQL =>
  sql`exists (select 1 from ${userRoles} join ${roles} on ${roles.tenantId} = ${userRoles.tenantId} and ${roles.id} = ${userRoles.roleId}
    where ${userRoles.tenantId} = ${users.tenantId} and ${userRoles.userId} = ${users.id} and ${condition})`;

const ofATeam = (condition: SQL): SQL =>
  sql`exists (select 1 from ${teamMembers} where ${teamMembers.tenantId} = ${users.tenantId} and ${teamMembers.userId} = ${users.id} and ${condition})`;

export const UserFilter = filterInput("UserFilter", {
  type: enumField("UserType", UserTypeEnum, users.type, "What kind of user it is."),
  status: enumField("UserStatus", UserStatus, users.status, "Whether the user can log in."),
  name: textField(users.name, "The name."),
  email: textField(users.email, "The email."),
  search: searchField(hasWord, "By words of the name, the email and the user name, with or without their accents."),
  role: onlyWith("role.read", any(textField(roles.key, "The key of a role that the user has. For whoever has role.read."), ofARole)),
  team: onlyWith("team.read", any(idField("team", teamMembers.teamId, "A team that the user is in. For whoever has team.read."), ofATeam)),
  vendor: onlyWith("vendor.read", idField("vendor", users.vendorId, "The vendor that the user works for. For whoever has vendor.read.")),
  createdAt: timeField(users.createdAt, "When the user was made."),
});

export const UserOrder = orderByInput<UserRow, "NAME" | "CREATED_AT">("UserOrder", {
  NAME: { column: users.name, valueOf: (row) => row.name, description: "By name." },
  CREATED_AT: { column: users.createdAt, valueOf: (row) => row.createdAt, description: "By the time when the user was made." },
});
