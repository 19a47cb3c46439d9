import { findPublishedMachine, type Machine } from "@weft/engine";
import {
  assertText,
  BadUserInput,
  type Context,
  createOnce,
  newId,
  type Problem,
  quote,
  recordChange,
  suggestionFor,
  type TextBounds,
  type Tx,
  type Viewer,
} from "@weft/shared";
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

/** Creates a request type. Its definition must be published, and must have the transitions and data properties that the type references. */
export async function createRequestType(ctx: Context, input: CreateRequestTypeInput): Promise<CreateRequestTypePayload> {
  assertText(input, bounds);
  assertNames(input);
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createRequestType", input }, async () => {
      const machine = await findPublishedMachine(tx, ctx.viewer.tenantId, input.definitionKey);
      if (machine === null) {
        throw new BadUserInput([
          {
            path: "input.definitionKey",
            message: `No published definition with the key ${quote(input.definitionKey)} exists. Publish it first.`,
          },
        ]);
      }
      const problems = mismatches(input, machine);
      if (problems.length > 0) throw new BadUserInput(problems);
      const { idempotencyKey: _, ...values } = input;
      const { closeTransition, reopenTransition } = endings(input, machine);
      const row = await insertRequestType(tx, { ...values, closeTransition, reopenTransition, tenantId: ctx.viewer.tenantId, id: newId() });
      await recordChange(tx, ctx.meta, { event: { type: "requestType.created", payload: { key: row.key } }, before: null, after: row });
      return row;
    });
    const [row] = await findRequestTypes(tx, ctx.viewer, [id]);
    if (row === undefined) throw new Error("The created request type cannot be read.");
    return { requestType: toRequestType(row) };
  });
}

function assertNames({ key, numberPrefix }: CreateRequestTypeInput): void {
  const problems: Problem[] = [];
  if (!/^[a-z][a-z0-9-]*$/.test(key))
    problems.push({
      path: "input.key",
      message: `${quote(key)} is not a valid key. Use lower-case letters, digits, and dashes, starting with a letter.`,
    });
  if (!/^[A-Z][A-Z0-9]*$/.test(numberPrefix))
    problems.push({
      path: "input.numberPrefix",
      message: `${quote(numberPrefix)} is not a valid prefix. Use capital letters and digits, starting with a letter.`,
    });
  if (problems.length > 0) throw new BadUserInput(problems);
}

const transitionsOf = (machine: Machine): ReadonlySet<string> =>
  new Set([...machine.states.values()].flatMap((state) => [...state.transitions.keys()]));

/** Returns the transitions that close and reopen: those of the input, or by default those with the usual names if the definition has them. */
function endings({ closeTransition, reopenTransition }: CreateRequestTypeInput, machine: Machine) {
  const names = transitionsOf(machine);
  const usual = (name: string): string | null => (names.has(name) ? name : null);
  return {
    closeTransition: closeTransition === undefined ? usual("close") : closeTransition,
    reopenTransition: reopenTransition === undefined ? usual("reopen") : reopenTransition,
  };
}

/** Returns a problem for each reference of the type that its definition does not have. */
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

/**
 * Returns the request type that an input references.
 * @throws BadUserInput at `path` if it does not exist or the viewer cannot see it
 */
export async function getRequestTypeByKey(tx: Tx, viewer: Viewer, key: string, path: string): Promise<RequestTypeRow> {
  const type = await findRequestTypeByKey(tx, viewer, key);
  if (type !== null) return type;
  const hint = suggestionFor(key, await findRequestTypeKeys(tx, viewer));
  throw new BadUserInput([{ path, message: `The request type ${quote(key)} does not exist.${hint}` }]);
}
