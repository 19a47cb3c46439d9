import { type Problem, quote } from "@weft/shared/errors";
import { textProblems } from "@weft/shared/texts";
import { assertDay } from "@weft/api/inputs";
import { moneyProblems } from "../money/money-problems.js";
import type { VendorRateInput } from "./vendor-rate.type.js";

const maxRates = 100;

/**
 * Returns what is wrong with the rates of a vendor.
 * @throws BadUserInput if a day is malformed
 */
export function rateProblems(path: string, rates: readonly VendorRateInput[]): Problem[] {
  if (rates.length > maxRates) return [{ path, message: `A vendor can have at most ${maxRates} rates, not ${rates.length}.` }];
  return rates.flatMap((rate, at) => {
    const place = `${path}.${at}`;
    const problems = [
      ...textProblems(`${place}.category`, rate.category, { max: 60 }),
      ...moneyProblems(`${place}.amount`, rate.amount),
      ...validityProblems(place, rate),
    ];
    const other = rates.findIndex((each, before) => before < at && isSame(each, rate) && overlaps(each, rate));
    if (other === -1) return problems;
    const what = rate.category ? `category ${quote(rate.category)}` : "other categories";
    const message = `Rate ${other + 1} for ${what} per ${rate.unit} is valid on some of the same days. Change the days, or remove one of the two.`;
    return [...problems, { path: place, message }];
  });
}

function validityProblems(place: string, { validFrom, validUntil }: VendorRateInput): Problem[] {
  if (validFrom) assertDay(validFrom, `${place}.validFrom`);
  if (validUntil) assertDay(validUntil, `${place}.validUntil`);
  if (!validFrom || !validUntil || validFrom <= validUntil) return [];
  return [{ path: `${place}.validUntil`, message: `The rate would end on ${validUntil}, before it starts on ${validFrom}.` }];
}

const keyOf = ({ category, unit }: VendorRateInput): string => `${unit} ${category?.trim().toLowerCase() ?? ""}`;
const isSame = (one: VendorRateInput, other: VendorRateInput): boolean => keyOf(one) === keyOf(other);

/** Days compare as texts. */
const overlaps = (one: VendorRateInput, other: VendorRateInput): boolean =>
  (one.validFrom ?? "") <= (other.validUntil ?? "9999-12-31") && (other.validFrom ?? "") <= (one.validUntil ?? "9999-12-31");
