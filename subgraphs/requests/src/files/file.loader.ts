import { findFiles } from "@weft/platform/files";
import { rowLoader } from "@weft/api/context";
import { toFile } from "./file.type.js";

/** Loads files by UUID, batched per request. Null for files that the viewer cannot see. */
export const fileLoader = rowLoader("file", findFiles, toFile);
