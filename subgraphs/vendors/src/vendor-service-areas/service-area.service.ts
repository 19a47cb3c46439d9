import { BadUserInput, type Problem } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import type { Context } from "@weft/api/context";
import { changePartsOfVendor } from "../vendors/vendor.service.js";
import type { Vendor } from "../vendors/vendor.type.js";
import { regionKey, regionName } from "./region.js";
import type { SetVendorServiceAreasInput } from "./service-area.input.js";
import { findServiceAreas, findVisibleBuildings, replaceServiceAreas, type ServiceArea } from "./service-area.store.js";

const maxAreas = 100;

/**
 * Replaces the regions in which a vendor works, and the buildings that the viewer can see.
 * @throws NotFound, BadUserInput (also for unknown buildings), Conflict (version)
 */
export async function setVendorServiceAreas(ctx: Context, input: SetVendorServiceAreasInput): Promise<Vendor> {
  const problems: Problem[] = [
    ...countProblems("input.regions", input.regions),
    ...countProblems("input.buildingIds", input.buildingIds),
    ...input.regions.flatMap((region, at) => textProblems(`input.regions.${at}`, region, { max: 100 })),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
  const given = input.buildingIds.map((id, at) => decodeId("building", id, `input.buildingIds.${at}`));
  return changePartsOfVendor(ctx, input, "serviceAreas", async (tx, vendorId) => {
    const old = await findServiceAreas(tx, [vendorId]);
    const oldBuildings = old.flatMap(({ buildingId }) => (buildingId === null ? [] : [buildingId]));
    const visible = new Set((await findVisibleBuildings(tx, ctx.viewer, [...given, ...oldBuildings])).map(({ id }) => id));
    assertVisible(input.buildingIds, given, visible);
    // Buildings that the viewer cannot see stay: the viewer decides only about those that they see.
    const buildings = new Set([...given, ...oldBuildings.filter((id) => !visible.has(id))]);
    const keys = input.regions.map(regionKey);
    const regions = input.regions.filter((region, at) => keys.indexOf(regionKey(region)) === at).map(regionName);
    const places = [
      ...regions.map((region) => ({ region, buildingId: null })),
      ...[...buildings].map((buildingId) => ({ region: null, buildingId })),
    ];
    const { tenantId } = ctx.viewer;
    await replaceServiceAreas(
      tx,
      vendorId,
      places.map((place, at) => ({ tenantId, vendorId, position: at + 1, ...place })),
    );
    return { before: old.map(imageOf), after: places };
  });
}

/** @throws BadUserInput */
function assertVisible(ids: readonly string[], uuids: readonly string[], visible: ReadonlySet<string>): void {
  const problems = uuids.flatMap((uuid, at): Problem[] =>
    visible.has(uuid) ? [] : [{ path: `input.buildingIds.${at}`, message: `No building with the ID ${ids[at]} exists.` }],
  );
  if (problems.length > 0) throw new BadUserInput(problems);
}

const countProblems = (path: string, given: readonly string[]): Problem[] =>
  given.length > maxAreas ? [{ path, message: `Use at most ${maxAreas}, not ${given.length}.` }] : [];

const imageOf = ({ region, buildingId }: ServiceArea) => ({ region, buildingId });
