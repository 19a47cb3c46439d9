import { compilePayloadSchema } from "@weft/engine";
import { BadUserInput, LimitExceeded, NotFound } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { changedFields, type VersionedIdInput } from "@weft/api/inputs";
import type { Tool } from "./agent-definition.js";
import { countAgents, deleteAgentRow, findAgent, insertAgent, selectAgents, updateAgentRow } from "./agent.store.js";
import { assertMayLend, permissionProblems } from "./agent-rights.js";
import { assertMayUseSecrets, keyProblems, type Problem } from "./agent-terms.js";
import { type CreateAgentInput, type UpdateAgentInput, type Agent, agentColumns, type AgentRow, toAgent } from "./agent.type.js";
import { rolesAmong } from "../routing/routing-rule.service.js";
import { assertModelProvider } from "./providers/model-provider.service.js";
import { assertToolsAllowed, limitProblems, storedLimits, storedTools, toolProblems } from "./tool-terms.js";

const MAX_AGENTS = 200;

export const readAgents = (ctx: Context): Promise<Agent[]> => ctx.read(async (tx) => (await selectAgents(tx)).map(toAgent));

/** @throws NotFound */
export async function readAgent(ctx: Context, id: string): Promise<Agent> {
  const uuid = decodeId("agent", id);
  return toAgent(await ctx.read((tx) => getAgent(tx, uuid)));
}

/** @throws BadUserInput, UrlForbidden, Forbidden, LimitExceeded, Conflict (idempotency key used with different input) */
export async function createAgent(ctx: Context, input: CreateAgentInput): Promise<Agent> {
  const { key, name, model, instructions, outputSchema } = input;
  const tools = input.tools ?? [];
  const limits = input.limits ?? {};
  const permissions = [...new Set(input.permissions ?? [])].toSorted();
  const providerId = decodeId("modelProvider", input.providerId, "input.providerId");
  await assertValid(ctx, { name, model, instructions, outputSchema, tools, limits, permissions }, keyProblems("input.key", key));
  assertMayLend(ctx, { tools: storedTools(tools), permissions });
  const { tenantId, userId } = ctx.viewer;
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createAgent", input }, async () => {
      const used = await countAgents(tx);
      if (used >= MAX_AGENTS) throw new LimitExceeded({ limit: "agents", used, allowed: MAX_AGENTS });
      await assertModelProvider(tx, providerId);
      const row = await insertAgent(tx, {
        tenantId,
        id: newId(),
        key,
        name: name.trim(),
        providerId,
        model: model.trim(),
        instructions: instructions.trim(),
        outputSchema: (outputSchema ?? null) as Record<string, unknown> | null,
        tools: storedTools(tools),
        limits: { ...storedLimits(limits) },
        permissions,
        createdBy: userId,
        authorId: userId,
      });
      await recordChange(tx, ctx.meta, { event: { type: "agent.created", payload: { key } }, before: null, after: row });
      return row;
    });
    return toAgent(await getAgent(tx, id));
  });
}

/** Steps that have begun continue with the agent as it was. @throws NotFound, BadUserInput, UrlForbidden, Forbidden, Conflict */
export async function updateAgent(ctx: Context, input: UpdateAgentInput): Promise<Agent> {
  const id = decodeId("agent", input.id, "input.id");
  const { name, model, instructions, outputSchema, tools, limits, permissions, status } = input;
  const providerId =
    input.providerId === undefined || input.providerId === null
      ? undefined
      : decodeId("modelProvider", input.providerId, "input.providerId");
  const given = changedFields({ name, providerId, model, instructions, outputSchema, tools, limits, permissions, status }, [
    "outputSchema",
  ]);
  await assertValid(ctx, given, []);
  return ctx.inTenant(async (tx) => {
    const before = await getAgent(tx, id);
    // Whoever decides what a tool is told, decides what is done with its secret.
    if ((before.tools as readonly Tool[]).some((tool) => tool.kind === "HTTP" && tool.secret !== null)) assertMayUseSecrets(ctx);
    if (providerId !== undefined) await assertModelProvider(tx, providerId);
    const changes = {
      ...(given.name !== undefined && { name: given.name.trim() }),
      ...(given.model !== undefined && { model: given.model.trim() }),
      ...(given.instructions !== undefined && { instructions: given.instructions.trim() }),
      ...(given.status !== undefined && { status: given.status }),
      ...(providerId !== undefined && { providerId }),
      ...(given.outputSchema !== undefined && { outputSchema: given.outputSchema as Record<string, unknown> | null }),
      ...(given.tools !== undefined && { tools: storedTools(given.tools) }),
      ...(given.limits !== undefined && { limits: { ...storedLimits(given.limits) } }),
      ...(given.permissions !== undefined && { permissions: [...new Set(given.permissions)].toSorted() }),
    };
    // Whoever only switches it on or off does not say what it does.
    const isAuthor = Object.keys(changes).some((name) => name !== "status");
    if (isAuthor)
      assertMayLend(ctx, {
        tools: changes.tools ?? (before.tools as readonly Tool[]),
        permissions: changes.permissions ?? before.permissions,
      });
    const after = await updateAgentRow(tx, id, input.expectedVersion ?? before.version, {
      ...changes,
      ...(isAuthor && { authorId: ctx.viewer.userId }),
    });
    if (after === null) throw changedMeanwhile("agent", before.version);
    const payload = { key: after.key, changed: Object.keys(changes) };
    await recordChange(tx, ctx.meta, { event: { type: "agent.updated", payload }, before, after });
    return toAgent(after);
  });
}

/** What it has done is kept. Steps that have begun continue. @throws NotFound, Conflict */
export async function deleteAgent(ctx: Context, input: VersionedIdInput): Promise<string> {
  const id = decodeId("agent", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    const before = await getAgent(tx, id);
    const deleted = await deleteAgentRow(tx, id, input.expectedVersion ?? before.version);
    if (deleted === null) throw changedMeanwhile("agent", before.version);
    await recordChange(tx, ctx.meta, { event: { type: "agent.deleted", payload: { key: before.key } }, before, after: null });
    return encodeId("agent", id);
  });
}

/** @throws NotFound */
async function getAgent(tx: Tx, id: string): Promise<AgentRow> {
  const row = await findAgent(tx, id);
  if (row === null) throw new NotFound("Agent", encodeId("agent", id));
  return row;
}

type Checked = Partial<Pick<CreateAgentInput, "name" | "model" | "instructions" | "outputSchema" | "tools" | "limits" | "permissions">>;

/** @throws BadUserInput, UrlForbidden, Forbidden */
async function assertValid(
  ctx: Context,
  { name, model, instructions, outputSchema, tools, limits, permissions }: Checked,
  others: readonly Problem[],
): Promise<void> {
  const named = [...new Set((tools ?? []).flatMap(({ approvalRoles }) => approvalRoles ?? []))].slice(0, 500);
  const roles = named.length === 0 ? new Set<string>() : await ctx.read((tx) => rolesAmong(tx, named));
  const schema = outputSchema === undefined || outputSchema === null ? null : compilePayloadSchema(outputSchema, "outputSchema");
  const problems = [
    ...others,
    ...agentColumns.textProblems({ name, model, instructions }),
    ...(schema === null || schema.ok ? [] : schema.problems.map((problem) => ({ ...problem, path: `input.${problem.path}` }))),
    ...toolProblems(tools ?? [], roles),
    ...limitProblems(limits ?? {}),
    ...permissionProblems(permissions ?? []),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
  if (tools?.some(({ secret }) => secret !== null && secret !== undefined)) assertMayUseSecrets(ctx);
  await assertToolsAllowed(ctx.services.config.outbound, tools ?? []);
}
