/** People and instances below the API, for tests of the engine's store. Rows are written directly; transitions go through the store. */
import { identity, vendors, workflows } from "@weft/drizzle";
import { actorOf, fireInstance, startInstance, type InstanceHead, type TaskRow, type ViewerActor } from "@weft/engine";
import { newId } from "@weft/shared/ids";
import type { Permission, Scope, Viewer } from "@weft/shared/viewer";
import { asTenant, type Database, type Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { personKeyring } from "@weft/platform/privacy";
import { oneMasterKey } from "@weft/platform/secrets";
import { eq, sql } from "drizzle-orm";
import { publishDefinition, type DefinitionDocument } from "./publish-definition.js";

const document = {
  weft: 1,
  key: "loan",
  name: "Loan",
  data: { type: "object", required: ["amount"], properties: { amount: { type: "number", minimum: 0 }, verdict: { type: "string" } } },
  initial: "draft",
  states: {
    draft: { transitions: { submit: { to: "review", allow: { owner: true } } } },
    review: {
      task: { title: "Review {{ data.amount }}", candidates: { roles: ["operations"] } },
      transitions: {
        approve: { to: "work", allow: { roles: ["operations"] }, when: "data.amount <= 100" },
        reject: { to: "rejected", allow: { roles: ["operations"] }, comment: "required" },
      },
    },
    work: {
      task: { title: "Do it", candidates: { assignee: true } },
      transitions: {
        finish: { to: "done", allow: { assignee: true }, input: { required: ["verdict"], properties: { verdict: { type: "string" } } } },
      },
    },
    done: { final: "completed" },
    rejected: { final: "rejected" },
  },
};

const everything: Permission[] = [
  "workflow.read",
  "workflow.fire",
  "workflow.cancel",
  "task.read",
  "task.claim",
  "task.complete",
  "request.assign",
];
const keyring = personKeyring(oneMasterKey(new Uint8Array(32).fill(7)));

/** A user of a tenant, below the API. */
export interface EnginePerson {
  readonly viewer: Viewer;
  readonly meta: WriteMeta;
  readonly actor: ViewerActor;
  readonly write: <T>(fn: (tx: Tx) => Promise<T>) => Promise<T>;
  /** Fires a transition in its own database transaction. */
  readonly fire: (id: string, transition: string, more?: object) => Promise<InstanceHead>;
}

export interface EngineTenant {
  readonly tenantId: string;
  readonly vendorId: string;
  /** Has the role requester and the scope OWN. Owns the instances that `start` and `submit` create. */
  readonly owner: EnginePerson;
  readonly operations: EnginePerson;
  readonly person: (role: string, scope?: Scope, vendorId?: string | null) => Promise<EnginePerson>;
  /** Publishes definitions in every environment. */
  readonly publish: (...documents: readonly DefinitionDocument[]) => Promise<void>;
  /** Creates a draft of the definition `loan`. */
  readonly start: (amount?: number) => Promise<InstanceHead>;
  /** Creates and submits an instance: it is in the state review and has an open task. */
  readonly submit: (amount?: number) => Promise<InstanceHead>;
}

/** Creates a tenant with a published definition and users: an owner, two members of operations, and a vendor with a user. */
export async function anEngineTenant(db: Database): Promise<EngineTenant> {
  const tenantId = newId();
  const vendorId = newId();
  const person = async (role: string, scope: Scope = "TENANT", vendor: string | null = null): Promise<EnginePerson> => {
    const userId = newId();
    await asTenant(db, { tenantId }, "write", async (tx) => {
      await tx.insert(identity.users).values({
        tenantId,
        id: userId,
        email: `${userId}@x.example`,
        username: userId,
        name: role,
        type: vendor ? "VENDOR" : "EMPLOYEE",
        vendorId: vendor,
      });
      // As whoever creates a user does: two transactions that both create it later can wait for each other.
      await keyring.create(tx, tenantId, userId);
      await tx.execute(sql`select app.recount_usage()`);
    });
    const permissions = Object.fromEntries(everything.map((permission) => [permission, [scope]]));
    const viewer: Viewer = {
      tenantId,
      tenantSlug: "t",
      userId,
      userType: vendor ? "VENDOR" : "EMPLOYEE",
      vendorId: vendor,
      sessionId: newId(),
      apiKey: null,
      operatorId: null,
      authenticatedAt: null,
      isRestricted: false,
      roles: [role],
      teamIds: [],
      ledTeamIds: [],
      permissions,
      denials: {},
      rightsVersion: "1",
    };
    const meta: WriteMeta = {
      tenantId,
      actorId: userId,
      onBehalfOf: null,
      requestId: "test",
      sessionId: viewer.sessionId,
      address: "192.0.2.1",
      traceId: null,
      keyring,
    };
    const actor = actorOf(viewer);
    const write = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => asTenant(db, viewer, "write", fn);
    const fire = (id: string, transition: string, more: object = {}): Promise<InstanceHead> =>
      write((tx) => fireInstance(tx, meta, { id, transition, actor, ...more }));
    return { viewer, meta, actor, write, fire };
  };
  await asTenant(db, { tenantId }, "write", async (tx) => {
    await tx.insert(identity.tenants).values({ tenantId, slug: `t-${tenantId}`, name: "T", plan: "ENTERPRISE" });
    await tx.insert(vendors.vendors).values({ tenantId, id: vendorId, code: "V", name: "V" });
  });
  const owner = await person("requester", "OWN");
  const publish = (...documents: readonly DefinitionDocument[]): Promise<void> =>
    owner.write(async (tx) => {
      for (const one of documents) await publishDefinition(tx, owner.viewer, { document: one });
      await tx.execute(sql`select app.recount_usage()`);
    });
  await publish(document);
  const operations = await person("operations");
  const start = (amount = 50): Promise<InstanceHead> =>
    owner.write((tx) =>
      startInstance(tx, owner.meta, { definitionKey: "loan", data: { amount }, ownerId: owner.viewer.userId, actor: owner.actor }),
    );
  const submit = async (amount = 50): Promise<InstanceHead> => {
    const { id } = await start(amount);
    return owner.fire(id, "submit");
  };
  return { tenantId, vendorId, owner, operations, person, publish, start, submit };
}

/** Returns the first task of an instance, regardless of its status. */
export async function taskOf(who: EnginePerson, instanceId: string): Promise<TaskRow> {
  const [task] = await who.write((tx) => tx.select().from(workflows.tasks).where(eq(workflows.tasks.instanceId, instanceId)));
  if (!task) throw new Error(`The instance ${instanceId} has no task.`);
  return task;
}

/** Returns a transaction that awaits the hook before each raw statement, that is, between the engine's read and its write. */
export function beforeWrites(tx: Tx, hook: () => Promise<void>): Tx {
  return new Proxy(tx, {
    get: (target, key) => {
      if (key !== "execute") return Reflect.get(target, key) as unknown;
      return async (statement: never) => {
        await hook();
        return target.execute(statement);
      };
    },
  });
}
