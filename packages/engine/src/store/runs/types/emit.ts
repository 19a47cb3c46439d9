/** Publishes custom events, in the way of `publishEvent`. */
import { quote } from "@weft/shared/errors";
import { named, type Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { sql } from "drizzle-orm";
import { LRUCache } from "lru-cache";
import type { JsonObject } from "../../../core/model/json.js";
import { problemsText } from "../../../core/model/rejection.js";
import type { CompiledSchema } from "../../../core/model/schema.js";
import { compilePayloadSchema, payloadProblems } from "../../../core/payloads/payload-schema.js";
import { causedBy } from "../cause.js";
import { stepFailure, type StepReport } from "../step-report.js";
import type { TransactionalStep } from "../transactional-step.js";

type Declared = {
  readonly id: string;
  readonly version: number;
  readonly typeVersion: number;
  readonly payloadSchema: unknown;
};

const schemas = new LRUCache<string, CompiledSchema>({ max: 500 });

/** The event belongs to its type, as one that `publishEvent` publishes without a subject. Its cause is what started the run, so loops of triggers end. */
export const emitStep: TransactionalStep = {
  isOneWrite: true,
  begin: async (tx, meta, { loaded, input }) => {
    const { type: name, payload = {} } = input as { readonly type: string; readonly payload?: JsonObject };
    const declared = await findDeclared(tx, name);
    if (declared === null)
      return stepFailure("EVENT_TYPE_UNKNOWN", `There is no declared type ${quote(name)}. Declare it with declareEventType.`, true);
    return problemOf(declared, payload) ?? publish(tx, causedBy(meta, loaded.row), { name, declared, payload });
  },
};

type Publishing = { readonly name: string; readonly declared: Declared; readonly payload: JsonObject };

async function publish(tx: Tx, meta: WriteMeta, { name, declared, payload }: Publishing): Promise<StepReport> {
  await appendEvents(tx, meta, [
    {
      type: "custom.published",
      subjectId: declared.id,
      subjectVersion: declared.version,
      payload: { name, version: declared.typeVersion, payload: payload as Record<string, never> },
    },
  ]);
  return { kind: "succeeded", outputs: {} };
}

function problemOf({ id, version, payloadSchema }: Declared, payload: JsonObject): StepReport | null {
  const key = `${id} ${version}`;
  const known = schemas.get(key);
  const compiled = known ? { ok: true as const, schema: known } : compilePayloadSchema(payloadSchema);
  if (!compiled.ok)
    return stepFailure("EVENT_TYPE_UNKNOWN", `The schema of the type cannot be read: ${problemsText(compiled.problems)}`, true);
  schemas.set(key, compiled.schema);
  const problems = payloadProblems(compiled.schema, payload);
  return problems.length === 0 ? null : stepFailure("INPUT_INVALID", problemsText(problems), true);
}

async function findDeclared(tx: Tx, name: string): Promise<Declared | null> {
  const rows = await tx.execute<Declared>(
    named(
      "findDeclaredTypeForRun",
      sql`select t.id, t.version, t.type_version as "typeVersion", t.payload_schema as "payloadSchema"
          from events.custom_types t
         where t.tenant_id = app.tenant() and t.name = ${name} and t.deleted_at is null`,
    ),
  );
  return rows[0] ?? null;
}
