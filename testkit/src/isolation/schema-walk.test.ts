import { createHash } from "node:crypto";
import { sized } from "../sizes.js";
import { typeOfId } from "./fixture.js";
import { type Sample, walkSchema } from "./schema-walk.js";

/** A whole run tries every ID of the type that a place takes, and more of the others. It takes several times as long. */
const idsPerType = sized({ sample: 1, part: 2, whole: Infinity });
/** IDs of other types are refused for their type. Which types are tried depends on the place, so the walk tries all of them, the same in every run. */
const [otherTypes, idsPerOtherType] = sized({ sample: [1, 1], part: [2, 1], whole: [12, 2] });

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

const sample: Sample = (place, ids, wanted) => {
  const byType = [...Map.groupBy(ids, typeOfId)].toSorted(([a], [b]) => (digest(place + a) < digest(place + b) ? -1 : 1));
  const fitting = byType.filter(([type]) => wanted === undefined || type === wanted);
  const others = byType.filter((each) => !fitting.includes(each)).slice(0, otherTypes);
  return [
    ...fitting.flatMap(([, ofType]) => ofType.slice(0, idsPerType)),
    ...others.flatMap(([, ofType]) => ofType.slice(0, idsPerOtherType)),
  ];
};

walkSchema(sample);
