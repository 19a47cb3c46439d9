import type { ContractContent, ContractPartyContent } from "@weft/drizzle";
import { BadUserInput, type Problem, quote } from "@weft/shared/errors";
import { decodeId, encodeId } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { assertDay } from "@weft/api/inputs";
import { moneyProblems } from "../money/money-problems.js";
import type { MoneyInput } from "../money/money.type.js";
import { findVendors } from "../vendors/vendor.service.js";
import {
  contractColumns,
  type ContractObligationInput,
  type ContractPartyInput,
  type CreateContractInput,
  type UpdateContractInput,
} from "./contract.type.js";

interface KnownVendor {
  readonly id: string;
  readonly name: string;
}

/** Parts of the content that an input can have. */
const parts = [
  "title",
  "parties",
  "amount",
  "startsOn",
  "endsOn",
  "noticeDays",
  "renewal",
  "renewalMonths",
  "obligations",
  "terms",
] as const;

/** Returns the names of the parts of the content that an update gives. Null clears only the last day and the months. */
export const givenParts = (input: UpdateContractInput): string[] =>
  parts.filter((part) => {
    const value = new Map<string, unknown>(Object.entries(input)).get(part);
    return value !== undefined && (value !== null || part === "endsOn" || part === "renewalMonths");
  });

/** Returns the content of a new contract. @throws BadUserInput */
export async function contentOfNew(ctx: Context, tx: Tx, input: CreateContractInput, vendor: KnownVendor): Promise<ContractContent> {
  const content: ContractContent = {
    title: input.title.trim(),
    parties: input.parties ? await partiesOf(ctx, tx, input.parties) : [partyOf(vendor)],
    amount: moneyOf(input.amount),
    startsOn: input.startsOn,
    endsOn: input.endsOn ?? null,
    noticeDays: input.noticeDays,
    renewal: input.renewal,
    renewalMonths: input.renewalMonths ?? null,
    obligations: obligationsOf(input.obligations ?? []),
    terms: input.terms,
    documents: [],
  };
  assertContent(content);
  return content;
}

/** Returns the content with the changes of an update. @throws BadUserInput */
export async function contentOfChanged(
  ctx: Context,
  tx: Tx,
  input: UpdateContractInput,
  before: ContractContent,
): Promise<ContractContent> {
  const { title, parties, amount, startsOn, endsOn, noticeDays, renewal, renewalMonths, obligations, terms } = input;
  const content: ContractContent = {
    ...before,
    ...(typeof title === "string" && { title: title.trim() }),
    ...(parties && { parties: await partiesOf(ctx, tx, parties) }),
    ...(amount && { amount: moneyOf(amount) }),
    ...(typeof startsOn === "string" && { startsOn }),
    ...(endsOn !== undefined && { endsOn }),
    ...(typeof noticeDays === "number" && { noticeDays }),
    ...(renewal && { renewal }),
    ...(renewalMonths !== undefined && { renewalMonths }),
    ...(obligations && { obligations: obligationsOf(obligations) }),
    ...(typeof terms === "string" && { terms }),
  };
  assertContent(content);
  return content;
}

/** Returns what the contract's row repeats of its content. */
export const columnsOfContent = ({ title, amount, startsOn, endsOn }: ContractContent) => ({ title, ...amount, startsOn, endsOn });

const moneyOf = ({ amount, currency }: MoneyInput): ContractContent["amount"] => ({ amount, currency });

const partyOf = ({ id, name }: KnownVendor): ContractPartyContent => ({ role: "CONTRACTOR", name, vendorId: encodeId("vendor", id) });

/** Vendors are recorded with their current names, so that a later change of the name does not change the contract. */
async function partiesOf(ctx: Context, tx: Tx, parties: readonly ContractPartyInput[]): Promise<ContractPartyContent[]> {
  const ids = parties.map(({ vendorId }, index) => (vendorId ? decodeId("vendor", vendorId, `input.parties.${index}.vendorId`) : null));
  const wanted = ids.filter((id) => id !== null);
  const vendors = wanted.length === 0 ? new Map<string, KnownVendor>() : await findVendors(tx, ctx, wanted);
  const problems: Problem[] = [];
  const found = parties.map(({ role, name, vendorId }, index): ContractPartyContent => {
    const path = `input.parties.${index}`;
    const uuid = ids[index] ?? null;
    if ((uuid === null) === ((name ?? null) === null)) problems.push({ path, message: "Provide either a name or a vendor." });
    if (uuid === null) {
      problems.push(...textProblems(`${path}.name`, name, { max: 200 }));
      return { role, name: (name ?? "").trim(), vendorId: null };
    }
    const vendor = vendors.get(uuid);
    if (!vendor) problems.push({ path: `${path}.vendorId`, message: `No vendor with the ID ${quote(vendorId ?? "")} exists.` });
    return { role, name: vendor?.name ?? "", vendorId: encodeId("vendor", uuid) };
  });
  if (problems.length > 0) throw new BadUserInput(problems);
  return found;
}

const obligationsOf = (given: readonly ContractObligationInput[]): ContractContent["obligations"] =>
  given.map(({ text, party, dueOn, everyMonths }) => ({ text: text.trim(), party, dueOn, everyMonths: everyMonths ?? null }));

/** @throws BadUserInput */
function assertContent(content: ContractContent): void {
  const { startsOn, endsOn, noticeDays, renewal, renewalMonths, obligations, parties } = content;
  assertDay(startsOn, "input.startsOn");
  if (endsOn !== null) assertDay(endsOn, "input.endsOn");
  obligations.forEach(({ dueOn }, index) => assertDay(dueOn, `input.obligations.${index}.dueOn`));
  const problems: Problem[] = [
    ...contractColumns.textProblems({ title: content.title, terms: content.terms }),
    ...moneyProblems("input.amount", content.amount),
    ...obligations.flatMap(({ text, everyMonths }, index) => [
      ...textProblems(`input.obligations.${index}.text`, text, { max: 500 }),
      ...monthProblems(`input.obligations.${index}.everyMonths`, everyMonths),
    ]),
    ...monthProblems("input.renewalMonths", renewalMonths),
  ];
  if (parties.length > 20) problems.push({ path: "input.parties", message: `A contract has at most 20 parties, not ${parties.length}.` });
  if (obligations.length > 100)
    problems.push({ path: "input.obligations", message: `A contract has at most 100 obligations, not ${obligations.length}.` });
  if (endsOn !== null && endsOn < startsOn)
    problems.push({ path: "input.endsOn", message: `The last day ${endsOn} is before the first day ${startsOn}.` });
  if (noticeDays < 0 || noticeDays > 3650) problems.push({ path: "input.noticeDays", message: `Use 0 to 3650 days, not ${noticeDays}.` });
  if ((renewal === "AUTOMATIC") !== (renewalMonths !== null))
    problems.push({ path: "input.renewalMonths", message: "Provide the months of an automatic renewal, and only of an automatic one." });
  if (renewal === "AUTOMATIC" && endsOn === null)
    problems.push({ path: "input.endsOn", message: "A contract that is renewed automatically needs a last day." });
  if (problems.length > 0) throw new BadUserInput(problems);
}

const monthProblems = (path: string, months: number | null): Problem[] =>
  months === null || (months >= 1 && months <= 120) ? [] : [{ path, message: `Use 1 to 120 months, not ${months}.` }];
