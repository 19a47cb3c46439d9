import { Allow, can, DateTimeScalar, encodeId, inherit, JsonScalar, ViewerIndependent } from "@weft/shared";
import { Directive, Field, Float, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import type { BuildingRow } from "./building.store.js";

export const BuildingStatus = { ACTIVE: "ACTIVE", INACTIVE: "INACTIVE" } as const;
export type BuildingStatus = keyof typeof BuildingStatus;

registerEnumType(BuildingStatus, {
  name: "BuildingStatus",
  description: "Status of a building.",
  valuesConfig: { ACTIVE: { description: "In use." }, INACTIVE: { description: "Closed. It takes no new requests and assets." } },
});

@ObjectType({ description: "A position on the map (WGS 84)." })
@Allow(inherit)
export class Position {
  @Field(() => Float, { description: "Degrees north of the equator (-90 to 90)." })
  latitude!: number;

  @Field(() => Float, { description: "Degrees east of Greenwich (-180 to 180)." })
  longitude!: number;
}

@ObjectType({ description: "A building for requests and assets." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("building.read"))
@ViewerIndependent("building.read")
export class Building {
  @Field(() => ID, { description: "ID (`bld_…`)." })
  @Allow(inherit)
  id!: string;

  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  @Directive("@inaccessible")
  @Allow(inherit)
  nodeKey!: string;

  @Field(() => String, { description: "Short code, unique in the tenant." })
  code!: string;

  @Field(() => String, { description: "Display name." })
  name!: string;

  @Field(() => String, { description: "Street and number, and the lines above them. Empty if unknown." })
  address!: string;

  @Field(() => String, { description: "Postal code. Empty if unknown." })
  postalCode!: string;

  @Field(() => String, { description: "City. Empty if unknown." })
  city!: string;

  @Field(() => String, { description: "State, province, or canton. Empty if unknown." })
  region!: string;

  @Field(() => String, { nullable: true, description: "Country code (ISO 3166-1 alpha-2), for example `CH`. Null if unknown." })
  country!: string | null;

  @Field(() => Position, { nullable: true, description: "Position on the map. Null if unknown." })
  position!: Position | null;

  @Field(() => String, {
    nullable: true,
    description: "Time zone (IANA name), for example `Europe/Zurich`. Null if the organization's time zone applies.",
  })
  timeZone!: string | null;

  @Field(() => BuildingStatus, { description: "Status of the building." })
  status!: BuildingStatus;

  @Field(() => JsonScalar, {
    description: "Values of custom fields, by name. Users of a vendor see only fields that are shown to vendors.",
  })
  fields!: Record<string, unknown>;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it to `updateBuilding` as `expectedVersion`." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;

  /** UUID, for loaders. */
  uuid!: string;
  /** The time as of which it was read (ISO 8601), for what it refers to. Null: now. */
  asOf: string | null = null;
}

/** Converts a row to its API type. */
export function toBuilding(row: BuildingRow): Building {
  const id = encodeId("building", row.id);
  const { latitude, longitude } = row;
  const position = latitude === null || longitude === null ? null : Object.assign(new Position(), { latitude, longitude });
  return Object.assign(new Building(), row, { id, nodeKey: id, uuid: row.id, status: row.status as BuildingStatus, position });
}
