import { compile, parseDefinition, type Machine } from "@weft/engine";
import { loadExampleDefinition, seedOperations } from "@weft/standalone";
import type { TestTenant } from "../test-tenant.js";
import { advanceClock } from "../tenants/advance-clock.js";
import type { TestUser } from "../test-user.js";
import type { SharedWeft } from "../test-weft.js";

/** A compiled scenario of a definition. */
export type Scenario = Machine["scenarios"][number];
/** A person in a scenario. */
export type Person = Scenario["given"]["owner"];

/** A tenant in which templates are published and users perform their scenarios. */
export interface Stage {
  readonly tenant: TestTenant;
  /** All published templates, by key. */
  readonly machines: ReadonlyMap<string, Machine>;
  /** Returns the user who plays the person. The same name with the same roles always returns the same user. */
  user(person: Person): Promise<TestUser>;
  /** Moves the clock of the tenant forward, and waits until everything that is due then has happened. */
  advance(days: number): Promise<void>;
}

/** Publishes templates in this order, each with a request type of the same key, so that users without `workflow.start` can start them. */
export async function openStage(weft: SharedWeft, tenant: TestTenant, keys: readonly string[]): Promise<Stage> {
  const machines = new Map<string, Machine>();
  const users = new Map<string, Promise<TestUser>>();
  const user = ({ id, roles }: Person): Promise<TestUser> => {
    const [first, ...more] = roles;
    if (first === undefined) throw new Error(`${id} has no role: nobody logs in without one.`);
    const name = `${id} ${roles.join(" ")}`;
    const made = users.get(name) ?? tenant.user(first, { roles: more, name });
    users.set(name, made);
    return made;
  };
  for (const key of keys) machines.set(key, machineOf(await loadExampleDefinition(key)));
  // Before publishing, because steps that no user can perform would cause a warning.
  for (const { scenarios } of machines.values())
    for (const { given } of scenarios.filter(isOfEmployees)) for (const person of given.people.values()) await user(person);
  for (const [key, machine] of machines) await publish(tenant, key, machine);
  return { tenant, machines, user, advance: (days) => advanceClock(weft, tenant, { days }) };
}

/** Whether only employees act in a scenario. The tests of registrations play the vendors that are given their onboarding. */
export const isOfEmployees = ({ given }: Machine["scenarios"][number]): boolean => given.assignee === null;

/** Compiles a valid definition and returns its machine. */
export function machineOf(source: string): Machine {
  const { document, problems, locate } = parseDefinition(source);
  const result = compile(document, { locate });
  if (problems.length > 0 || !result.ok) throw new Error(JSON.stringify(result.ok ? problems : result.problems));
  return result.machine;
}

async function publish({ admin }: TestTenant, key: string, machine: Machine): Promise<void> {
  const { createDefinition } = await admin.run<{ createDefinition: { definition: { id: string } } }>(seedOperations.createDefinition, {
    input: { source: await loadExampleDefinition(key) },
  });
  await admin.run(seedOperations.publishDefinition, { input: { id: createDefinition.definition.id } });
  const [first = ""] = machine.states.get(machine.initial)?.transitions.keys() ?? [];
  const fields = [...machine.data.root.properties.keys()];
  const numberPrefix = key.replaceAll("-", "").toUpperCase().slice(0, 10);
  const transitions = { submitTransition: first, cancelTransition: first };
  await admin.run(seedOperations.createRequestType, {
    input: { key, name: machine.name, definitionKey: key, numberPrefix, fields, ...transitions },
  });
}
