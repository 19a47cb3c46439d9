import type { FieldType } from "../model/form.js";

export type ReferenceType = Extract<FieldType, "user" | "asset" | "building">;

export interface Reference {
  readonly id: string;
  readonly name: string;
  /** Distinguishes objects of the same name. */
  readonly detail: string | null;
}

/** Finds the objects that a field can reference. `$filter` contains the search. */
export const referenceQueries: Readonly<Record<ReferenceType, string>> = {
  user: "query WeftUsers($filter: UserFilter) { found: users(first: 20, filter: $filter) { edges { node { id name detail: email } } } }",
  asset: "query WeftAssets($filter: AssetFilter) { found: assets(first: 20, filter: $filter) { edges { node { id name detail: tag } } } }",
  building:
    "query WeftBuildings($filter: BuildingFilter) { found: buildings(first: 20, filter: $filter) { edges { node { id name detail: code } } } }",
};

export interface FoundReferences {
  readonly found: { readonly edges: readonly { readonly node: Reference }[] } | null;
}

export function referenceFilter(type: ReferenceType, text: string): Readonly<Record<string, unknown>> {
  const search = text.trim() === "" ? {} : { search: { contains: text.trim() } };
  // Only these are accepted as an answer.
  return type === "user" ? { ...search, status: { eq: "ACTIVE" }, type: { eq: "EMPLOYEE" } } : search;
}

/** The name of a referenced object. */
export const nameQuery =
  "query WeftName($id: ID!) { node(id: $id) { id ... on User { name } ... on Asset { name } ... on Building { name } } }";

export interface FoundName {
  readonly node: { readonly id: string; readonly name?: string } | null;
}
