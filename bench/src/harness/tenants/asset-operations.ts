import type { AssetPlaces } from "@weft/testkit/cost/filled-records";
import { none } from "./instance-company.js";

const assets = (given: string): string =>
  `{ assets(first: 20, ${given}) { pageInfo { hasNextPage endCursor } edges { node { id tag name status createdAt } } } }`;
const filter = (given: string) => (): string => assets(`filter: { ${given} }`);
const search = (words: string) => filter(`search: { contains: "${words}" }`);
const by =
  (field: string, direction = "ASC") =>
  (): string =>
    assets(`orderBy: { field: ${field}, direction: ${direction} }`);

/** Lists of assets, and a count of them, in a company that `fillAssets` wrote. */
export const assetOperations: Readonly<Record<string, (at: AssetPlaces) => string>> = {
  "assets by tag": by("TAG"),
  "assets by name": by("NAME", "DESC"),
  "assets by type": by("TYPE"),
  "assets by status": by("STATUS", "DESC"),
  "assets, the newest": by("CREATED_AT", "DESC"),
  "assets, last changed": by("UPDATED_AT", "DESC"),
  "an asset by its tag": filter('tag: { eq: "T-00000777" }'),
  "assets of a type that twenty have": filter('type: { eq: "rare" }'),
  [`assets of a type ${none}`]: filter('type: { eq: "unknown" }'),
  "assets in a status that twenty have": filter("status: { eq: OUT_OF_SERVICE }"),
  [`assets in a status ${none}`]: filter("status: { eq: DECOMMISSIONED }"),
  "assets in the status that most have": filter("status: { eq: OPERATIONAL }"),
  "assets of a building with twenty": ({ building }) => assets(`filter: { building: { eq: "${building}" } }`),
  "an asset by its serial number": filter('serialNumber: { eq: "SN-777" }'),
  "assets of a manufacturer of twenty": filter('manufacturer: { eq: "Rare" }'),
  "assets of a model of twenty": filter('model: { eq: "R1" }'),
  "assets of an owner of twenty": ({ person }) => assets(`filter: { owner: { eq: "${person}" } }`),
  "assets of a custodian of twenty": ({ person }) => assets(`filter: { custodian: { eq: "${person}" } }`),
  "parts of an asset": ({ parent }) => assets(`filter: { parent: { eq: "${parent}" } }`),
  "assets whose warranty ends early": filter('warrantyUntil: { lt: "1991-01-01" }'),
  "assets that were installed early": filter('installedOn: { lt: "1991-01-01" }'),
  "assets that were bought early": filter('purchasedOn: { lt: "1991-01-01" }'),
  "assets with a word that all have": search("asset"),
  "assets with a word that a tenth has": search("hydraulic"),
  "assets with a word that twenty have": search("antique"),
  [`assets with a word ${none}`]: search("unheard"),
  "the number of assets in a status of twenty": () =>
    "{ assets(first: 0, filter: { status: { eq: OUT_OF_SERVICE } }) { totalCount edges { cursor } } }",
};
