import { column, columns, createInputOf } from "@weft/api/columns";
import * as identityColumns from "../identity-columns.js";

export const CreateServiceAccountInput = createInputOf(
  "CreateServiceAccountInput",
  columns({
    name: column.text("Display name (1 to 200 characters)."),
    username: column.text("User name, unique in the tenant, for example `invoice-import`."),
    roleIds: column.ids(
      "Roles by ID. You can assign roles that you have yourself and, with role.update, all roles whose permissions you have.",
      { nullable: true },
    ),
    roleKeys: column.texts("Roles by key, in addition to those by ID.", { nullable: true }),
    teamIds: column.ids("Teams of the account. You can use your own teams and, with team.update, all teams.", { nullable: true }),
    teamKeys: column.texts("Teams by key, in addition to those by ID.", { nullable: true }),
    ...identityColumns.idempotencyKey("returns the same account"),
  }),
  "A new service account. Reference roles and teams by ID or by key.",
);
export type CreateServiceAccountInput = InstanceType<typeof CreateServiceAccountInput>;
