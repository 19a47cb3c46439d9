import type { RandomSource } from "../random-source.js";
import { newHeatingType } from "../tenants/heating-definition.js";
import { aMaintenanceTenant, type MaintenanceTenant } from "../tenants/maintenance-tenant.js";
import type { TestUser } from "../test-user.js";
import type { SharedWeft } from "../test-weft.js";
import { words } from "./conditions.js";
import { inputTypeOf } from "../input-type.js";

/** A tenant with two types of requests and users of differing rights, some of whom work at random. */
export interface RequestKit extends MaintenanceTenant {
  readonly otherRequester: TestUser;
  readonly technician: TestUser;
  /** Sees the requests of the team and those assigned to it, but no workflows. */
  readonly reader: TestUser;
  readonly teamId: string;
  /** All users, as `name`, with what they can do. */
  readonly people: readonly Person[];
}

export interface Person {
  readonly name: string;
  readonly user: TestUser;
  readonly isOfVendor: boolean;
  readonly seesWorkflows: boolean;
}

export async function startRequestKit(weft: SharedWeft): Promise<RequestKit> {
  const acme = await aMaintenanceTenant(weft);
  await newHeatingType(acme);
  const teamId = await acme.tenant.team("facilities");
  await acme.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", {
    input: {
      key: "reader",
      name: "Reader",
      permissions: ["ASSIGNED", "TEAM"].map((scope) => ({ permission: "request.read", scope })),
      parentKeys: [],
    },
  });
  const otherRequester = await acme.tenant.user("requester");
  const technician = await acme.tenant.user("technical_team", { teams: ["facilities"] });
  const reader = await acme.tenant.user("reader", { teams: ["facilities"] });
  const staff = { isOfVendor: false, seesWorkflows: true } as const;
  const people: readonly Person[] = [
    { ...staff, name: "admin", user: acme.admin },
    { ...staff, name: "operations", user: acme.operations },
    { ...staff, name: "requester", user: acme.requester },
    { ...staff, name: "otherRequester", user: otherRequester },
    { ...staff, name: "technician", user: technician },
    { name: "reader", user: reader, isOfVendor: false, seesWorkflows: false },
    { name: "vendor", user: acme.vendor.user, isOfVendor: true, seesWorkflows: true },
  ];
  return { ...acme, otherRequester, technician, reader, teamId, people };
}

/** Calls a mutation with an input, and selects nothing of its result. */
const callOf = (mutation: string): string => `mutation ($input: ${inputTypeOf(mutation)}!) { ${mutation}(input: $input) { __typename } }`;

/** Refusals that random calls can meet. */
const expectedCodes = [
  "BAD_USER_INPUT",
  "CONFLICT",
  "FORBIDDEN",
  "NOT_FOUND",
  "TRANSITION_REJECTED",
  "LIMIT_EXCEEDED",
] as const satisfies readonly string[];

/** Messages about input that does not fit the schema. */
const malformed = /is not defined by type|was not provided|cannot represent/;

interface Work {
  readonly state: string;
  readonly type: { readonly key: string };
  readonly workflow: { readonly id: string };
  readonly createdBy: { readonly id: string };
  readonly comments: {
    readonly edges: readonly { readonly node: { readonly id: string; readonly author: { readonly id: string } | null } }[];
  };
}

const read = `query ($id: ID!) { request(id: $id) {
  state type { key } workflow { id } createdBy { id } comments(first: 3) { edges { node { id author { id } } } } } }`;

/** Works on requests. Counts the calls that were accepted, by what was done. */
export class RandomRequests {
  readonly accepted = new Map<string, number>();
  /** The last refusal of each mutation. */
  readonly refused = new Map<string, string>();
  readonly #ids: string[] = [];
  readonly #deleted: string[] = [];

  constructor(
    private readonly kit: RequestKit,
    private readonly random: RandomSource,
  ) {}

  /** Makes this many calls, several at a time. */
  async work(calls: number): Promise<void> {
    let left = calls;
    const worker = async (): Promise<void> => {
      while (left-- > 0) await this.step();
    };
    await Promise.all(Array.from({ length: 4 }, worker));
  }

  /** Does one thing: creates a request, or does something to one of the latest or, rarely, to an old one. */
  async step(): Promise<void> {
    const { random } = this;
    if (this.#ids.length < 10 || random.chance(0.08)) return this.create();
    if (this.#deleted.length > 0 && random.chance(0.05)) return this.restore();
    const id = random.pick(random.chance(0.9) ? this.#ids.slice(-40) : this.#ids);
    // Another worker can have deleted it meanwhile.
    const { data } = await this.kit.admin.send<{ request: Work | null }>(read, { id });
    const request = data?.request;
    if (request) await (random.chance(0.45) ? this.transition(id, request) : this.change(id, request));
  }

  async create(given?: TestUser): Promise<void> {
    const { random, kit } = this;
    const isHeating = random.chance(0.3);
    const user = given ?? random.pick([kit.requester, kit.requester, kit.otherRequester, kit.operations]);
    const input = isHeating
      ? { typeKey: "heating", data: { summary: this.sentence(), radiator: random.pick(words) } }
      : { typeKey: "maintenance", data: { summary: this.sentence(), estimate: random.pick([400, 12_000]) }, ...this.place() };
    const { createRequest } = await user.run<{ createRequest: { request: { id: string } } }>(
      "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }",
      { input },
    );
    this.count("createRequest");
    this.#ids.push(createRequest.request.id);
  }

  /** Moves a request on, mostly as a user who can. */
  async transition(id: string, { state, type, workflow, createdBy }: Work): Promise<void> {
    const { random, kit } = this;
    const owner = kit.people.find(({ user }) => user.id === createdBy.id)?.user ?? kit.requester;
    const worker = random.pick([kit.technician, kit.vendor.user]);
    const fire = (user: TestUser, transition: string, more: object = {}) =>
      this.call(user, "fireTransition", { instanceId: workflow.id, transition, ...more });
    const comment = this.sentence();
    if (type.key === "heating" && state === "reported") return this.call(owner, random.pick(["submitRequest", "cancelRequest"]), { id });
    if (type.key === "heating") return fire(kit.operations, "fix");
    switch (state) {
      case "draft":
        return this.call(owner, random.pick(["submitRequest", "submitRequest", "submitRequest", "cancelRequest"]), { id });
      case "triage":
        if (random.chance(0.2)) return fire(kit.operations, "reject", { comment });
        await fire(kit.operations, "approve");
        return fire(kit.operations, "escalate");
      case "approval":
        return random.chance(0.7) ? fire(kit.manager, "approve") : fire(kit.manager, "reject", { comment });
      case "assigned":
        return random.chance(0.5) ? this.assign(id) : fire(worker, "start");
      case "in_progress":
        return fire(worker, "complete", { input: { outcome: comment } });
      case "done":
        return random.chance(0.7) ? this.call(owner, "closeRequest", { id }) : this.call(owner, "reopenRequest", { id, comment });
      default:
        return random.chance(0.3) ? this.delete(id) : Promise.resolve();
    }
  }

  /** Changes a request without moving it on, or together with another one. */
  async change(id: string, { type, workflow, comments, createdBy }: Work): Promise<void> {
    const { random, kit } = this;
    const other = random.pick(this.#ids);
    const comment = comments.edges[0]?.node;
    const owner = kit.people.find(({ user }) => user.id === createdBy.id)?.user ?? kit.requester;
    const anybody = random.pick(kit.people).user;
    const author = kit.people.find(({ user }) => user.id === comment?.author?.id)?.user ?? kit.operations;
    const data = type.key === "heating" ? { radiator: random.pick(words) } : { estimate: random.pick([300, 9_000]) };
    const actions: readonly (() => unknown)[] = [
      () => this.call(owner, "updateRequest", { id, data: { ...data, ...(random.chance(0.5) && { summary: this.sentence() }) } }),
      () => this.call(kit.operations, "updateRequest", { id, ...this.place() }),
      () => this.call(kit.operations, "triageRequest", { id, priority: random.pick(["LOW", "NORMAL", "HIGH", "URGENT", null]) }),
      () =>
        this.call(kit.operations, "triageRequest", {
          id,
          impact: random.pick(["LOW", "HIGH", null]),
          urgency: random.pick(["MEDIUM", "HIGH"]),
        }),
      () => this.call(kit.operations, "triageRequest", { id, tags: random.some(words, 0.2), dueAt: this.dueAt() }),
      () => this.assign(id),
      () => this.call(anybody, "commentOnRequest", { id, audience: "PUBLIC", text: this.sentence() }),
      () => this.call(kit.operations, "commentOnRequest", { id, audience: "INTERNAL", text: this.sentence() }),
      () => comment && this.call(author, "editRequestComment", { id: comment.id, text: this.sentence() }),
      () => comment && this.call(author, "deleteRequestComment", { id: comment.id }),
      () => this.call(anybody, random.pick(["watchRequest", "unwatchRequest"]), { id }),
      () =>
        this.call(kit.operations, "linkRequests", {
          id,
          toId: other,
          kind: random.pick(["BLOCKS", "DUPLICATES", "RELATES_TO", "PARENT_OF"]),
        }),
      () => this.call(kit.operations, "unlinkRequests", { id, toId: other, kind: random.pick(["BLOCKS", "RELATES_TO", "PARENT_OF"]) }),
      () => this.call(kit.admin, random.pick(["suspendWorkflow", "resumeWorkflow"]), { instanceId: workflow.id }),
      () => this.call(kit.admin, "resumeWorkflow", { instanceId: workflow.id }),
      () => random.chance(0.3) && this.call(kit.admin, "cancelWorkflow", { instanceId: workflow.id, comment: this.sentence() }),
      () => random.chance(0.5) && this.call(kit.operations, "mergeRequests", { id, intoId: other }),
      () =>
        this.split(
          id,
          comments.edges.map(({ node }) => node.id),
        ),
      () => random.chance(0.5) && this.convert(id, type.key),
      () => this.call(random.pick(kit.people).user, "submitRequest", { id }),
    ];
    await random.pick(actions)();
  }

  /** Does everything once that `step` does rarely, so that each run has it. Creates a request for each user that `step` does not touch. */
  async doEachOnce(): Promise<void> {
    const { kit } = this;
    await kit.request("assigned");
    await kit.assign(await kit.request("approved"), { teamId: kit.teamId });
    await this.create(kit.otherRequester);
    this.#ids.pop();
    const made = async (): Promise<string> => {
      await this.create();
      const id = this.#ids.at(-1);
      if (id === undefined) throw new Error("No request was created.");
      return id;
    };
    const state = async (id: string) => (await kit.admin.run<{ request: Work }>(read, { id })).request;
    const [merged, into, split, converted, deleted] = [await made(), await made(), await made(), await made(), await made()];
    await this.call(kit.operations, "linkRequests", { id: merged, toId: into, kind: "RELATES_TO" });
    await this.call(kit.operations, "commentOnRequest", { id: split, audience: "PUBLIC", text: this.sentence() });
    await this.call(kit.operations, "mergeRequests", { id: merged, intoId: into });
    await this.split(
      split,
      (await state(split)).comments.edges.map(({ node }) => node.id),
    );
    await this.convert(converted, (await state(converted)).type.key);
    await this.call(kit.admin, "cancelWorkflow", { instanceId: (await state(deleted)).workflow.id, comment: "Wrong" });
    await this.delete(deleted);
    await this.restore();
    await this.call(kit.operations, "triageRequest", { id: into, priority: "URGENT", tags: [words[0]], dueAt: this.dueAt() });
    await this.call(kit.operations, "watchRequest", { id: into });
  }

  private assign(id: string): Promise<void> {
    const { random, kit } = this;
    const assignee = random.pick([
      { userId: kit.technician.id },
      { teamId: kit.teamId },
      { vendorId: kit.vendor.id },
      { vendorId: kit.vendor.id },
      null,
    ]);
    return this.call(kit.operations, "assignRequest", { id, assignee });
  }

  private async split(id: string, commentIds: readonly string[]): Promise<void> {
    const { random, kit } = this;
    const answer = await kit.operations.send<{ splitRequest: { newRequest: { id: string } } | null }>(
      "mutation ($input: SplitRequestInput!) { splitRequest(input: $input) { newRequest { id } } }",
      {
        input: {
          id,
          kind: random.pick(["PARENT_OF", "RELATES_TO"]),
          typeKey: "maintenance",
          data: { summary: this.sentence(), estimate: 100 },
          commentIds: random.some(commentIds, 0.5),
        },
      },
    );
    this.wasAccepted("splitRequest", answer);
    if (answer.data?.splitRequest) this.#ids.push(answer.data.splitRequest.newRequest.id);
  }

  private convert(id: string, from: string): Promise<void> {
    const { random, kit } = this;
    const summary = this.sentence();
    const given =
      from === "heating"
        ? { typeKey: "maintenance", data: { summary, estimate: 700 } }
        : { typeKey: "heating", data: { summary, radiator: random.pick(words) } };
    return this.call(kit.operations, "convertRequest", { id, ...given });
  }

  private async delete(id: string): Promise<void> {
    // Noted before: another worker can read the request as soon as it is deleted.
    this.#ids.splice(this.#ids.indexOf(id), 1);
    this.#deleted.push(id);
    if (await this.isAccepted(this.kit.admin, "deleteRequest", { id })) return;
    this.#deleted.splice(this.#deleted.indexOf(id), 1);
    this.#ids.push(id);
  }

  private async restore(): Promise<void> {
    const id = this.#deleted.shift();
    if (id === undefined) return;
    const isRestored = await this.isAccepted(this.kit.admin, "restoreRequest", { id });
    (isRestored ? this.#ids : this.#deleted).push(id);
  }

  private async call(user: TestUser, mutation: string, input: object): Promise<void> {
    await this.isAccepted(user, mutation, input);
  }

  private async isAccepted(user: TestUser, mutation: string, input: object): Promise<boolean> {
    const more = mutation === "suspendWorkflow" ? { reason: "Audit" } : {};
    return this.wasAccepted(mutation, await user.send(callOf(mutation), { input: { ...input, ...more } }));
  }

  /** @throws Error if a call failed for another reason than its arguments and the user's rights */
  private wasAccepted(mutation: string, { errors = [] }: Awaited<ReturnType<TestUser["send"]>>): boolean {
    const codes = errors.map(({ extensions }) => extensions?.code ?? "no code");
    const isUnexpected = codes.some((code) => !(expectedCodes as readonly string[]).includes(code));
    if (isUnexpected || errors.some(({ message }) => malformed.test(message)))
      throw new Error(`${mutation} failed: ${JSON.stringify(errors)}`);
    if (codes.length > 0) {
      this.refused.set(mutation, JSON.stringify(errors));
      return false;
    }
    this.count(mutation);
    return true;
  }

  private count(what: string): void {
    this.accepted.set(what, (this.accepted.get(what) ?? 0) + 1);
  }

  private sentence(): string {
    return [this.random.pick(words), "and", this.random.pick(words)].join(" ");
  }

  private place(): object {
    const { buildingId, assetId } = this.kit;
    return this.random.pick([{ buildingId, assetId }, { buildingId }]);
  }

  private dueAt(): string | null {
    return this.random.chance(0.7) ? new Date(Date.UTC(2031, 0, 1 + this.random.below(300))).toISOString() : null;
  }
}
