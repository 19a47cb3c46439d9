import { type Area, areas, areaTagPrefix } from "@weft/api/subgraph";
import { keptForLast } from "./kept-for-last.js";
import { tagsOfRootFields } from "./tagged-fields.js";

/** Returns the areas of the API's root fields, by `Type.field`. The subgraphs declare them in the supergraph. */
export const rootFieldAreas = keptForLast((supergraphSdl: string): ReadonlyMap<string, Area> => {
  const found = new Map<string, Area>();
  for (const [field, tags] of tagsOfRootFields(supergraphSdl)) {
    const area = tags.flatMap((tag) => (tag.startsWith(areaTagPrefix) ? [tag.slice(areaTagPrefix.length)] : [])).find(isArea);
    if (area !== undefined) found.set(field, area);
  }
  return found;
});

const isArea = (name: string): name is Area => Object.hasOwn(areas, name);
