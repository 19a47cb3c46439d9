import { identity } from "@weft/drizzle";
import {
  enumField,
  type FilterField,
  filterInput,
  flagField,
  idField,
  onlyWith,
  searchField,
  textField,
  timeField,
} from "@weft/api/filters";
import { orderByInput } from "@weft/api/pages";
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { hasWord } from "./user-search.store.js";
import type { UserRow } from "./user.store.js";
import { UserStatus, UserTypeEnum } from "./user.type.js";

const { roles, teamMembers, userRoles, users } = identity;

/** Condition on a row that belongs to the user: true if at least one such row matches. */
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
  type: enumField("UserType", UserTypeEnum, users.type, "Kind of user."),
  status: enumField("UserStatus", UserStatus, users.status, "Status of the user."),
  name: textField(users.name, "Name."),
  email: textField(users.email, "Email address."),
  search: searchField(hasWord, "Words in the name, email address, or user name, ignoring accents."),
  role: onlyWith("role.read", any(textField(roles.key, "Key of a role of the user. Requires role.read."), ofARole)),
  team: onlyWith("team.read", any(idField("team", teamMembers.teamId, "Team of the user. Requires team.read."), ofATeam)),
  vendor: onlyWith("vendor.read", idField("vendor", users.vendorId, "Vendor that the user works for. Requires vendor.read.")),
  isBreakGlass: onlyWith(
    "identityProvider.read",
    flagField(sql`${users.isBreakGlass}`, "Whether the user is a break-glass user. Requires identityProvider.read."),
  ),
  createdAt: timeField(users.createdAt, "Creation time."),
});

export const UserOrder = orderByInput<UserRow, "NAME" | "CREATED_AT">("UserOrder", {
  NAME: { column: users.name, valueOf: (row) => row.name, description: "By name." },
  CREATED_AT: { column: users.createdAt, valueOf: (row) => row.createdAt, description: "By creation time." },
});
