import { encodeId } from "@weft/shared/ids";
import { connectionOf, type Order } from "@weft/api/pages";
import { Allow, canInTenant } from "@weft/api/rules";
import { DateTimeScalar, JsonScalar } from "@weft/api/scalars";
import { requests as tables } from "@weft/drizzle";
import { Field, ID, Int, ObjectType } from "type-graphql";
import { User } from "../references.js";
import type { RequestRow } from "./request.store.js";

const { requests } = tables;

@ObjectType({ description: "A deleted request." })
@Allow(canInTenant("request.delete"))
export class DeletedRequest {
  @Field(() => ID, { description: "ID (`req_…`). Pass it to `restoreRequest`." })
  id!: string;

  @Field(() => String, { description: "Number. It is not used again." })
  number!: string;

  @Field(() => JsonScalar, { description: "Field values, as described by the definition's data schema." })
  data!: Record<string, unknown>;

  @Field(() => Int, { description: "Version number. Pass it to `restoreRequest` as `expectedVersion`." })
  version!: number;

  @Field(() => User, { nullable: true, description: "Creator. Null if you cannot see the user." })
  createdBy!: User | null;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the deletion." })
  deletedAt!: string;

  @Field(() => User, { nullable: true, description: "User who deleted it. Null if you cannot see the user." })
  deletedBy!: User | null;
}

export const { Connection: DeletedRequestConnection } = connectionOf(DeletedRequest, "DeletedRequest");

export const deletionOrder: Order<RequestRow> = {
  name: "DELETED_AT",
  direction: "DESC",
  column: requests.deletedAt,
  valueOf: (row) => row.deletedAt ?? "",
};

export const toDeletedRequest = (row: RequestRow): DeletedRequest => ({
  id: encodeId("request", row.id),
  number: row.number,
  data: row.data,
  version: row.instanceVersion,
  createdBy: User.of(row.createdBy),
  createdAt: row.createdAt,
  deletedAt: row.deletedAt ?? "",
  deletedBy: row.deletedBy === null ? null : User.of(row.deletedBy),
});
