import { actionName, type AuditDetails } from "@weft/platform/audit";
import type { OpenedEntry } from "./audit-entry.columns.js";

type Summarized = Pick<OpenedEntry, "action" | "entityType" | "before" | "after"> & Partial<Pick<OpenedEntry, "details">>;
type Image = Readonly<Record<string, unknown>>;

const irregular: Readonly<Record<string, string>> = {
  become: "became",
  begin: "began",
  break: "broke",
  cancel: "cancelled",
  forget: "forgot",
  login: "logged in",
  logout: "logged out",
  put: "put",
  run: "ran",
  send: "sent",
  set: "set",
  split: "split",
  take: "took",
  undo: "undid",
  update: "changed",
  withdraw: "withdrew",
};

const doubled = /(?:tag|stop|skip|submit|drop|transfer|pin|log|plan|ship)$/;

/** Columns that change with every change. */
const attendant: ReadonlySet<string> = new Set(["version", "updatedAt", "updated_at", "enteredAt", "lastActivityAt"]);
const maxNames = 6;

/** Returns what an entry says, as a sentence without the actor: `Moved from "draft" to "submitted".` */
export function summaryOf({ action, entityType, before, after, details }: Summarized): string {
  const [, verb = ""] = actionName(action).split(".");
  if (details) return ofOperation(verb, details);
  if (entityType === "instance") return `${ofWorkflow(verb, before, after)}${changedData(before, after)}`;
  const { past, rest } = inWords(verb);
  // `login`, and `refreshReused`, which is a sentence already.
  if (entityType === "session" && rest === "") return `${past}.`;
  if (/[a-z][A-Z][a-z]*ed$/.test(verb)) return `${capitalized(wordsOf(verb))}.`;
  const object = wordsOf(entityType);
  const changed = verb === "update" ? listed(changedNames(before, after)) : rest;
  return changed === "" ? `${past} the ${object}.` : `${past} ${changed} of the ${object}.`;
}

/** `Was refused Mutation.createBuilding (FORBIDDEN), 3 times.` */
function ofOperation(verb: string, { operation, code, count }: AuditDetails): string {
  const what = verb === "refuse" ? "Was refused" : verb === "fail" ? "Failed at" : "Read";
  return `${what} ${operation}${code === undefined ? "" : ` (${code})`}${count > 1 ? `, ${count} times` : ""}.`;
}

function ofWorkflow(verb: string, before: Image | null, after: Image | null): string {
  const [from, to] = [before?.["state"], after?.["state"]];
  const { past, rest } = inWords(verb);
  const act = verb === "fire" ? "" : `${past} ${rest === "" ? "the workflow" : `${rest} of the workflow`}`;
  if (before === null) return typeof to === "string" ? `Started the workflow in "${to}".` : `${act}.`;
  if (typeof from === "string" && typeof to === "string" && from !== to)
    return act === "" ? `Moved from "${from}" to "${to}".` : `${act}: from "${from}" to "${to}".`;
  return act === "" ? `Fired a transition in "${String(to)}".` : `${act}.`;
}

function changedData(before: Image | null, after: Image | null): string {
  const names = changedNames((before?.["data"] ?? null) as Image | null, (after?.["data"] ?? null) as Image | null);
  return names.length === 0 ? "" : ` Data: ${listed(names)}.`;
}

function changedNames(before: Image | null, after: Image | null): string[] {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...names].filter((name) => !attendant.has(name) && JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]));
}

function listed(names: readonly string[]): string {
  if (names.length > maxNames) return `${names.slice(0, maxNames).join(", ")} and ${names.length - maxNames} more`;
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
}

/** `setContact` as `Set` and `contact`. */
function inWords(verb: string): { readonly past: string; readonly rest: string } {
  const [first = "", ...others] = wordsOf(verb).split(" ");
  const past = irregular[first] ?? regularPast(first);
  return { past: capitalized(past), rest: others.join(" ") };
}

function regularPast(verb: string): string {
  if (verb.endsWith("e")) return `${verb}d`;
  if (/[^aeou]y$/.test(verb)) return `${verb.slice(0, -1)}ied`;
  return doubled.test(verb) ? `${verb}${verb.slice(-1)}ed` : `${verb}ed`;
}

const capitalized = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

const wordsOf = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
