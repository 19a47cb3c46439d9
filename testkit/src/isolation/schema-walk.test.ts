import { createHash } from "node:crypto";
import { typeOfId } from "./fixture.js";
import { type Sample, walkSchema } from "./schema-walk.js";

// schema-walk.hard.test.ts tries more of them.

const idsPerType = 2;
/** IDs of other types are refused for their type. Which types are tried depends on the place, so the walk tries all of them, the same in every run. */
const otherTypes = 3;

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

const someIds: Sample = (place, ids, wanted) => {
  const byType = [...Map.groupBy(ids, typeOfId)].toSorted(([a], [b]) => (digest(place + a) < digest(place + b) ? -1 : 1));
  const fitting = byType.filter(([type]) => wanted === undefined || type === wanted);
  const others = byType.filter((each) => !fitting.includes(each)).slice(0, otherTypes);
  return [...fitting, ...others].flatMap(([, ofType]) => ofType.slice(0, idsPerType));
};

walkSchema(someIds);
