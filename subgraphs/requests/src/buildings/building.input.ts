import { JsonScalar } from "@weft/shared";
import { Field, Float, ID, InputType, Int } from "type-graphql";
import { BuildingStatus } from "./building.type.js";

@InputType({ description: "A position on the map (WGS 84)." })
export class PositionInput {
  @Field(() => Float, { description: "Degrees north of the equator (-90 to 90)." })
  latitude!: number;

  @Field(() => Float, { description: "Degrees east of Greenwich (-180 to 180)." })
  longitude!: number;
}

@InputType({ description: "Input of `createBuilding`." })
export class CreateBuildingInput {
  @Field(() => String, { description: "Short code, unique in the tenant (1 to 40 characters)." })
  code!: string;

  @Field(() => String, { description: "Display name (1 to 200 characters)." })
  name!: string;

  @Field(() => String, { defaultValue: "", description: "Street and number, and the lines above them (at most 500 characters)." })
  address!: string;

  @Field(() => String, { defaultValue: "", description: "Postal code (at most 20 characters)." })
  postalCode!: string;

  @Field(() => String, { defaultValue: "", description: "City (at most 100 characters)." })
  city!: string;

  @Field(() => String, { defaultValue: "", description: "State, province, or canton (at most 100 characters)." })
  region!: string;

  @Field(() => String, { nullable: true, description: "Country code (ISO 3166-1 alpha-2), for example `CH`." })
  country?: string | null;

  @Field(() => PositionInput, { nullable: true, description: "Position on the map." })
  position?: PositionInput | null;

  @Field(() => String, {
    nullable: true,
    description: "Time zone (IANA name), for example `Europe/Zurich`. Without one, the organization's time zone applies.",
  })
  timeZone?: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "Values of custom fields, by name." })
  fields?: unknown;

  @Field(() => String, {
    nullable: true,
    description: "ID in another system, unique among buildings (at most 200 characters). Only for users of the organization.",
  })
  externalId?: string | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `updateBuilding`. Omitted fields keep their values." })
export class UpdateBuildingInput {
  @Field(() => ID, { description: "The building." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "New code." })
  code?: string | null;

  @Field(() => String, { nullable: true, description: "New name." })
  name?: string | null;

  @Field(() => String, { nullable: true, description: "New street and number, and the lines above them." })
  address?: string | null;

  @Field(() => String, { nullable: true, description: "New postal code." })
  postalCode?: string | null;

  @Field(() => String, { nullable: true, description: "New city." })
  city?: string | null;

  @Field(() => String, { nullable: true, description: "New state, province, or canton." })
  region?: string | null;

  @Field(() => String, { nullable: true, description: "New country code (ISO 3166-1 alpha-2). Null removes it." })
  country?: string | null;

  @Field(() => PositionInput, { nullable: true, description: "New position on the map. Null removes it." })
  position?: PositionInput | null;

  @Field(() => String, { nullable: true, description: "New time zone (IANA name). Null: the organization's time zone applies." })
  timeZone?: string | null;

  @Field(() => BuildingStatus, { nullable: true, description: "New status." })
  status?: BuildingStatus | null;

  @Field(() => JsonScalar, {
    nullable: true,
    description: "New values of custom fields, by name. Null removes a value. Omitted fields keep their values.",
  })
  fields?: unknown;

  @Field(() => String, {
    nullable: true,
    description:
      "New ID in another system, unique among buildings (at most 200 characters). Null removes it. Only for users of the organization.",
  })
  externalId?: string | null;
}
