import { referencesThrough, type RowLoader, rowLoader } from "@weft/api/context";
import type { ReferenceLoader } from "@weft/api/subgraph";
import { findScopeChanges } from "./scope-change.store.js";
import { type ScopeChange, toScopeChange } from "./scope-change.type.js";

export const scopeChangeLoader: RowLoader<ScopeChange> = rowLoader("vendors.scopeChange", findScopeChanges, toScopeChange);

export const scopeChangeReferences: ReferenceLoader = referencesThrough(scopeChangeLoader);
