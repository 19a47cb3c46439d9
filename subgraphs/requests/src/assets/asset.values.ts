import { BadUserInput, type Problem } from "@weft/shared/errors";
import { decodeIdOrNull, idPrefixes, type IdType, parseAnyId } from "@weft/shared/ids";
import { allChecked, dayProblem, isDay } from "@weft/api/inputs";
import type { AssetChanges, AssetRow } from "./asset.store.js";
import { assetColumns } from "./asset.type.js";

const days = ["installedOn", "purchasedOn", "warrantyUntil", "inspectionDueOn"] as const;

interface Values {
  readonly type?: string | undefined;
  readonly installedOn?: string | null | undefined;
  readonly purchasedOn?: string | null | undefined;
  readonly warrantyUntil?: string | null | undefined;
  readonly inspectionDueOn?: string | null | undefined;
  readonly purchaseCost?: string | null | undefined;
  readonly purchaseCurrency?: string | null | undefined;
}

/** @throws BadUserInput with everything that is wrong with texts, days and amounts */
export function assertValues(values: Values): void {
  const problems: Problem[] = assetColumns.textProblems(values);
  for (const field of days) {
    const day = values[field];
    if (typeof day === "string" && !isDay(day)) problems.push(dayProblem(day, `input.${field}`));
  }
  const { purchaseCost: cost, purchaseCurrency: currency } = values;
  if (typeof cost === "string" && !/^\d{1,15}(\.\d{1,2})?$/.test(cost))
    problems.push({ path: "input.purchaseCost", message: "Use an amount with at most two decimal places, for example 12500.00." });
  if (typeof currency === "string" && !/^[A-Z]{3}$/.test(currency))
    problems.push({ path: "input.purchaseCurrency", message: "Use a three-letter ISO 4217 code, for example EUR." });
  if (problems.length > 0) throw new BadUserInput(problems);
}

/** @throws BadUserInput if an asset would have a price without a currency, or the reverse */
export function assertPrice({ purchaseCost, purchaseCurrency }: Pick<AssetRow, "purchaseCost" | "purchaseCurrency">): void {
  if ((purchaseCost === null) === (purchaseCurrency === null)) return;
  throw new BadUserInput([{ path: "input.purchaseCurrency", message: "Provide both purchaseCost and purchaseCurrency, or neither." }]);
}

interface References {
  readonly ownerId?: string | null | undefined;
  readonly custodianId?: string | null | undefined;
  readonly parentId?: string | null | undefined;
}

type Referring = Pick<AssetChanges, "ownerUserId" | "ownerTeamId" | "ownerVendorId" | "custodianId" | "parentId">;

/** Returns the columns for the given references. @throws BadUserInput for each malformed ID */
export function referencesOf({ ownerId, custodianId, parentId }: References): Referring {
  const [owner, custodian, parent] = allChecked(
    () => (ownerId === undefined ? {} : ownerColumns(ownerId)),
    () => decodeIdOrNull("user", custodianId, "input.custodianId"),
    () => decodeIdOrNull("asset", parentId, "input.parentId"),
  );
  return { ...owner, ...(custodian !== undefined && { custodianId: custodian }), ...(parent !== undefined && { parentId: parent }) };
}

const ownerTypes: readonly IdType[] = ["user", "team", "vendor"];

function ownerColumns(id: string | null): Pick<AssetChanges, "ownerUserId" | "ownerTeamId" | "ownerVendorId"> {
  const none = { ownerUserId: null, ownerTeamId: null, ownerVendorId: null };
  if (id === null) return none;
  const parsed = parseAnyId(id);
  if (parsed?.type === "user") return { ...none, ownerUserId: parsed.uuid };
  if (parsed?.type === "team") return { ...none, ownerTeamId: parsed.uuid };
  if (parsed?.type === "vendor") return { ...none, ownerVendorId: parsed.uuid };
  const prefixes = ownerTypes.map((type) => `${idPrefixes[type]}_`).join(" or ");
  throw new BadUserInput([{ path: "input.ownerId", message: `Expected an ID that starts with ${prefixes}.` }]);
}
