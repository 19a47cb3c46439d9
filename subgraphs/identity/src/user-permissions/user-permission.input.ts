import { column, columns, updateInputOf } from "@weft/api/columns";
import { PermissionGrantInput } from "../roles/role.type.js";

export const SetUserPermissionsInput = updateInputOf(
  "SetUserPermissionsInput",
  columns({
    userId: column.id("The user. You cannot change yourself.", { requiredInUpdate: true }),
    grants: column.of(
      () => [PermissionGrantInput],
      "All permissions granted in addition to the roles. You can only add permissions that you have.",
      { requiredInUpdate: true },
    ),
    denials: column.of(
      () => [PermissionGrantInput],
      "All permissions denied, regardless of grants. Scope TENANT denies the permission completely; another scope denies it for that scope. You can only lift denials of permissions that you have.",
      { requiredInUpdate: true },
    ),
    reason: column.text("Reason, stored with new entries (1 to 500 characters).", { requiredInUpdate: true }),
    expectedVersion: column.int("Version of the user that you last read. The call fails with `CONFLICT` if the current version differs."),
  }),
  "Input of `setUserPermissions`.",
);
export type SetUserPermissionsInput = InstanceType<typeof SetUserPermissionsInput>;
