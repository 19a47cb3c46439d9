/** Prepares the start of children: their definitions, their first outcomes, and the check that there are not too many of them. */
import { newId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import type { TenantSecrets } from "@weft/platform/secrets";
import { isAutomation, stepOfRule } from "../../core/automation/child-runs.js";
import type { Actor } from "../../core/model/actor.js";
import { MAX_HIERARCHY, MAX_HIERARCHY_DEPTH } from "../../core/children/limits.js";
import type { Machine } from "../../core/model/machine.js";
import type { ChildToStart, Outcome } from "../../core/model/outcome.js";
import { quote } from "../../core/model/problems.js";
import { badInput, type InputProblem, type Rejection } from "../../core/model/rejection.js";
import { pathText } from "../../core/model/condition.js";
import { splitSecretInputs, type SplitInputs } from "../../core/automation/inputs.js";
import { fireAutomatic } from "../../core/automatic/fire-automatic.js";
import { start } from "../../core/instance/start.js";
import { newInstanceHead } from "../outcome/new-instance-head.js";
import { countHierarchy } from "./children.js";
import { rememberIfReadable } from "../definition/machines.js";
import { findAllPublished, type EnvironmentName, type Published } from "../definition/published.js";
import { snapshotOf } from "../model/snapshot.js";
import type { InstanceHead } from "../model/instance-head.js";
import { inCalendars } from "../calendar/calendars.js";

/** A child that will be started, with what its start leads to. */
export type NewChild = {
  readonly blank: InstanceHead;
  readonly machine: Machine;
  readonly outcomes: readonly [Outcome, ...Outcome[]];
  /** Values of its secret inputs, which are no part of its data. */
  readonly secretInputs: SplitInputs["secrets"];
};

export type Starter = {
  readonly meta: WriteMeta;
  readonly actor: Actor;
  /** Read once for all that are started together. */
  readonly definitions: Map<string, Published>;
  /** Number in this transaction. */
  started: number;
  /** Seals secret inputs. Absent: children cannot have any. */
  readonly secrets?: TenantSecrets | undefined;
  /** How many more instances the hierarchy can have; null: not counted yet. Its root is locked, so nothing else can add to it. */
  room: number | null;
};

export type ToStart = {
  /** The parent at the time when it starts them. */
  readonly parent: InstanceHead;
  readonly starts: readonly ChildToStart[];
  /** Whether its existing children are ended. */
  readonly replaces: boolean;
  readonly now: string;
};

/** Why children cannot be started. LIMIT: there would be too many, or too many levels. */
export type Refusal = { readonly code: "LIMIT" | "UNKNOWN" | "INVALID"; readonly message: string };

/** Either all of them can be started, or none. */
export async function prepareChildren(
  tx: Tx,
  starter: Starter,
  { parent, starts, replaces, now }: ToStart,
): Promise<{ readonly children: readonly NewChild[] } | { readonly refusal: Refusal }> {
  if (starts.length === 0) return { children: [] };
  const refuse = (code: Refusal["code"], message: string) => ({ refusal: { code, message } });
  const ancestors = [...parent.ancestors, parent.id];
  if (ancestors.length > MAX_HIERARCHY_DEPTH)
    return refuse(
      "LIMIT",
      `The children of ${quote(parent.state)} would be ${ancestors.length} levels below their root; the maximum is ${MAX_HIERARCHY_DEPTH}.`,
    );
  const root = ancestors[0] ?? parent.id;
  starter.room ??= MAX_HIERARCHY - (await countHierarchy(tx, { root, without: replaces ? parent.id : null }));
  if (starts.length > starter.room || starter.started + starts.length > MAX_HIERARCHY)
    return refuse(
      "LIMIT",
      `With ${starts.length} more children, the hierarchy of the root would have more than ${MAX_HIERARCHY} running instances.`,
    );

  await readDefinitions(tx, starter, { parent, starts });
  const children: NewChild[] = [];
  for (const one of starts) {
    const refused = (code: Refusal["code"], message: string) => refuse(code, `${nameOf(one)} cannot start: ${message}`);
    const definition = starter.definitions.get(one.definition);
    if (!definition) return refused("UNKNOWN", `there is no published definition ${quote(one.definition)}.`);
    const machine = await inCalendars(tx, rememberIfReadable(starter.meta.tenantId, definition), parent);
    if (!machine) return refused("UNKNOWN", `its definition ${quote(one.definition)} cannot be read.`);
    const child = newChild(starter, { parent, one, definition, machine, ancestors, now });
    if ("rejection" in child) return refused("INVALID", reasonOf(child.rejection, machine));
    children.push(child);
  }
  starter.started += children.length;
  starter.room -= children.length;
  return { children };
}

/** Of the environment of the parent, which the whole hierarchy shares. */
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
  { meta, actor, secrets }: Starter,
  { parent, one, definition, machine, ancestors, now }: Plan,
): NewChild | { readonly rejection: Rejection } {
  const { ownerId, teamId } = parent;
  const environment = parent.environment as EnvironmentName;
  const { data, secrets: secretInputs, problems } = splitSecretInputs(machine, one.data);
  if (problems.length > 0) return { rejection: badInput(problems).rejection };
  const [sealed] = Object.keys(secretInputs);
  if (sealed !== undefined && !secrets) return { rejection: badInput([unsealed(sealed)]).rejection };
  const shown = one.secretMembers?.find((name) => !Object.hasOwn(secretInputs, name));
  if (shown !== undefined) return { rejection: badInput([notSecret(shown)]).rejection };
  const started = start(machine, { data, ownerId, teamId, actor, now });
  if (!started.ok) return { rejection: started.rejection };
  const blank: InstanceHead = {
    ...newInstanceHead({ tenantId: meta.tenantId, id: newId(), definition, outcome: started.outcome, ownerId, teamId, environment }),
    parentId: parent.id,
    parentState: parent.state,
    parentVersion: parent.version,
    parentRule: one.rule,
    childIndex: one.index,
    ancestors: [...ancestors],
  };
  return { blank, machine, outcomes: fireAutomatic(machine, snapshotOf(blank, []), started.outcome, actor), secretInputs };
}

const unsealed = (name: string): InputProblem => ({
  path: pathText(["data", name]),
  message: "Only startWorkflow and steps of the type workflow can give secret inputs: everything else stores what it starts.",
});

/** Other inputs, and the data of workflows, are stored as they are and shown. */
const notSecret = (name: string): InputProblem => ({
  path: pathText(["data", name]),
  message: "The value is secret, and can be passed to a secret input only. Declare the input with secret: true.",
});

/** What a step starts has no name of its own. */
const nameOf = ({ rule, index, definition }: ChildToStart): string =>
  stepOfRule(rule) ? quote(definition) : `The child ${rule}[${index}] (${definition})`;

/** The data of an automation are its inputs. */
function reasonOf({ problems, reasons }: Rejection, machine: Machine): string {
  const shown = (path: string): string => (isAutomation(machine) ? path.replace(/^data\b/, "inputs") : path);
  const messages = [...problems.map(({ path, message }) => `${shown(path)}: ${message}`), ...reasons.map(({ message }) => message)];
  return messages.slice(0, 3).join(" ");
}
