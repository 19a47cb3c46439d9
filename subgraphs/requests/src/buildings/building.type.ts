import { Allow, can, DateTimeScalar, encodeId, inherit, ViewerIndependent } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import type { BuildingRow } from "./building.store.js";

export const BuildingStatus = { ACTIVE: "ACTIVE", INACTIVE: "INACTIVE" } as const;
export type BuildingStatus = keyof typeof BuildingStatus;

registerEnumType(BuildingStatus, {
  name: "BuildingStatus",
  description: "Status of a building.",
  valuesConfig: { ACTIVE: { description: "In use." }, INACTIVE: { description: "Closed. No new requests are possible." } },
});

@ObjectType({ description: "A building for requests and assets." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("building.read"))
export class Building {
  @Field(() => ID, { description: "ID (`bld_…`)." })
  @Allow(inherit)
  @ViewerIndependent("building.read")
  id!: string;

  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  @Directive("@inaccessible")
  @Allow(inherit)
  @ViewerIndependent("building.read")
  nodeKey!: string;

  @Field(() => String, { description: "Short code, unique in the tenant." })
  @ViewerIndependent("building.read")
  code!: string;

  @Field(() => String, { description: "Display name." })
  @ViewerIndependent("building.read")
  name!: string;

  @Field(() => String, { description: "Postal address. Empty if unknown." })
  @ViewerIndependent("building.read")
  address!: string;

  @Field(() => BuildingStatus, { description: "Status of the building." })
  @ViewerIndependent("building.read")
  status!: BuildingStatus;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it to `updateBuilding` as `expectedVersion`." })
  @ViewerIndependent("building.read")
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  @ViewerIndependent("building.read")
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  @ViewerIndependent("building.read")
  updatedAt!: string;

  /** UUID, for loaders. */
  uuid!: string;
}

/** Converts a row to its API type. */
export function toBuilding(row: BuildingRow): Building {
  const id = encodeId("building", row.id);
  return Object.assign(new Building(), row, { id, nodeKey: id, uuid: row.id, status: row.status as BuildingStatus });
}
