import { createHash } from "node:crypto";
import { typeOfId } from "./fixture.js";
import { type Sample, walkSchema } from "./schema-walk.js";

/** WEFT_SCHEMA_WALK=all tries every ID of the type that a place takes, and more of the others. It takes three times as long. */
const isFull = process.env["WEFT_SCHEMA_WALK"] === "all";
const idsPerType = 2;
/** IDs of other types are refused for their type. Which types are tried depends on the place, so the walk tries all of them, the same in every run. */
const otherTypes = isFull ? 12 : 3;

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

const sample: Sample = (place, ids, wanted) => {
  const byType = [...Map.groupBy(ids, typeOfId)].toSorted(([a], [b]) => (digest(place + a) < digest(place + b) ? -1 : 1));
  const fitting = byType.filter(([type]) => wanted === undefined || type === wanted);
  const others = byType.filter((each) => !fitting.includes(each)).slice(0, otherTypes);
  const few = ([, ofType]: [unknown, string[]]): string[] => ofType.slice(0, idsPerType);
  return [...fitting.flatMap((each) => (isFull ? each[1] : few(each))), ...others.flatMap(few)];
};

walkSchema(sample);
