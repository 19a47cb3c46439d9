import { findPublishedMachine, type Machine } from "@weft/engine";
import {
  appendEvents,
  BadUserInput,
  type Context,
  newId,
  once,
  type Problem,
  quote,
  suggestionFor,
  type TextBounds,
  type Tx,
  type Viewer,
  writeAudit,
} from "@weft/shared";
import { assertText } from "../text.js";
import type { CreateRequestTypeInput, CreateRequestTypePayload } from "./request-type.input.js";
import {
  findRequestTypeByKey,
  findRequestTypeKeys,
  findRequestTypes,
  insertRequestType,
  type RequestTypeRow,
} from "./request-type.store.js";
import { toRequestType } from "./request-type.type.js";

const bounds: Readonly<Record<string, TextBounds>> = {
  key: { max: 80 },
  name: { max: 200 },
  description: { max: 2000, mayBeEmpty: true, hasLines: true },
  definitionKey: { max: 120 },
  numberPrefix: { max: 10 },
  submitTransition: { max: 120 },
  cancelTransition: { max: 120 },
  closeTransition: { max: 120 },
  reopenTransition: { max: 120 },
  route: { max: 64 },
};

/** Creates a request type. Its definition must be published, and have the transitions and data properties that the type names. */
export async function createRequestType(ctx: Context, input: CreateRequestTypeInput): Promise<CreateRequestTypePayload> {
  assertText(input, bounds);
  assertNames(input);
  return ctx.inTenant(async (tx) => {
    const { result } = await once(tx, ctx.meta, { mutation: "createRequestType", key: input.idempotencyKey, input }, async () => {
      const machine = await findPublishedMachine(tx, ctx.viewer.tenantId, input.definitionKey);
      if (machine === null) {
        throw new BadUserInput([
          { path: "input.definitionKey", message: `There is no published definition ${quote(input.definitionKey)}; publish it first.` },
        ]);
      }
      const problems = mismatches(input, machine);
      if (problems.length > 0) throw new BadUserInput(problems);
      const { idempotencyKey: _, ...values } = input;
      const { closeTransition, reopenTransition } = endings(input, machine);
      const row = await insertRequestType(tx, { ...values, closeTransition, reopenTransition, tenantId: ctx.viewer.tenantId, id: newId() });
      await appendEvents(tx, ctx.meta, [
        { type: "requestType.created", subjectId: row.id, subjectVersion: row.version, payload: { key: row.key } },
      ]);
      await writeAudit(tx, ctx.meta, [
        { action: "requestType.create", entityType: "requestType", entityId: row.id, before: null, after: row },
      ]);
      return { id: row.id };
    });
    const [row] = await findRequestTypes(tx, ctx.viewer, [result["id"] ?? ""]);
    if (row === undefined) throw new Error("The request type that was just created is not there.");
    return { requestType: toRequestType(row) };
  });
}

function assertNames({ key, numberPrefix }: CreateRequestTypeInput): void {
  const problems: Problem[] = [];
  if (!/^[a-z][a-z0-9-]*$/.test(key))
    problems.push({ path: "input.key", message: `${quote(key)} is no key: lower-case letters, digits and dashes, a letter first.` });
  if (!/^[A-Z][A-Z0-9]*$/.test(numberPrefix))
    problems.push({
      path: "input.numberPrefix",
      message: `${quote(numberPrefix)} is no prefix: capital letters and digits, a letter first.`,
    });
  if (problems.length > 0) throw new BadUserInput(problems);
}

const transitionsOf = (machine: Machine): ReadonlySet<string> =>
  new Set([...machine.states.values()].flatMap((state) => [...state.transitions.keys()]));

/** The transitions that close and reopen: as the input says, otherwise those of the usual names, as far as the definition has them. */
function endings({ closeTransition, reopenTransition }: CreateRequestTypeInput, machine: Machine) {
  const names = transitionsOf(machine);
  const usual = (name: string): string | null => (names.has(name) ? name : null);
  return {
    closeTransition: closeTransition === undefined ? usual("close") : closeTransition,
    reopenTransition: reopenTransition === undefined ? usual("reopen") : reopenTransition,
  };
}

/** What the type names and its definition does not have. */
function mismatches(input: CreateRequestTypeInput, machine: Machine): Problem[] {
  const transitions = transitionsOf(machine);
  const unknownTransitions = (["submitTransition", "cancelTransition", "closeTransition", "reopenTransition"] as const).flatMap((field) => {
    const name = input[field];
    if (name === null || name === undefined || transitions.has(name)) return [];
    return [{ path: `input.${field}`, message: `The definition ${quote(input.definitionKey)} has no transition ${quote(name)}.` }];
  });
  const unknownFields = input.fields.flatMap((field, index) =>
    machine.data.root.properties.has(field)
      ? []
      : [{ path: `input.fields.${index}`, message: `The definition's data has no property ${quote(field)}.` }],
  );
  return [...unknownTransitions, ...unknownFields];
}

/** The request type that an input names. @throws BadUserInput at `path` when the tenant has none */
export async function getRequestTypeByKey(tx: Tx, viewer: Viewer, key: string, path: string): Promise<RequestTypeRow> {
  const type = await findRequestTypeByKey(tx, viewer, key);
  if (type !== null) return type;
  const hint = suggestionFor(key, await findRequestTypeKeys(tx, viewer));
  throw new BadUserInput([{ path, message: `There is no request type ${quote(key)}.${hint}` }]);
}
