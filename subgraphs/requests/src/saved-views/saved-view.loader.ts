import { type RowLoader, rowLoader } from "@weft/api/context";
import { findViews } from "./saved-view.store.js";
import { type SavedView, toSavedView } from "./saved-view.type.js";

/** Loads saved views by UUID, batched per request. Null for views that the viewer cannot see. */
export const savedViewLoader: RowLoader<SavedView> = rowLoader("savedView", findViews, toSavedView);
