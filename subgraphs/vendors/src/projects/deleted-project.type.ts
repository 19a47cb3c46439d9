import { vendors as tables } from "@weft/drizzle";
import { encodeId } from "@weft/shared/ids";
import { connectionOf, type Order } from "@weft/api/pages";
import { Allow, canInTenant } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, ID, Int, ObjectType } from "type-graphql";
import { User } from "../references.js";
import type { ProjectRow } from "./project.store.js";

const { projects } = tables;

@ObjectType({ description: "A deleted project." })
@Allow(canInTenant("project.delete"))
export class DeletedProject {
  @Field(() => ID, { description: "ID (`prj_…`). Pass it to `restoreProject`." })
  id!: string;

  @Field(() => String, { description: "Code. Another project can have it now." })
  code!: string;

  @Field(() => String, { description: "Display name." })
  name!: string;

  @Field(() => Int, { description: "Version number. Pass it to `restoreProject` as `expectedVersion`." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the deletion." })
  deletedAt!: string;

  @Field(() => User, { nullable: true, description: "User who deleted it. Null if you cannot see the user." })
  deletedBy!: User | null;
}

export const { Connection: DeletedProjectConnection } = connectionOf(DeletedProject, "DeletedProject");

export const deletionOrder: Order<ProjectRow> = {
  name: "DELETED_AT",
  direction: "DESC",
  column: projects.deletedAt,
  valueOf: (row) => row.deletedAt ?? "",
};

export const toDeletedProject = (row: ProjectRow): DeletedProject => ({
  id: encodeId("project", row.id),
  code: row.code,
  name: row.name,
  version: row.version,
  createdAt: row.createdAt,
  deletedAt: row.deletedAt ?? "",
  deletedBy: row.deletedBy === null ? null : User.of(row.deletedBy),
});
