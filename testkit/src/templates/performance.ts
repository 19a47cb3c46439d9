import type { Machine } from "@weft/engine";
import type { ApiError } from "@weft/standalone";
import { factsOf } from "./facts.js";
import { childrenOf, compare, isOpen, readSeen, type Seen, type SeenTask, withIds } from "./seen.js";
import type { Person, Scenario, Stage } from "./stage.js";

type Act = NonNullable<Scenario["steps"][number]["act"]>;
type Complete = Extract<Act, { kind: "complete" }>;
type CheckAct = Extract<Act, { kind: "check" }>;
type Rejected = Extract<Act, { kind: "rejected" }>;

const operations = {
  create: "mutation Begin($input: CreateRequestInput!) { createRequest(input: $input) { request { id workflow { id } } } }",
  update: "mutation Change($input: UpdateRequestInput!) { updateRequest(input: $input) { request { id } } }",
  assign: "mutation Assign($input: AssignRequestInput!) { assignRequest(input: $input) { request { id } } }",
  fire: "mutation Fire($input: FireTransitionInput!) { fireTransition(input: $input) { instance { id } } }",
  cancel: "mutation Cancel($input: CancelWorkflowInput!) { cancelWorkflow(input: $input) { instance { id } } }",
  claim: "mutation Claim($input: KeyedIdInput!) { claimTask(input: $input) { task { id } } }",
  checkItem: "mutation CheckItem($input: UpdateChecklistItemInput!) { updateChecklistItem(input: $input) { task { id } } }",
  complete: "mutation Complete($input: CompleteTaskInput!) { completeTask(input: $input) { task { id } } }",
} as const;

/**
 * Performs a scenario through the API with logged-in users, and compares its expectations with the administrator's view. Its clock moves in whole
 * days. Returns the facts: transitions taken and rejected, see `factsOf`. Throws if anything differs from the scenario.
 */
export async function performScenario(stage: Stage, machine: Machine, scenario: Scenario): Promise<readonly string[]> {
  const { given, steps } = scenario;
  const ids = new Map<string, string>();
  for (const person of given.people.values()) ids.set(person.id, (await stage.user(person)).id);
  const owner = await stage.user(given.owner);
  const { createRequest } = await owner.run<{ createRequest: { request: { id: string; workflow: { id: string } } } }>(operations.create, {
    input: { typeKey: machine.key, data: withIds(given.data, ids) },
  });
  const play = new Performance(stage, machine, { ids, requestId: createRequest.request.id, id: createRequest.request.workflow.id });
  for (const [index, { act, expect }] of steps.entries()) {
    try {
      if (act) await play.perform(act);
      if (expect) await play.expect(expect, given.now);
    } catch (cause) {
      throw new Error(`${machine.key}, ${scenario.name}, step ${index}: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
    }
  }
  await play.expect(scenario.expect, given.now);
  const taken = (await play.see()).history.flatMap(({ kind, from, transition }) =>
    kind === "TRANSITION" ? [`${from}.${transition} taken`] : [],
  );
  return [...taken, ...play.facts];
}

function daysOf({ period }: Extract<Act, { kind: "advance" }>): number {
  if (period.kind === "calendar" && period.duration.days > 0) return period.duration.days;
  throw new Error("The clock of a walk moves in days, such as P2D.");
}

interface Begun {
  readonly ids: ReadonlyMap<string, string>;
  readonly requestId: string;
  /** ID of the instance. */
  readonly id: string;
}

class Performance {
  readonly facts: string[] = [];
  #isClockMoved = false;
  #seen: Seen | null = null;

  constructor(
    readonly stage: Stage,
    readonly machine: Machine,
    readonly begun: Begun,
  ) {}

  /** Returns the instance as of the last action. */
  async see(): Promise<Seen> {
    const hasChildren = [...this.machine.states.values()].some(({ children }) => children.length > 0);
    return (this.#seen ??= await readSeen(this.stage.tenant.admin, this.begun.id, hasChildren));
  }

  async expect(expected: Scenario["expect"], now: string): Promise<void> {
    compare(await this.see(), expected, { ids: this.begun.ids, now: this.#isClockMoved ? null : now });
  }

  async perform(act: Act): Promise<void> {
    await this.#perform(act);
    if (act.kind !== "rejected") this.#seen = null;
  }

  async #perform(act: Act): Promise<void> {
    const { requestId, id, ids } = this.begun;
    if (act.kind === "advance") {
      this.#isClockMoved = true;
      return this.stage.advance(daysOf(act));
    }
    if (act.kind === "call") throw new Error(`No system is connected that could answer ${act.integration}.${act.action}.`);
    const who = await this.stage.user(act.by);
    switch (act.kind) {
      case "fire":
        return void (await who.run(operations.fire, { input: { instanceId: id, ...this.#filled(act) } }));
      case "complete":
        return this.#complete(act);
      case "rejected":
        return this.#rejected(act);
      case "claim":
        return void (await who.run(operations.claim, { input: { id: this.#find(await this.see(), act.task, act).id } }));
      case "check":
        return this.#checkItem(act);
      case "data":
        return void (await who.run(operations.update, { input: { id: requestId, data: withIds(act.patch, ids) } }));
      case "assign":
        return void (await who.run(operations.assign, { input: { id: requestId, assignee: act.to && { userId: ids.get(act.to.id) } } }));
      case "cancel":
        return void (await who.run(operations.cancel, { input: { instanceId: id, comment: act.comment } }));
      case "child":
        return this.#endChild(act);
      default:
        return act satisfies never;
    }
  }

  /** Works as users do: claims the task, then completes it. */
  async #complete(act: Complete): Promise<void> {
    const who = await this.stage.user(act.by);
    const task = this.#find(await this.see(), act.task, act, act.copy);
    await who.run(operations.claim, { input: { id: task.id } });
    await who.run(operations.complete, { input: { id: task.id, ...this.#filled(act) } });
  }

  async #rejected(act: Rejected): Promise<void> {
    const who = await this.stage.user(act.by);
    const now = await this.see();
    const task = act.task === null ? null : this.#find(now, act.task, act, null, true);
    const isLate = task !== null && !isOpen(task);
    const { state = now.state, rule = null } = task ?? {};
    const error = await (task === null
      ? who.refused(operations.fire, { input: { instanceId: this.begun.id, ...this.#filled(act) } })
      : who.refused(operations.complete, { input: { id: task.id, ...this.#filled(act) } }));
    this.facts.push(...factsOf(error, { state, rule, transition: act.transition, isLate }));
    assertBecause(act, error);
  }

  async #checkItem(act: CheckAct): Promise<void> {
    const who = await this.stage.user(act.by);
    const { id, checklist } = this.#find(await this.see(), act.task, act, act.copy);
    const meant = checklist.filter(({ title, isDone }) => !isDone && act.items.includes(title));
    for (const { key } of meant) await who.run(operations.checkItem, { input: { id, itemKey: key } });
  }

  #filled({ transition, input, comment }: Complete | Rejected | Extract<Act, { kind: "fire" }>): Record<string, unknown> {
    return { transition, comment, ...(input && { input: withIds(input, this.begun.ids) }) };
  }

  /** Returns the person's own task, or else one that is offered to them. With `orOver`, returns the last task if none is open. */
  #find({ tasks, state }: Seen, rule: string | null, { by }: { by: Person }, copy: number | null = null, orOver = false): SeenTask {
    const meant = tasks.filter((task) => (rule === null ? task.state === state : task.rule === rule));
    const open = meant.filter(isOpen).slice(copy === null ? 0 : copy - 1);
    const me = this.begun.ids.get(by.id);
    const offered = (task: SeenTask): boolean =>
      task.assignee === null && (task.candidateRoles.length === 0 || task.candidateRoles.some((role) => by.roles.includes(role)));
    const found = open.find(({ assignee }) => assignee?.id === me) ?? open.find(offered) ?? open[0] ?? (orOver ? meant.at(-1) : undefined);
    if (!found)
      throw new Error(
        `There is no task ${rule ?? "here"} for ${by.id}; there are: ${tasks.map((task) => `${task.rule} ${task.status}`).join(", ")}.`,
      );
    return found;
  }

  /** Ends the child with a separate transition, from its current state to the given ending. */
  async #endChild({ rule, index, ending, data, by }: Extract<Act, { kind: "child" }>): Promise<void> {
    const who = await this.stage.user(by);
    const child = childrenOf(await this.see()).find(
      (one) => one.parentRule === rule && one.childIndex === index && one.status === "RUNNING",
    );
    const machine = this.stage.machines.get(child?.definitionKey ?? "");
    if (!child || !machine) throw new Error(`There is no running child ${rule} ${index}.`);
    if (ending === "cancelled") return void (await who.run(operations.cancel, { input: { instanceId: child.id } }));
    const transition = [...(machine.states.get(child.state)?.transitions.values() ?? [])].find(
      ({ to }) => machine.states.get(to)?.final === ending,
    );
    if (!transition) throw new Error(`${child.state} of ${machine.key} has no way to an end ${ending}.`);
    const asked = new Set(transition.input?.root.properties.keys());
    const filled = asked.size > 0 ? { input: Object.fromEntries(Object.entries(data ?? {}).filter(([name]) => asked.has(name))) } : {};
    const comment = transition.requiresComment ? "So it ended" : null;
    await who.run(operations.fire, { input: { instanceId: child.id, transition: transition.name, comment, ...filled } });
  }
}

type Refusal = { readonly code?: string; readonly reasons?: readonly { readonly code: string }[] };
const refusalOf = ({ extensions = {} }: ApiError): Refusal => extensions;

/** Asserts that the definition caused the refusal, for the reason given in the scenario. */
function assertBecause({ because, transition, name }: Rejected, error: ApiError): void {
  const { code, reasons = [] } = refusalOf(error);
  const isDefinitions = code === "TRANSITION_REJECTED" || code === "BAD_USER_INPUT";
  // A task that is not open or not offered is refused by the corresponding rule.
  const isMeant = because === null || because === "task" || reasons.some((reason) => reason.code === because);
  if (!isDefinitions || !isMeant)
    throw new Error(`${transition} by ${name} is rejected, but with ${code}: ${error.message} ${JSON.stringify(reasons)}`);
}
