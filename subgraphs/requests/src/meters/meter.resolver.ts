import { meters as tables } from "@weft/drizzle";
import { type Context, loadById, referencesThrough } from "@weft/api/context";
import { ConnectionArgs, keysetPage, nestedRows, type Page } from "@weft/api/pages";
import { Allow, can, inherit, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { assetLoader } from "../assets/asset.loader.js";
import { Asset } from "../assets/asset.type.js";
import { loadLatestReading, loadMetersOf, loadReading, meterLoader } from "./meter.loader.js";
import * as service from "./meter.service.js";
import { countReadings, listReadingsOfMeters, type ReadingRow } from "./meter.store.js";
import {
  CorrectMeterReadingInput,
  CreateMeterInput,
  Meter,
  MeterReading,
  MeterReadingConnection,
  RecordMeterReadingInput,
  toMeterReading,
  UpdateMeterInput,
} from "./meter.type.js";
import { MeterPayload, MeterReadingPayload } from "./meter-payload.type.js";

const { meterReadings } = tables;

@Resolver(() => Meter)
export class MeterResolver {
  @Query(() => Meter, { nullable: true, description: "A meter. Errors: NOT_FOUND, BAD_USER_INPUT (malformed ID)." })
  @Allow(can("asset.read"))
  @VendorPortal()
  meter(@Arg("id", () => ID, { description: "ID of the meter (`mtr_…`)." }) meterId: string, @Ctx() ctx: Context): Promise<Meter> {
    return loadById(ctx, meterLoader, "meter", meterId);
  }

  @FieldResolver(() => Asset, { nullable: true, description: "Asset of the meter. Null if you cannot see it." })
  @Allow(can("asset.read"))
  asset(@Root() { row }: Meter, @Ctx() ctx: Context): Promise<Asset | null> {
    return assetLoader(ctx).load(row.assetId);
  }

  @FieldResolver(() => MeterReading, {
    nullable: true,
    description: "Newest valid reading, by the time at which it was read. Null if there is none.",
  })
  @Allow(inherit)
  latestReading(@Root() { row }: Meter, @Ctx() ctx: Context): Promise<MeterReading | null> {
    return loadLatestReading(ctx, row.id);
  }

  @FieldResolver(() => MeterReadingConnection, { description: "Readings, the last recorded first, with those that were corrected." })
  @Allow(inherit)
  readings(@Root() { row }: Meter, @Args(() => ConnectionArgs) args: ConnectionArgs, @Ctx() ctx: Context): Promise<Page<MeterReading>> {
    return keysetPage<ReadingRow, MeterReading>(ctx, {
      args,
      list: `meter.readings ${row.id}`,
      orderBy: null,
      id: { column: meterReadings.id, valueOf: (reading) => reading.id },
      fetch: (slice) =>
        nestedRows(ctx, {
          name: "meter.readings",
          args,
          parentId: row.id,
          slice,
          select: (tx, ids) => listReadingsOfMeters(tx, ids, slice),
          parentOf: (reading) => reading.meterId,
        }),
      count: () => ctx.read((tx) => countReadings(tx, row.id)),
      toNode: toMeterReading,
    });
  }

  @Mutation(() => MeterPayload, {
    description: "Creates a meter of an asset. Errors: BAD_USER_INPUT (unknown asset, taken name, thresholds), CONFLICT (idempotency key).",
  })
  @Allow(can("asset.update"))
  createMeter(@Arg("input", () => CreateMeterInput) input: CreateMeterInput, @Ctx() ctx: Context): Promise<MeterPayload> {
    return service.createMeter(ctx, input);
  }

  @Mutation(() => MeterPayload, { description: "Changes a meter. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT." })
  @Allow(can("asset.update"))
  updateMeter(@Arg("input", () => UpdateMeterInput) input: UpdateMeterInput, @Ctx() ctx: Context): Promise<MeterPayload> {
    return service.updateMeter(ctx, input);
  }

  @Mutation(() => MeterReadingPayload, {
    description:
      "Records a reading. Errors: NOT_FOUND, BAD_USER_INPUT (inactive meter, future time, a second reading of the same time, a value that falls), CONFLICT (idempotency key).",
  })
  @Allow(can("meter.record"))
  recordMeterReading(
    @Arg("input", () => RecordMeterReadingInput) input: RecordMeterReadingInput,
    @Ctx() ctx: Context,
  ): Promise<MeterReadingPayload> {
    return service.recordMeterReading(ctx, input);
  }

  @Mutation(() => MeterReadingPayload, {
    description:
      "Corrects a reading: another one replaces it, with a reason. Both stay readable. Errors: NOT_FOUND, CONFLICT (it was corrected already), BAD_USER_INPUT (a value that does not fit between the readings before and after).",
  })
  @Allow(can("meter.record"))
  correctMeterReading(
    @Arg("input", () => CorrectMeterReadingInput) input: CorrectMeterReadingInput,
    @Ctx() ctx: Context,
  ): Promise<MeterReadingPayload> {
    return service.correctMeterReading(ctx, input);
  }
}

@Resolver(() => MeterReading)
export class MeterReadingResolver {
  @FieldResolver(() => MeterReading, { nullable: true, description: "Reading that this one has replaced, if any." })
  @Allow(inherit)
  async replaces(@Root() { row }: MeterReading, @Ctx() ctx: Context): Promise<MeterReading | null> {
    return row.replacesId === null ? null : loadReading(ctx, row.replacesId);
  }
}

/** Fields that meters add to assets. */
@Resolver(() => Asset)
export class AssetMetersResolver {
  @FieldResolver(() => [Meter], { description: "Meters of the asset, by name. At most 50." })
  @Allow(can("asset.read"))
  meters(@Root() asset: Asset, @Ctx() ctx: Context): Promise<Meter[]> {
    return loadMetersOf(ctx, asset.uuid);
  }
}

export const meterModule: SubgraphModule = {
  resolvers: { assets: [MeterResolver, MeterReadingResolver, AssetMetersResolver] },
  references: { Meter: referencesThrough(meterLoader) },
};
