import { findPublishedMachine, type Machine } from "@weft/engine";
import { BadUserInput, NotFound, type Problem, quote } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { suggestionFor } from "@weft/shared/texts";
import type { Viewer } from "@weft/shared/viewer";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { workersAmong } from "@weft/platform/directory";
import { recordChange } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { Priority } from "@weft/api/inputs";
import { assertNotPlanned } from "../maintenance/plan-use.js";
import { canUse } from "./request-type.access.js";
import type { RequestTypeStatusInput } from "./request-type.input.js";
import {
  findDefaultPriority,
  findRequestTypeByKey,
  findRequestTypeKeys,
  findRequestTypes,
  findRoleKeys,
  findTeamIds,
  findUsableRequestTypes,
  insertRequestType,
  insertRequestTypeVersion,
  type RequestTypeChanges,
  type RequestTypeRow,
  selectRequestTypeVersions,
  updateRequestTypeRow,
} from "./request-type.store.js";
import {
  type CreateRequestTypeInput,
  type RequestType,
  requestTypeColumns,
  type RequestTypeStatus,
  type RequestTypeVersion,
  toRequestType,
  toRequestTypeVersion,
  type RequestTypePayload,
  type UpdateRequestTypeInput,
} from "./request-type.type.js";

export type { RequestTypeRow } from "./request-type.store.js";

const MAX_DIGITS = 10;
const MAX_REFERENCES = 100;
const MAX_VERSIONS = 100;

/** Fields that refer to the definition. */
const OF_DEFINITION = ["definitionKey", "submitTransition", "cancelTransition", "closeTransition", "reopenTransition", "fields"] as const;

/** Creates a request type. Its definition must be published, and must have the transitions and data properties that the type references. */
export async function createRequestType(ctx: Context, input: CreateRequestTypeInput): Promise<RequestTypePayload> {
  requestTypeColumns.assertText(input);
  assertValid(input);
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createRequestType", input }, async () => {
      const lists = await readReferences(tx, input);
      const machine = await assertDefined(tx, ctx.viewer, input);
      const row = await insertRequestType(tx, {
        ...withoutNulls(requestTypeColumns.plain(input)),
        ...endings(input, machine),
        ...lists,
        tenantId: ctx.viewer.tenantId,
        id: newId(),
      });
      await insertVersion(ctx, tx, row, null);
      await recordChange(tx, ctx.meta, { event: { type: "requestType.created", payload: { key: row.key } }, before: null, after: row });
      return row;
    });
    const [row] = await findRequestTypes(tx, ctx.viewer, [id]);
    if (row === undefined) throw new Error("The created request type cannot be read.");
    return { requestType: toRequestType(row) };
  });
}

/** Null means the default. */
function withoutNulls<Values extends object>(values: Values): { [Key in keyof Values]: NonNullable<Values[Key]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as {
    [Key in keyof Values]: NonNullable<Values[Key]>;
  };
}

interface Checked {
  readonly key?: string;
  readonly numberPrefix?: string | null | undefined;
  readonly numberDigits?: number | null | undefined;
}

function assertValid({ key, numberPrefix, numberDigits }: Checked): void {
  const problems: Problem[] = [];
  if (key !== undefined && !/^[a-z][a-z0-9-]*$/.test(key))
    problems.push({
      path: "input.key",
      message: `${quote(key)} is not a valid key. Use lower-case letters, digits, and dashes, starting with a letter.`,
    });
  if (typeof numberPrefix === "string" && !/^[A-Z][A-Z0-9]*$/.test(numberPrefix))
    problems.push({
      path: "input.numberPrefix",
      message: `${quote(numberPrefix)} is not a valid prefix. Use capital letters and digits, starting with a letter.`,
    });
  if (typeof numberDigits === "number" && (numberDigits < 1 || numberDigits > MAX_DIGITS))
    problems.push({ path: "input.numberDigits", message: `Numbers have 1 to ${MAX_DIGITS} digits, not ${numberDigits}.` });
  if (problems.length > 0) throw new BadUserInput(problems);
}

/** Roles, teams and users that an input references: the users who can use the type, and those who watch its requests. */
interface References {
  readonly roleKeys?: readonly string[] | null | undefined;
  readonly teamIds?: readonly string[] | null | undefined;
  readonly watcherRoleKeys?: readonly string[] | null | undefined;
  readonly watcherTeamIds?: readonly string[] | null | undefined;
  readonly watcherUserIds?: readonly string[] | null | undefined;
}

const ID_LISTS = { teamIds: "team", watcherTeamIds: "team", watcherUserIds: "user" } as const;
type IdLists = { [List in keyof typeof ID_LISTS]?: string[] };

/**
 * Returns the given lists of IDs, as UUIDs.
 * @throws BadUserInput for each role, team and user that does not exist
 */
async function readReferences(tx: Tx, input: References): Promise<IdLists> {
  assertLengths(input);
  const lists = Object.entries(ID_LISTS).map(([list, type]) => {
    const given = input[list as keyof IdLists] ?? null;
    return { list, type, ids: given?.map((id, index) => decodeId(type, id, `input.${list}.${index}`)) ?? null };
  });
  const idsOf = (wanted: string): string[] => lists.flatMap(({ type, ids }) => (type === wanted && ids !== null ? ids : []));
  const keys = [...(input.roleKeys ?? []), ...(input.watcherRoleKeys ?? [])];
  const roles = new Set(keys.length > 0 ? await findRoleKeys(tx, keys) : []);
  const teams = idsOf("team").length > 0 ? await findTeamIds(tx, idsOf("team")) : [];
  const known = new Set([...teams, ...(await workersAmong(tx, idsOf("user")))]);
  const problems = [
    ...(["roleKeys", "watcherRoleKeys"] as const).flatMap((list) =>
      (input[list] ?? []).flatMap((key, index) =>
        roles.has(key) ? [] : [{ path: `input.${list}.${index}`, message: `No role with the key ${quote(key)} exists.` }],
      ),
    ),
    ...lists.flatMap(({ list, type, ids }) =>
      (ids ?? []).flatMap((id, index) => {
        const what = type === "team" ? "team" : "active user of the organization";
        return known.has(id) ? [] : [{ path: `input.${list}.${index}`, message: `No ${what} with the ID ${encodeId(type, id)} exists.` }];
      }),
    ),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
  return Object.fromEntries(lists.flatMap(({ list, ids }) => (ids === null ? [] : [[list, ids]])));
}

function assertLengths(input: References): void {
  const problems = (["roleKeys", "watcherRoleKeys", "teamIds", "watcherTeamIds", "watcherUserIds"] as const).flatMap((list) => {
    const length = input[list]?.length ?? 0;
    return length <= MAX_REFERENCES ? [] : [{ path: `input.${list}`, message: `Give at most ${MAX_REFERENCES} entries, not ${length}.` }];
  });
  if (problems.length > 0) throw new BadUserInput(problems);
}

type OfDefinition = Pick<CreateRequestTypeInput, "definitionKey" | "submitTransition" | "cancelTransition" | "fields"> & {
  readonly closeTransition?: string | null | undefined;
  readonly reopenTransition?: string | null | undefined;
};

/** Returns the machine of the definition. @throws BadUserInput if it is not published, or does not have what the type references */
async function assertDefined(tx: Tx, viewer: Viewer, type: OfDefinition): Promise<Machine> {
  const machine = await findPublishedMachine(tx, viewer.tenantId, type.definitionKey);
  if (machine === null) {
    throw new BadUserInput([
      {
        path: "input.definitionKey",
        message: `No published definition with the key ${quote(type.definitionKey)} exists. Publish it first.`,
      },
    ]);
  }
  const problems = mismatches(type, machine);
  if (problems.length > 0) throw new BadUserInput(problems);
  return machine;
}

/** Changes the given fields. Of concurrent changes to the same version, one succeeds and the others fail with CONFLICT. */
export async function updateRequestType(ctx: Context, input: UpdateRequestTypeInput): Promise<RequestType> {
  const { id: _id, expectedVersion: _expectedVersion, message: _message, ...given } = input;
  requestTypeColumns.assertText(input);
  assertValid(input);
  const changes = requestTypeColumns.plain(requestTypeColumns.given(given));
  return changeType(ctx, input, async (tx, before) => {
    const lists = await readReferences(tx, input);
    const after = { ...before, ...changes };
    if (OF_DEFINITION.some((field) => field in changes)) await assertDefined(tx, ctx.viewer, after);
    return { ...changes, ...lists };
  });
}

/** Ends the use of a type for new requests. No change if it is inactive already. Existing requests continue. */
export const deactivateRequestType = (ctx: Context, input: RequestTypeStatusInput): Promise<RequestType> =>
  setStatus(ctx, input, "INACTIVE");

/** Allows new requests of a type again. No change if it is active already. */
export const reactivateRequestType = (ctx: Context, input: RequestTypeStatusInput): Promise<RequestType> => setStatus(ctx, input, "ACTIVE");

function setStatus(ctx: Context, input: RequestTypeStatusInput, status: RequestTypeStatus): Promise<RequestType> {
  requestTypeColumns.assertText(input);
  return changeType(ctx, input, async (tx, before) => {
    if (before.status === status) return null;
    if (status === "INACTIVE") await assertNotPlanned(tx, "requestType", before.id);
    return { status };
  });
}

/** @param changesOf returns the changes; null: there are none */
async function changeType(
  ctx: Context,
  { id: given, expectedVersion, message }: RequestTypeStatusInput,
  changesOf: (tx: Tx, before: RequestTypeRow) => Promise<RequestTypeChanges | null>,
): Promise<RequestType> {
  const id = decodeId("requestType", given, "input.id");
  return ctx.inTenant(async (tx) => {
    const [before] = await findRequestTypes(tx, ctx.viewer, [id], "requestType.update");
    if (before === undefined) throw new NotFound("RequestType", given);
    if (typeof expectedVersion === "number" && expectedVersion !== before.version) throw changedMeanwhile("requestType", before.version);
    const changes = await changesOf(tx, before);
    if (changes === null) return toRequestType(before);
    const after = await updateRequestTypeRow(tx, before, changes);
    if (after === null) throw changedMeanwhile("requestType", before.version);
    await insertVersion(ctx, tx, after, message ?? null);
    await recordChange(tx, ctx.meta, { event: { type: "requestType.updated", payload: { changed: Object.keys(changes) } }, before, after });
    return toRequestType(after);
  });
}

async function insertVersion(ctx: Context, tx: Tx, row: RequestTypeRow, message: string | null): Promise<void> {
  const { tenantId, id, key: _key, version, createdAt: _createdAt, updatedAt: _updatedAt, defaultPriority, ...terms } = row;
  const text = message?.trim() ?? "";
  await insertRequestTypeVersion(tx, {
    tenantId,
    typeId: id,
    version,
    terms: { ...terms, defaultPriority: Priority[defaultPriority] },
    message: text === "" ? null : text,
    authorId: ctx.viewer.userId,
  });
}

/**
 * Returns the type with the UUID.
 * @throws BadUserInput if the viewer cannot see it
 */
export async function getRequestTypeWithId(tx: Tx, viewer: Viewer, id: string): Promise<RequestTypeRow> {
  const [type] = await findRequestTypes(tx, viewer, [id]);
  if (type) return type;
  throw new BadUserInput([{ path: "input.typeKey", message: `No request type with the ID ${encodeId("requestType", id)} exists.` }]);
}

/** Returns the priority of requests of a type whose impact or urgency is unknown. */
export async function defaultPriorityOf(tx: Tx, typeId: string): Promise<Priority> {
  const found = await findDefaultPriority(tx, typeId);
  if (found === null) throw new Error(`The request type ${typeId} of a request does not exist.`);
  return found;
}

/** Returns the newest versions of a type, newest first. */
export async function versionsOf(ctx: Context, typeId: string): Promise<RequestTypeVersion[]> {
  const loader = ctx.loader<string, RequestTypeVersion[]>("requestTypeVersions", async (tx, ids) => {
    const rows = await selectRequestTypeVersions(tx, ids, MAX_VERSIONS);
    return new Map([...Map.groupBy(rows, (row) => row.typeId)].map(([id, versions]) => [id, versions.map(toRequestTypeVersion)]));
  });
  return (await loader.load(typeId)) ?? [];
}

/** Returns the types that the viewer can create requests of, in the order of the catalog. */
export async function listCatalog(ctx: Context): Promise<RequestType[]> {
  return (await ctx.read((tx) => findUsableRequestTypes(tx, ctx.viewer))).map(toRequestType);
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
function mismatches(input: OfDefinition, machine: Machine): Problem[] {
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

/** Returns the request type with the UUID if the viewer can create requests of it, otherwise null. */
export async function findUsableRequestType(tx: Tx, viewer: Viewer, id: string): Promise<RequestTypeRow | null> {
  const [type] = await findRequestTypes(tx, viewer, [id]);
  return type !== undefined && type.status === "ACTIVE" && canUse(viewer, type) ? type : null;
}

/**
 * Returns the request type that an input references for a new request.
 * @throws BadUserInput at `path` if it does not exist, is inactive, or the viewer cannot use it
 */
export async function getRequestTypeByKey(tx: Tx, viewer: Viewer, key: string, path: string): Promise<RequestTypeRow> {
  const type = await findRequestTypeByKey(tx, viewer, key);
  if (type === null) {
    const hint = suggestionFor(key, await findRequestTypeKeys(tx, viewer));
    throw new BadUserInput([{ path, message: `The request type ${quote(key)} does not exist.${hint}` }]);
  }
  if (type.status !== "ACTIVE")
    throw new BadUserInput([{ path, message: `The request type ${quote(key)} is inactive. Choose another one.` }]);
  if (!canUse(viewer, type))
    throw new BadUserInput([
      { path, message: `The request type ${quote(key)} is not available to you. \`catalog\` lists the types that are.` },
    ]);
  return type;
}
