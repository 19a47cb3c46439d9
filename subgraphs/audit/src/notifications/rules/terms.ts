/** Reads what a rule says from an input, and validates it against the event types and the tenant's roles, teams and users. */
import { compileNoticeRule } from "@weft/engine";
import { BadUserInput, type Problem, quote } from "@weft/shared/errors";
import { triggeringTypes } from "@weft/shared/event-catalog";
import { decodeId } from "@weft/shared/ids";
import { suggestionFor, textProblems } from "@weft/shared/texts";
import type { Tx } from "@weft/platform/db";
import { declaredTypes } from "../../events/types/event-type.service.js";
import { channels as allChannels } from "../preferences/effective.js";
import { schemasOf, sourceOf } from "./rule-event.js";
import { findKnown, type RuleRecipient, type RuleRow } from "./rule.store.js";
import {
  type NotificationRecipientType,
  type NotificationRecipientInput,
  type UpdateNotificationRuleInput,
  notificationRuleColumns,
} from "./rule.type.js";

const root = "input";
const MAX_TYPES = 50;
const MAX_RECIPIENTS = 50;
const MAX_PROBLEMS = 50;
export type Terms = Pick<
  RuleRow,
  "name" | "eventTypes" | "condition" | "recipients" | "title" | "body" | "channels" | "isMandatory" | "status"
>;
type Given = Omit<UpdateNotificationRuleInput, "id" | "idempotencyKey" | "expectedVersion">;

/** Terms of a new rule before the input is applied. */
export const newTerms: Terms = {
  name: "",
  eventTypes: [],
  condition: "",
  recipients: [],
  title: "",
  body: "",
  channels: ["IN_APP"],
  isMandatory: false,
  status: "ACTIVE",
};

/**
 * Applies an input to the terms of a rule.
 * @throws BadUserInput with all problems
 */
export async function readTerms(tx: Tx, before: Terms, given: Given): Promise<Terms> {
  const shape = shapeProblems(given);
  if (shape.length > 0) throw new BadUserInput(shape);
  const { name, eventTypes, condition, recipients, title, body, channels, isMandatory, status } = given;
  const terms: Terms = {
    ...before,
    ...(typeof name === "string" && { name: name.trim() }),
    ...(eventTypes && { eventTypes: [...new Set(eventTypes)] }),
    ...(condition !== undefined && { condition: condition?.trim() ?? "" }),
    ...(recipients && { recipients: recipients.map((one, at) => toStored(one, `${root}.recipients.${at}`)) }),
    ...(typeof title === "string" && { title: title.trim() }),
    ...(body !== undefined && { body: body?.trim() ?? "" }),
    ...(channels && { channels: allChannels.filter((one) => channels.includes(one)) }),
    ...(typeof isMandatory === "boolean" && { isMandatory }),
    ...(status && { status }),
  };
  const problems = [...(await typeProblems(tx, terms)), ...(recipients ? await recipientProblems(tx, terms) : [])];
  if (problems.length > 0) throw new BadUserInput(problems.slice(0, MAX_PROBLEMS));
  return terms;
}

function shapeProblems(given: Given): Problem[] {
  const problem = (name: string, message: string): Problem => ({ path: `${root}.${name}`, message });
  const { eventTypes, recipients, channels } = given;
  return [
    ...notificationRuleColumns.textProblems(given),
    ...(eventTypes && (eventTypes.length === 0 || eventTypes.length > MAX_TYPES)
      ? [problem("eventTypes", `A rule has 1 to ${MAX_TYPES} event types, not ${eventTypes.length}.`)]
      : []),
    ...(channels?.length === 0 ? [problem("channels", `A rule needs a channel: ${allChannels.join(" or ")}.`)] : []),
    ...(recipients && (recipients.length === 0 || recipients.length > MAX_RECIPIENTS)
      ? [problem("recipients", `A rule has 1 to ${MAX_RECIPIENTS} recipients, not ${recipients.length}.`)]
      : (recipients ?? []).flatMap((one, at) => oneProblems(one, `${root}.recipients.${at}`))),
  ];
}

const fieldOf = {
  ROLE: "role",
  TEAM: "teamId",
  USER: "userId",
  RELATION: "relation",
  EXPRESSION: "expression",
  TEAM_CHATS: "teamId",
  CHAT: "destinationId",
} as const satisfies Record<NotificationRecipientType, keyof NotificationRecipientInput>;

function oneProblems(one: NotificationRecipientInput, path: string): Problem[] {
  const wanted = fieldOf[one.type];
  const others = [...new Set(Object.values(fieldOf))].filter(
    (field) => field !== wanted && one[field] !== undefined && one[field] !== null,
  );
  const value = one[wanted];
  return [
    ...(value === undefined || value === null || value.trim() === ""
      ? [{ path: `${path}.${wanted}`, message: `The field is required for the type ${one.type}.` }]
      : textProblems(`${path}.${wanted}`, value, { max: wanted === "expression" ? 2_000 : 200 })),
    ...others.map((field) => ({ path: `${path}.${field}`, message: `The field has no effect for the type ${one.type}. Omit it.` })),
  ];
}

function toStored(
  { type, role, teamId, destinationId, userId, relation, expression }: NotificationRecipientInput,
  path: string,
): RuleRecipient {
  switch (type) {
    case "ROLE":
      return { type, role: role ?? "" };
    case "TEAM":
    case "TEAM_CHATS":
      return { type, teamId: decodeId("team", teamId ?? "", `${path}.teamId`) };
    case "CHAT":
      return { type, destinationId: decodeId("notificationDestination", destinationId ?? "", `${path}.destinationId`) };
    case "USER":
      return { type, userId: decodeId("user", userId ?? "", `${path}.userId`) };
    case "RELATION":
      if (!relation) throw new BadUserInput([{ path: `${path}.relation`, message: "The field is required for the type RELATION." }]);
      return { type, relation };
    case "EXPRESSION":
      return { type, expression: expression?.trim() ?? "" };
    default:
      return type satisfies never;
  }
}

/** Compiles the texts for each type of events. The same problem for several types is reported once. */
async function typeProblems(tx: Tx, terms: Terms): Promise<Problem[]> {
  const isCustom = terms.eventTypes.some((type) => type.startsWith("custom."));
  const declared = new Map(isCustom ? (await declaredTypes(tx)).map((row) => [row.name, row.payloadSchema]) : []);
  const found = new Map<string, Problem>();
  const known = [...triggeringTypes.filter((type) => type !== "custom.published"), ...declared.keys()];
  for (const [at, type] of terms.eventTypes.entries()) {
    const schemas = schemasOf(type, declared);
    if (schemas === null) {
      const message = `${quote(type)} is not an event type that rules can apply to. The query eventTypes lists them.${suggestionFor(type, known)}`;
      found.set(`type ${type}`, { path: `${root}.eventTypes.${at}`, message });
      continue;
    }
    for (const { path, message } of compileNoticeRule(sourceOf(terms), schemas).problems) {
      const where = terms.eventTypes.length > 1 ? ` Event type: ${type}.` : "";
      const key = `${path} ${message}`;
      if (!found.has(key)) found.set(key, { path: `${root}.${path.replace(/\[(\d+)\]/g, ".$1")}`, message: `${message}${where}` });
    }
  }
  return [...found.values()];
}

async function recipientProblems(tx: Tx, { recipients }: Terms): Promise<Problem[]> {
  const roles = recipients.flatMap((one) => (one.type === "ROLE" ? [one.role] : []));
  const teams = recipients.flatMap((one) => (one.type === "TEAM" || one.type === "TEAM_CHATS" ? [one.teamId] : []));
  const chats = recipients.flatMap((one) => (one.type === "CHAT" ? [one.destinationId] : []));
  const users = recipients.flatMap((one) => (one.type === "USER" ? [one.userId] : []));
  if (roles.length + teams.length + users.length + chats.length === 0) return [];
  const known = await findKnown(tx, { roles, teams, users, chats });
  return recipients.flatMap((one, at) => {
    const path = `${root}.recipients.${at}`;
    if (one.type === "ROLE" && !known.roles.has(one.role))
      return [{ path: `${path}.role`, message: `There is no role ${quote(one.role)}. The query roles lists them.` }];
    if ((one.type === "TEAM" || one.type === "TEAM_CHATS") && !known.teams.has(one.teamId))
      return [{ path: `${path}.teamId`, message: "There is no such team." }];
    if (one.type === "CHAT" && !known.chats.has(one.destinationId))
      return [
        { path: `${path}.destinationId`, message: "There is no such chat of a team. The query teamNotificationDestinations lists them." },
      ];
    if (one.type === "USER" && !known.users.has(one.userId)) return [{ path: `${path}.userId`, message: "There is no such active user." }];
    return [];
  });
}
