import { actorOf, checkStart, findPublishedMachine, type Machine } from "@weft/engine";
import { requests as tables } from "@weft/drizzle";
import { BadUserInput, LimitExceeded, NotFound, type Problem, quote } from "@weft/shared/errors";
import { decodeId, newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { changedMeanwhile, countRows, type Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import { newMailKey } from "@weft/platform/tokens";
import type { Context } from "@weft/api/context";
import type { VersionedIdInput } from "@weft/api/inputs";
import { getRequestTypeByKey, getRequestTypeWithId, type RequestTypeRow } from "../request-types/request-type.service.js";
import { requestDataOf } from "./email-data.js";
import {
  type AddressChanges,
  deleteInboundMailAddressRow,
  findInboundMailAddresses,
  type InboundMailAddressRow,
  insertInboundMailAddress,
  updateInboundMailAddressRow,
} from "./inbound-mail-address.store.js";
import {
  type CreateInboundMailAddressInput,
  type InboundMailAddress,
  inboundMailAddressColumns,
  toInboundMailAddress,
  type UpdateInboundMailAddressInput,
} from "./inbound-mail-address.type.js";

const MAX_ADDRESSES = 200;
const MAX_DATA_CHARS = 20_000;

/**
 * Creates an address at which an email becomes a request.
 * Errors: BAD_USER_INPUT (unknown type or field, a field that is required and gets no value), LIMIT_EXCEEDED, CONFLICT (idempotency key).
 */
export async function createInboundMailAddress(ctx: Context, input: CreateInboundMailAddressInput): Promise<InboundMailAddress> {
  inboundMailAddressColumns.assertText(input);
  const { tenantId, userId } = ctx.viewer;
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createInboundMailAddress", input }, async () => {
      const used = await countRows(tx, { name: "countInboundMailAddresses", table: tables.inboundMailAddresses, where: undefined });
      if (used >= MAX_ADDRESSES) throw new LimitExceeded({ limit: "inboundMailAddresses", used, allowed: MAX_ADDRESSES });
      const type = await getRequestTypeByKey(tx, ctx.viewer, input.typeKey, "input.typeKey");
      const terms = { subjectField: input.subjectField ?? null, textField: input.textField, data: input.data ?? {} };
      await assertFits(tx, ctx, type, terms);
      const row = await insertInboundMailAddress(tx, {
        tenantId,
        id: newId(),
        key: newMailKey(),
        name: input.name,
        typeId: type.id,
        ...terms,
        createdBy: userId,
      });
      await record(tx, ctx, { verb: "create", row, before: null, after: row });
      return row;
    });
    return toInboundMailAddress(await getAddress(tx, ctx, id, "inboundMailAddress"));
  });
}

/** Changes the given fields. Of concurrent changes to the same version, one succeeds and the others fail with CONFLICT. */
export async function updateInboundMailAddress(ctx: Context, input: UpdateInboundMailAddressInput): Promise<InboundMailAddress> {
  const { id: _id, expectedVersion, typeKey: _typeKey, ...given } = input;
  const id = decodeId("inboundMailAddress", input.id, "input.id");
  inboundMailAddressColumns.assertText(input);
  return ctx.inTenant(async (tx) => {
    const before = await getAddress(tx, ctx, id, input.id);
    if (typeof expectedVersion === "number" && expectedVersion !== before.version)
      throw changedMeanwhile("inboundMailAddress", before.version);
    const type =
      typeof input.typeKey === "string"
        ? await getRequestTypeByKey(tx, ctx.viewer, input.typeKey, "input.typeKey")
        : await getRequestTypeWithId(tx, ctx.viewer, before.typeId);
    const typeId = typeof input.typeKey === "string" ? type.id : undefined;
    const changes: AddressChanges = inboundMailAddressColumns.given({ ...given, typeId });
    const isOther = ["typeId", "subjectField", "textField", "data"].some((field) => field in changes);
    if (isOther) await assertFits(tx, ctx, type, { ...before, ...changes });
    const after = await updateInboundMailAddressRow(tx, before, changes);
    if (after === null) throw changedMeanwhile("inboundMailAddress", before.version);
    await record(tx, ctx, { verb: "update", row: after, before, after, changed: Object.keys(changes) });
    return toInboundMailAddress(after);
  });
}

/** Deletes an address. Its requests stay. @throws NotFound, Conflict */
export async function deleteInboundMailAddress(ctx: Context, input: VersionedIdInput): Promise<string> {
  const id = decodeId("inboundMailAddress", input.id, "input.id");
  await ctx.inTenant(async (tx) => {
    const before = await getAddress(tx, ctx, id, input.id);
    if (!(await deleteInboundMailAddressRow(tx, { id, version: input.expectedVersion ?? before.version })))
      throw changedMeanwhile("inboundMailAddress", before.version);
    await record(tx, ctx, { verb: "delete", row: before, before, after: null });
  });
  return input.id;
}

async function getAddress(tx: Tx, ctx: Context, id: string, given: string): Promise<InboundMailAddressRow> {
  const [row] = await findInboundMailAddresses(tx, ctx.viewer, [id]);
  if (row === undefined) throw new NotFound("InboundMailAddress", given);
  return row;
}

interface Recorded {
  readonly verb: "create" | "update" | "delete";
  readonly row: InboundMailAddressRow;
  readonly before: InboundMailAddressRow | null;
  readonly after: InboundMailAddressRow | null;
  readonly changed?: readonly string[];
}

async function record(tx: Tx, ctx: Context, { verb, row, before, after, changed = [] }: Recorded): Promise<void> {
  const about = {
    subjectId: row.id,
    subjectVersion: after === null ? row.version + 1 : row.version,
    related: { requestType: row.typeId },
  };
  await appendEvents(tx, ctx.meta, [
    verb === "update"
      ? { type: "inboundMailAddress.updated", ...about, payload: { changed: [...changed] } }
      : { type: `inboundMailAddress.${verb}d`, ...about, payload: {} },
  ]);
  // Without the key: everybody who has the address and can forge a sender creates requests.
  const image = (of: InboundMailAddressRow | null) => of && { ...of, key: null };
  await writeAudit(tx, ctx.meta, [
    {
      action: `inboundMailAddress.${verb}`,
      entityType: "inboundMailAddress",
      entityId: row.id,
      before: image(before),
      after: image(after),
    },
  ]);
}

type Terms = Pick<InboundMailAddressRow, "subjectField" | "textField" | "data">;

/** Asserts that an email can become a request of the type now. @throws BadUserInput */
async function assertFits(tx: Tx, ctx: Context, type: RequestTypeRow, terms: Terms): Promise<void> {
  const { subjectField, textField, data } = terms;
  if (JSON.stringify(data).length > MAX_DATA_CHARS)
    throw new BadUserInput([{ path: "input.data", message: `The data has more than ${MAX_DATA_CHARS} characters.` }]);
  const machine = await findPublishedMachine(tx, ctx.viewer.tenantId, type.definitionKey);
  if (machine === null)
    throw new BadUserInput([{ path: "input.typeKey", message: `The definition of the request type ${quote(type.key)} is not published.` }]);
  const problems = [
    ...textProblems(machine, textField, "input.textField"),
    ...(subjectField === null ? [] : textProblems(machine, subjectField, "input.subjectField")),
    ...(subjectField === textField ? [{ path: "input.subjectField", message: "The subject and the text need two fields." }] : []),
    ...[subjectField, textField].flatMap((field) =>
      field !== null && Object.hasOwn(data, field)
        ? [{ path: `input.data.${field}`, message: `The field ${quote(field)} gets its value from the email.` }]
        : [],
    ),
    ...submissionProblems(machine, type),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
  await checkStart(tx, ctx.meta, {
    definitionKey: type.definitionKey,
    data: requestDataOf(machine, terms, { subject: "Subject", text: sampleOf(machine, textField) }),
    fields: type.fields,
    ownerId: ctx.viewer.userId,
    subject: { type: "request", id: newId(), requestType: type.key },
    actor: actorOf(ctx.viewer),
  });
}

/** A field of free text takes every text that is not too long or too short. */
function textProblems(machine: Machine, field: string, path: string): Problem[] {
  const node = machine.data.root.properties.get(field);
  if (node === undefined) return [{ path, message: `The form has no field ${quote(field)}.` }];
  const isFree = node.types?.has("string") && !node.enum && !node.const && !node.pattern && !node.format && (node.minLength ?? 0) <= 1;
  return isFree
    ? []
    : [
        {
          path,
          message: `The field ${quote(field)} does not take free text. Choose one without choices, format, pattern and minimum length.`,
        },
      ];
}

function submissionProblems(machine: Machine, { submitTransition, key }: RequestTypeRow): Problem[] {
  const submission = machine.states.get(machine.initial)?.transitions.get(submitTransition);
  const required = submission?.input?.root.required ?? [];
  if (submission && !submission.requiresComment && required.length === 0) return [];
  const message = `Requests of the type ${quote(key)} cannot be submitted with an email, because their submission requires a comment or further answers.`;
  return [{ path: "input.typeKey", message }];
}

const sampleOf = (machine: Machine, field: string): string => "Text".slice(0, machine.data.root.properties.get(field)?.maxLength ?? 4);
