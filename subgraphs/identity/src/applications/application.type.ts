import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, canInTenant } from "@weft/api/rules";
import { ObjectType } from "type-graphql";
import * as identityColumns from "../identity-columns.js";
import type { ApplicationRow } from "./application.store.js";

export const applicationColumns = columns({
  ...standardColumns.id(
    "ID (`app_…`). Requests of the application send it in the header `Weft-Application`. It is not secret.",
    "The application.",
  ),
  ...standardColumns.expectedVersion,
  key: column.text("Key.", {
    created: "Key, unique in the tenant: words of lower-case letters and digits, joined by hyphens. Cannot be changed.",
    updated: false,
  }),
  name: column.text("Name.", { max: 200, trimmed: true, updated: "New name (1 to 200 characters)." }),
  ...identityColumns.idempotencyKey("returns the same application"),
  ...standardColumns.version("updateApplication"),
  ...standardColumns.times,
});

@ShowColumns(applicationColumns)
@ObjectType({ description: "An application that uses the API, and for which operations can be stored." })
@Allow(canInTenant("application.read"))
export class Application extends shapeOf(applicationColumns) {
  /** UUID, for the manifests. */
  uuid!: string;
}

export const CreateApplicationInput = createInputOf("CreateApplicationInput", applicationColumns);
export type CreateApplicationInput = InstanceType<typeof CreateApplicationInput>;

export const UpdateApplicationInput = updateInputOf("UpdateApplicationInput", applicationColumns);
export type UpdateApplicationInput = InstanceType<typeof UpdateApplicationInput>;

export const ApplicationPayload = payloadOf(Application, "application");
export type ApplicationPayload = InstanceType<typeof ApplicationPayload>;

export const toApplication = (row: ApplicationRow): Application =>
  Object.assign(new Application(), applicationColumns.shown(row), { id: encodeId("application", row.id), uuid: row.id });
