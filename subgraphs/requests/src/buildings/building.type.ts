import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, can, inherit, ViewerIndependent } from "@weft/api/rules";
import { Directive, Field, Float, InputType, ObjectType, registerEnumType } from "type-graphql";
import type { BuildingRow } from "./building.store.js";

export const BuildingStatus = { ACTIVE: "ACTIVE", INACTIVE: "INACTIVE" } as const;
export type BuildingStatus = keyof typeof BuildingStatus;

registerEnumType(BuildingStatus, {
  name: "BuildingStatus",
  description: "Status of a building.",
  valuesConfig: { ACTIVE: { description: "In use." }, INACTIVE: { description: "Closed. It takes no new requests and assets." } },
});

@ObjectType({ description: "A position on the map (WGS 84)." })
@InputType("PositionInput", { description: "A position on the map (WGS 84)." })
@Allow(inherit)
export class Position {
  @Field(() => Float, { description: "Degrees north of the equator (-90 to 90)." })
  latitude!: number;

  @Field(() => Float, { description: "Degrees east of Greenwich (-180 to 180)." })
  longitude!: number;
}

const timeZone = "Time zone (IANA name), for example `Europe/Zurich`.";

export const buildingColumns = columns({
  ...standardColumns.id("ID (`bld_…`).", "The building."),
  ...standardColumns.nodeKey,
  ...standardColumns.expectedVersion,
  code: column.text("Short code, unique in the tenant.", { max: 40, updated: "New code." }),
  name: column.text("Display name.", { max: 200, updated: "New name." }),
  address: column.text("Street and number, and the lines above them.", {
    max: 500,
    hasLines: true,
    initial: "",
    shown: "Street and number, and the lines above them. Empty if unknown.",
    updated: "New street and number, and the lines above them.",
  }),
  postalCode: column.text("Postal code.", {
    max: 20,
    initial: "",
    shown: "Postal code. Empty if unknown.",
    updated: "New postal code.",
  }),
  city: column.text("City.", { max: 100, initial: "", shown: "City. Empty if unknown.", updated: "New city." }),
  region: column.text("State, province, or canton.", {
    max: 100,
    initial: "",
    shown: "State, province, or canton. Empty if unknown.",
    updated: "New state, province, or canton.",
  }),
  country: column.text("Country code (ISO 3166-1 alpha-2), for example `CH`.", {
    nullable: true,
    converted: true,
    shown: "Country code (ISO 3166-1 alpha-2), for example `CH`. Null if unknown.",
    updated: "New country code (ISO 3166-1 alpha-2). Null removes it.",
  }),
  position: column.of(() => Position, "Position on the map.", {
    nullable: true,
    converted: true,
    shown: "Position on the map. Null if unknown.",
    updated: "New position on the map. Null removes it.",
  }),
  timeZone: column.text(timeZone, {
    nullable: true,
    converted: true,
    shown: `${timeZone} Null if the organization's time zone applies.`,
    created: `${timeZone} Without one, the organization's time zone applies.`,
    updated: "New time zone (IANA name). Null: the organization's time zone applies.",
  }),
  status: column.of(() => BuildingStatus, "Status of the building.", { created: false, updated: "New status." }),
  ...standardColumns.customFields,
  ...standardColumns.externalId("buildings"),
  ...standardColumns.idempotencyKey,
  ...standardColumns.version("updateBuilding"),
  ...standardColumns.times,
});

@ShowColumns(buildingColumns)
@ObjectType({ description: "A building for requests and assets." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("building.read"))
@ViewerIndependent("building.read")
export class Building extends shapeOf(buildingColumns) {
  /** UUID, for loaders. */
  uuid!: string;
  /** The time as of which it was read (ISO 8601), for what it refers to. Null: now. */
  asOf: string | null = null;
}

export const CreateBuildingInput = createInputOf("CreateBuildingInput", buildingColumns);
export type CreateBuildingInput = InstanceType<typeof CreateBuildingInput>;

export const UpdateBuildingInput = updateInputOf("UpdateBuildingInput", buildingColumns);
export type UpdateBuildingInput = InstanceType<typeof UpdateBuildingInput>;

/** Converts a row to its API type. */
export function toBuilding(row: BuildingRow): Building {
  const id = encodeId("building", row.id);
  const { latitude, longitude } = row;
  const position = latitude === null || longitude === null ? null : Object.assign(new Position(), { latitude, longitude });
  return Object.assign(new Building(), row, { id, nodeKey: id, uuid: row.id, status: row.status as BuildingStatus, position });
}

export const BuildingPayload = payloadOf(Building, "building");
export type BuildingPayload = InstanceType<typeof BuildingPayload>;
