import { Allow, can, DateTimeScalar, encodeId, inherit } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import type { BuildingRow } from "./building.store.js";

export const BuildingStatus = { ACTIVE: "ACTIVE", INACTIVE: "INACTIVE" } as const;
export type BuildingStatus = keyof typeof BuildingStatus;

registerEnumType(BuildingStatus, {
  name: "BuildingStatus",
  description: "Whether a building is in use.",
  valuesConfig: { ACTIVE: { description: "In use." }, INACTIVE: { description: "Closed: no new requests." } },
});

@ObjectType({ description: "A building that requests and assets are about." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("building.read"))
export class Building {
  @Field(() => ID, { description: "TypeID, `bld_…`." })
  @Allow(inherit)
  id!: string;

  @Field(() => ID, { description: "The id, as the key that other subgraphs hang on." })
  @Directive("@inaccessible")
  @Allow(inherit)
  nodeKey!: string;

  @Field(() => String, { description: "Short code, unique in the tenant." })
  code!: string;

  @Field(() => String, { description: "What people call it." })
  name!: string;

  @Field(() => String, { description: "Postal address; empty when not known." })
  address!: string;

  @Field(() => BuildingStatus, { description: "Whether it is in use." })
  status!: BuildingStatus;

  @Field(() => Int, { description: "Grows with each change; `updateBuilding` takes it as `expectedVersion`." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "When it was created." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "When it was last changed." })
  updatedAt!: string;

  /** UUID, for loaders. */
  uuid!: string;
}

/** The API's view of a row. */
export function toBuilding(row: BuildingRow): Building {
  const id = encodeId("building", row.id);
  return Object.assign(new Building(), row, { id, nodeKey: id, uuid: row.id, status: row.status as BuildingStatus });
}
