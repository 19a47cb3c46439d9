import { BadUserInput, Conflict, LimitExceeded, NotFound, quote } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import { assertUrlAllowed } from "@weft/platform/outbound";
import type { Context } from "@weft/api/context";
import type { VersionedIdInput } from "@weft/api/inputs";
import { assertMayLend } from "../agent-rights.js";
import { assertMayUseSecrets, keyProblems, type Problem, secretProblems } from "../agent-terms.js";
import {
  countAgentsOfProvider,
  countModelProviders,
  deleteModelProviderRow,
  findModelProvider,
  insertModelProvider,
  selectAbilitiesOfAgents,
  selectModelProviders,
  updateModelProviderRow,
} from "./model-provider.store.js";
import {
  type CreateModelProviderInput,
  type ModelPriceInput,
  type UpdateModelProviderInput,
  type ModelProvider,
  modelProviderColumns,
  type ModelProviderRow,
  toModelProvider,
} from "./model-provider.type.js";

const MAX_PROVIDERS = 50;
const MAX_PRICES = 100;
/** Millionths of a US dollar for a million tokens: a hundred thousand dollars. */
const MAX_PRICE = 100_000_000_000;

export const readModelProviders = (ctx: Context): Promise<ModelProvider[]> =>
  ctx.read(async (tx) => (await selectModelProviders(tx)).map(toModelProvider));

/** @throws NotFound */
export async function readModelProvider(ctx: Context, id: string): Promise<ModelProvider> {
  const uuid = decodeId("modelProvider", id);
  return toModelProvider(await ctx.read((tx) => getModelProvider(tx, uuid)));
}

/** @throws BadUserInput, UrlForbidden, Forbidden, LimitExceeded, Conflict (idempotency key used with different input) */
export async function createModelProvider(ctx: Context, input: CreateModelProviderInput): Promise<ModelProvider> {
  const { key, name, kind, baseUrl, secret, prices } = input;
  const problems = [
    ...keyProblems("input.key", key),
    ...modelProviderColumns.textProblems(input),
    ...secretProblems("input.secret", secret),
    ...baseUrlProblems(baseUrl),
    ...priceProblems(prices ?? []),
  ];
  if (kind === "ANTHROPIC" && (secret === null || secret === undefined))
    problems.push({ path: "input.secret", message: "Anthropic requires an API key. Create a secret that contains it, and pass its name." });
  if (problems.length > 0) throw new BadUserInput(problems);
  if (secret !== null && secret !== undefined) assertMayUseSecrets(ctx);
  await assertUrlAllowed(ctx.services.config.outbound, baseUrl, "input.baseUrl");
  const { tenantId, userId } = ctx.viewer;
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createModelProvider", input }, async () => {
      const used = await countModelProviders(tx);
      if (used >= MAX_PROVIDERS) throw new LimitExceeded({ limit: "modelProviders", used, allowed: MAX_PROVIDERS });
      const row = await insertModelProvider(tx, {
        tenantId,
        id: newId(),
        key,
        name: name.trim(),
        kind,
        baseUrl,
        secret: secret ?? null,
        prices: storedPrices(prices ?? []),
        createdBy: userId,
      });
      await recordChange(tx, ctx.meta, { event: { type: "modelProvider.created", payload: { key } }, before: null, after: row });
      return row;
    });
    return toModelProvider(await getModelProvider(tx, id));
  });
}

/** Steps that have begun continue with the provider as it was. @throws NotFound, BadUserInput, UrlForbidden, Forbidden, Conflict */
export async function updateModelProvider(ctx: Context, input: UpdateModelProviderInput): Promise<ModelProvider> {
  const id = decodeId("modelProvider", input.id, "input.id");
  const { expectedVersion } = input;
  const given = modelProviderColumns.changes(input);
  const problems = [
    ...modelProviderColumns.textProblems(given),
    ...(given.baseUrl === undefined ? [] : baseUrlProblems(given.baseUrl)),
    ...secretProblems("input.secret", given.secret),
    ...priceProblems(given.prices ?? []),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
  if (given.baseUrl !== undefined) await assertUrlAllowed(ctx.services.config.outbound, given.baseUrl, "input.baseUrl");
  return ctx.inTenant(async (tx) => {
    const before = await getModelProvider(tx, id);
    const secret = given.secret === undefined ? before.secret : given.secret;
    if (before.kind === "ANTHROPIC" && secret === null)
      throw new BadUserInput([{ path: "input.secret", message: "Anthropic requires an API key." }]);
    if (secret !== null && (given.secret !== undefined || given.baseUrl !== undefined)) assertMayUseSecrets(ctx);
    // Whoever decides where a model is asked, decides what it answers.
    if (given.baseUrl !== undefined) for (const able of await selectAbilitiesOfAgents(tx, id)) assertMayLend(ctx, able);
    const changes = { ...modelProviderColumns.plain(given), ...(given.prices !== undefined && { prices: storedPrices(given.prices) }) };
    const after = await updateModelProviderRow(tx, id, expectedVersion ?? before.version, changes);
    if (after === null) throw changedMeanwhile("modelProvider", before.version);
    const payload = { key: after.key, changed: Object.keys(given) };
    await recordChange(tx, ctx.meta, { event: { type: "modelProvider.updated", payload }, before, after });
    return toModelProvider(after);
  });
}

/** @throws NotFound, Conflict (also while agents use it) */
export async function deleteModelProvider(ctx: Context, input: VersionedIdInput): Promise<string> {
  const id = decodeId("modelProvider", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    const before = await getModelProvider(tx, id);
    const used = await countAgentsOfProvider(tx, id);
    if (used > 0)
      throw new Conflict(
        `${used === 1 ? "1 agent uses" : `${used} agents use`} the provider ${quote(before.key)}. Change or delete them first.`,
      );
    const deleted = await deleteModelProviderRow(tx, id, input.expectedVersion ?? before.version);
    if (deleted === null) throw changedMeanwhile("modelProvider", before.version);
    await recordChange(tx, ctx.meta, { event: { type: "modelProvider.deleted", payload: { key: before.key } }, before, after: null });
    return encodeId("modelProvider", id);
  });
}

/** @throws NotFound */
async function getModelProvider(tx: Tx, id: string): Promise<ModelProviderRow> {
  const row = await findModelProvider(tx, id);
  if (row === null) throw new NotFound("Model provider", encodeId("modelProvider", id));
  return row;
}

/** @throws BadUserInput (`input.providerId`): there is no such provider */
export async function assertModelProvider(tx: Tx, id: string): Promise<void> {
  if ((await findModelProvider(tx, id)) !== null) return;
  throw new BadUserInput([{ path: "input.providerId", message: `There is no model provider ${encodeId("modelProvider", id)}.` }]);
}

function baseUrlProblems(text: string): Problem[] {
  const path = "input.baseUrl";
  if (!URL.canParse(text)) return [{ path, message: `${quote(text)} is not a URL.` }];
  const { username, password, search, hash } = new URL(text);
  return username || password || search || hash
    ? [{ path, message: "The URL must not contain credentials, a query, or a fragment. API keys belong in a secret." }]
    : [];
}

function priceProblems(prices: readonly ModelPriceInput[]): Problem[] {
  const isPrice = (value: number): boolean => Number.isSafeInteger(value) && value >= 0 && value <= MAX_PRICE;
  const problems = prices.flatMap(({ model, inputMicros, outputMicros }, index) => [
    ...textProblems(`input.prices.${index}.model`, model, { max: 200 }),
    ...(isPrice(inputMicros)
      ? []
      : [{ path: `input.prices.${index}.inputMicros`, message: `A price is a whole number from 0 to ${MAX_PRICE}.` }]),
    ...(isPrice(outputMicros)
      ? []
      : [{ path: `input.prices.${index}.outputMicros`, message: `A price is a whole number from 0 to ${MAX_PRICE}.` }]),
  ]);
  if (prices.length > MAX_PRICES) problems.push({ path: "input.prices", message: `At most ${MAX_PRICES} prices are allowed.` });
  if (new Set(prices.map(({ model }) => model)).size < prices.length)
    problems.push({ path: "input.prices", message: "A model has two prices." });
  return problems;
}

const storedPrices = (prices: readonly ModelPriceInput[]): Record<string, unknown> =>
  Object.fromEntries(prices.map(({ model, inputMicros, outputMicros }) => [model, { inputMicros, outputMicros }]));
