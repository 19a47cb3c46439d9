import type { diffDocuments } from "@weft/engine";
import { ScopeDifference } from "./scope-version.type.js";

type Difference = ReturnType<typeof diffDocuments>[number];

export const toDifference = ({ path, before, after }: Pick<Difference, "path" | "before" | "after">): ScopeDifference =>
  Object.assign(new ScopeDifference(), { path: path.join("."), before: before ?? null, after: after ?? null });
