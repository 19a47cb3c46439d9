import { createHash } from "node:crypto";
import { typeOfId } from "./fixture.js";
import { type Sample, walkSchema } from "./schema-walk.js";

/** IDs of other types are refused for their type, before they are looked up: a few of each are enough. */
const idsOfOtherTypes = 2;
const otherTypes = 12;

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

/** All IDs of the type that a place takes, and some of others. */
const fittingIds: Sample = (place, ids, wanted) => {
  const byType = [...Map.groupBy(ids, typeOfId)].toSorted(([a], [b]) => (digest(a + place) < digest(b + place) ? -1 : 1));
  const fitting = byType.filter(([type]) => wanted === undefined || type === wanted);
  const others = byType.filter((each) => !fitting.includes(each)).slice(0, otherTypes);
  return [...fitting.flatMap(([, ofType]) => ofType), ...others.flatMap(([, ofType]) => ofType.slice(0, idsOfOtherTypes))];
};

walkSchema(fittingIds);
