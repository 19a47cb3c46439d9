/** Reads the terms of a policy from an input, and validates them against the published definitions. */
import { findPublishedMachine, readPolicy, type SlaPolicy, type SlaPolicyRow } from "@weft/engine";
import { BadUserInput, type Problem, quote } from "@weft/shared/errors";
import { suggestionFor, textProblems } from "@weft/shared/texts";
import type { Tx } from "@weft/platform/db";
import { slaPolicyTermColumns, type UpdateSlaPolicyInput } from "./sla-policy.type.js";
import { isRequestType } from "./sla-policy.store.js";

const MAX_POSITION = 1_000_000;
const MAX_EXPRESSION_CHARS = 2_000;

export type PolicyTerms = Pick<SlaPolicyRow, keyof typeof slaPolicyTermColumns.map>;

type Given = Omit<UpdateSlaPolicyInput, "id" | "expectedVersion" | "idempotencyKey">;

/** Terms of a new policy before the input is applied. */
export const newTerms = (position: number): PolicyTerms => ({
  name: "",
  position,
  definitionKey: null,
  sla: null,
  requestType: null,
  condition: "",
  target: "",
  warnings: null,
  calendar: null,
});

/** The terms as a version keeps them. */
export const termsOf = (policy: PolicyTerms): PolicyTerms => slaPolicyTermColumns.shown(policy);

/**
 * Applies an input to the terms of a policy.
 * @throws BadUserInput with all problems
 */
export async function readTerms(
  tx: Tx,
  tenantId: string,
  before: PolicyTerms & { readonly id: string },
  given: Given,
): Promise<{ readonly terms: PolicyTerms; readonly policy: SlaPolicy }> {
  const text = (value: string | null | undefined, kept: string | null): string | null =>
    value === undefined ? kept : value === null || value.trim() === "" ? null : value.trim();
  const terms: PolicyTerms = {
    ...termsOf(before),
    ...(typeof given.name === "string" && { name: given.name.trim() }),
    ...(typeof given.position === "number" && { position: given.position }),
    definitionKey: text(given.definitionKey, before.definitionKey),
    sla: text(given.sla, before.sla),
    requestType: text(given.requestType, before.requestType),
    condition: text(given.condition, before.condition) ?? "",
    ...(typeof given.target === "string" && { target: given.target.trim() }),
    ...(given.warnings !== undefined && { warnings: given.warnings }),
    calendar: text(given.calendar, before.calendar),
  };
  const { policy, problems } = readPolicy({ ...terms, id: before.id });
  const all = [
    ...shapeProblems(terms, given),
    ...problems.map(({ path, message }) => ({ path: `input.${path}`, message })),
    ...(await definitionProblems(tx, tenantId, terms)),
    ...(await requestTypeProblems(tx, terms)),
  ];
  if (all.length > 0 || !policy) throw new BadUserInput(all);
  return { terms, policy };
}

function shapeProblems({ position }: PolicyTerms, { name, condition, definitionKey, sla, requestType, message }: Given): Problem[] {
  return [
    ...textProblems("input.name", name, { max: 200 }),
    ...textProblems("input.condition", condition, { max: MAX_EXPRESSION_CHARS, mayBeEmpty: true }),
    ...textProblems("input.definitionKey", definitionKey, { max: 200, mayBeEmpty: true }),
    ...textProblems("input.sla", sla, { max: 200, mayBeEmpty: true }),
    ...textProblems("input.requestType", requestType, { max: 200, mayBeEmpty: true }),
    ...messageProblems(message),
    ...(position < 1 || position > MAX_POSITION
      ? [{ path: "input.position", message: `The position must be a number from 1 to ${MAX_POSITION}.` }]
      : []),
  ];
}

export const messageProblems = (message: string | null | undefined): Problem[] =>
  textProblems("input.message", message, { max: 2_000, mayBeEmpty: true, hasLines: true });

async function definitionProblems(tx: Tx, tenantId: string, { definitionKey, sla }: PolicyTerms): Promise<Problem[]> {
  if (definitionKey === null)
    return sla === null ? [] : [{ path: "input.sla", message: "The name of an SLA requires the key of its definition." }];
  const machine = await findPublishedMachine(tx, tenantId, definitionKey);
  if (!machine) return [{ path: "input.definitionKey", message: `There is no published definition with the key ${quote(definitionKey)}.` }];
  if (sla === null || machine.slas.has(sla)) return [];
  const hint = suggestionFor(sla, [...machine.slas.keys()]);
  return [{ path: "input.sla", message: `The definition ${quote(definitionKey)} has no SLA ${quote(sla)}.${hint}` }];
}

async function requestTypeProblems(tx: Tx, { requestType }: PolicyTerms): Promise<Problem[]> {
  if (requestType === null || (await isRequestType(tx, requestType))) return [];
  return [{ path: "input.requestType", message: `There is no request type with the key ${quote(requestType)}.` }];
}
