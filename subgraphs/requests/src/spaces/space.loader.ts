import { requests as tables } from "@weft/drizzle";
import { type RowLoader, rowLoader } from "@weft/api/context";
import { type LoaderAsOf, loaderAsOf } from "../as-of/loader-as-of.js";
import { findSpaces } from "./space.store.js";
import { type Space, toSpace } from "./space.type.js";

/** Loads spaces by UUID, batched per request. Null for spaces that the viewer cannot see. */
export const spaceLoader: RowLoader<Space> = rowLoader("space", findSpaces, toSpace);

/** The same as of a time. */
export const spaceLoaderAsOf: LoaderAsOf<Space> = loaderAsOf({
  name: "space",
  table: tables.spaces,
  find: findSpaces,
  toNode: toSpace,
  now: spaceLoader,
});
