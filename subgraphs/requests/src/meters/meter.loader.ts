import type { Context, RowLoader } from "@weft/api/context";
import { assetLoader } from "../assets/asset.loader.js";
import { findLatestReadings, findMeters, findMetersOfAssets, findReadings } from "./meter.store.js";
import { type Meter, type MeterReading, toMeter, toMeterReading } from "./meter.type.js";

/** Loads meters by UUID, batched per request. Null for meters of assets that the viewer cannot see. */
export const meterLoader: RowLoader<Meter> = (ctx) =>
  ctx.loader<string, Meter>("meter", async (tx, ids) => {
    const rows = await findMeters(tx, ids);
    const assets = await Promise.all(rows.map(({ assetId }) => assetLoader(ctx).load(assetId)));
    return new Map(rows.flatMap((row, n) => (assets[n] ? [[row.id, toMeter(row)]] : [])));
  });

/** Loads the meters of an asset that the viewer can see, by name. One statement for all assets of the response. */
export async function loadMetersOf(ctx: Context, assetId: string): Promise<Meter[]> {
  const loader = ctx.loader<string, Meter[]>("metersOfAsset", async (tx, ids) => {
    const byAsset = Map.groupBy(await findMetersOfAssets(tx, ids), (row) => row.assetId);
    return new Map([...byAsset].map(([id, rows]) => [id, rows.map(toMeter)]));
  });
  return (await loader.load(assetId)) ?? [];
}

/** Loads the newest valid reading of a meter. Null if it has none. */
export async function loadLatestReading(ctx: Context, meterId: string): Promise<MeterReading | null> {
  const loader = ctx.loader<string, MeterReading>(
    "latestReading",
    async (tx, ids) => new Map((await findLatestReadings(tx, ids)).map((row) => [row.meterId, toMeterReading(row)])),
  );
  return (await loader.load(meterId)) ?? null;
}

/** Loads a reading of a meter that the viewer can see. */
export async function loadReading(ctx: Context, id: string): Promise<MeterReading | null> {
  const loader = ctx.loader<string, MeterReading>(
    "meterReading",
    async (tx, ids) => new Map((await findReadings(tx, ids)).map((row) => [row.id, toMeterReading(row)])),
  );
  return (await loader.load(id)) ?? null;
}
