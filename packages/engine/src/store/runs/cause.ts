import type { WriteMeta } from "@weft/platform/events";
import type { LockedRun } from "./runs.store.js";

/** Returns the metadata of what a run causes. */
export const causedBy = (meta: WriteMeta, { causeId }: Pick<LockedRun, "causeId">): WriteMeta =>
  causeId === null ? meta : { ...meta, causeId };
