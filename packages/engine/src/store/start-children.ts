/** What is needed before children are started: their definitions, their first moves, and that there are not too many of them. */
import { newId, type Tx, type WriteMeta } from "@weft/shared";
import type { Actor } from "../core/actor.js";
import { MAX_FAMILY, MAX_FAMILY_DEPTH } from "../core/children.js";
import type { Machine } from "../core/machine.js";
import type { NewIncident } from "../core/incident.js";
import type { ChildToStart, Outcome } from "../core/outcome.js";
import { quote } from "../core/problems.js";
import type { Rejection } from "../core/rejection.js";
import { settle } from "../core/settle.js";
import { start } from "../core/start.js";
import { blankHead } from "./blank-head.js";
import { countFamily } from "./children.js";
import { rememberIfReadable } from "./machines.js";
import { findAllPublished, type EnvironmentName, type Published } from "./published.js";
import { snapshotOf, type InstanceHead } from "./snapshot.js";

/** A child that is about to be there, with what its start leads to. */
export type NewChild = { readonly blank: InstanceHead; readonly machine: Machine; readonly outcomes: readonly [Outcome, ...Outcome[]] };

export type Starter = {
  readonly meta: WriteMeta;
  readonly actor: Actor;
  /** Read once for all that are started together. */
  readonly definitions: Map<string, Published>;
  /** In this transaction. */
  started: number;
  /** How many more the family may have; null: to be counted. Its root is locked: nobody else adds to it. */
  room: number | null;
};

export type ToStart = {
  /** As it is when it starts them. */
  readonly parent: InstanceHead;
  readonly starts: readonly ChildToStart[];
  /** It ends the children that it has. */
  readonly replaces: boolean;
  readonly now: string;
};

/** Either all of them can be started, or an incident says why not one is. */
export async function prepareChildren(
  tx: Tx,
  starter: Starter,
  { parent, starts, replaces, now }: ToStart,
): Promise<{ readonly children: readonly NewChild[] } | { readonly incident: NewIncident }> {
  if (starts.length === 0) return { children: [] };
  const refuse = (message: string) => ({
    incident: {
      kind: "CHILDREN",
      message: `${message} None was started.`.slice(0, 2000),
      place: `states.${parent.state}.children`,
    } as const,
  });
  const ancestors = [...parent.ancestors, parent.id];
  if (ancestors.length > MAX_FAMILY_DEPTH)
    return refuse(
      `The children of ${quote(parent.state)} would stand ${ancestors.length} levels below their root; the most is ${MAX_FAMILY_DEPTH}.`,
    );
  const root = ancestors[0] ?? parent.id;
  starter.room ??= MAX_FAMILY - (await countFamily(tx, { root, without: replaces ? parent.id : null }));
  if (starts.length > starter.room || starter.started + starts.length > MAX_FAMILY)
    return refuse(`With ${starts.length} more children the family of the root would have more than ${MAX_FAMILY} that run.`);

  await readDefinitions(tx, starter, { parent, starts });
  const children: NewChild[] = [];
  for (const one of starts) {
    const name = `${one.rule}[${one.index}]`;
    const definition = starter.definitions.get(one.definition);
    if (!definition) return refuse(`The child ${name} cannot start: there is no published definition ${quote(one.definition)}.`);
    const machine = rememberIfReadable(starter.meta.tenantId, definition);
    if (!machine) return refuse(`The child ${name} cannot start: its definition ${quote(one.definition)} cannot be read.`);
    const child = newChild(starter, { parent, one, definition, machine, ancestors, now });
    if ("rejection" in child) return refuse(`The child ${name} (${one.definition}) cannot start: ${reasonOf(child.rejection)}`);
    children.push(child);
  }
  starter.started += children.length;
  starter.room -= children.length;
  return { children };
}

/** Of the environment of the parent, which is that of its whole family. */
async function readDefinitions(tx: Tx, { definitions }: Starter, { parent, starts }: Pick<ToStart, "parent" | "starts">): Promise<void> {
  const keys = new Set(starts.map(({ definition }) => definition).filter((key) => !definitions.has(key)));
  if (keys.size === 0) return;
  for (const one of await findAllPublished(tx, [...keys], parent.environment as EnvironmentName)) definitions.set(one.key, one);
}

type Plan = {
  readonly parent: InstanceHead;
  readonly one: ChildToStart;
  readonly definition: Published;
  readonly machine: Machine;
  readonly ancestors: readonly string[];
  readonly now: string;
};

function newChild(
  { meta, actor }: Starter,
  { parent, one, definition, machine, ancestors, now }: Plan,
): NewChild | { readonly rejection: Rejection } {
  const { ownerId, teamId } = parent;
  const environment = parent.environment as EnvironmentName;
  const started = start(machine, { data: one.data, ownerId, teamId, actor, now });
  if (!started.ok) return { rejection: started.rejection };
  const blank: InstanceHead = {
    ...blankHead({ tenantId: meta.tenantId, id: newId(), definition, outcome: started.outcome, ownerId, teamId, environment }),
    parentId: parent.id,
    parentState: parent.state,
    parentVersion: parent.version,
    parentRule: one.rule,
    childIndex: one.index,
    ancestors: [...ancestors],
  };
  return { blank, machine, outcomes: settle(machine, snapshotOf(blank, []), started.outcome, actor) };
}

const reasonOf = ({ problems, reasons }: Rejection): string =>
  [...problems.map(({ path, message }) => `${path}: ${message}`), ...reasons.map(({ message }) => message)].slice(0, 3).join(" ");
