/** Reads what an inbound webhook does from an input, and validates it. */
import { compileMapping } from "@weft/engine";
import { BadUserInput, quote, suggestionFor, textProblems, type Problem, type Tx } from "@weft/shared";
import { findCustomType, selectCustomTypes } from "../types/event-type.store.js";
import type { InboundWebhookSettingsInput, UpdateInboundWebhookInput } from "./inbound-webhook.input.js";
import type { InboundWebhookRow } from "./inbound-webhook.store.js";

const MAX_EXPRESSION_CHARS = 2_000;
const MAX_HEADERS = 20;
const MAX_PREFIX_CHARS = 50;
const MAX_USERNAME_CHARS = 100;
const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
/** Headers that prove something. Their values are not kept. */
const PROVING: readonly string[] = [
  "authorization",
  "proxy-authorization",
  "cookie",
  "webhook-signature",
  "x-hub-signature",
  "x-hub-signature-256",
  "stripe-signature",
  "x-slack-signature",
];

export type Terms = Pick<
  InboundWebhookRow,
  "name" | "scheme" | "settings" | "status" | "eventType" | "condition" | "payload" | "subject" | "headerNames"
>;

type Given = Omit<UpdateInboundWebhookInput, "id" | "expectedVersion">;

/** Terms of a new webhook before the input is applied. */
export const newTerms = ({ name, scheme, eventType }: Pick<Terms, "name" | "scheme" | "eventType">): Terms => ({
  name,
  scheme,
  settings: {},
  status: "ACTIVE",
  eventType,
  condition: "",
  payload: null,
  subject: null,
  headerNames: scheme === "GITHUB" ? ["x-github-event"] : [],
});

/**
 * Applies an input to the terms of a webhook.
 * @throws BadUserInput with all problems
 */
export async function readTerms(tx: Tx, before: Terms, given: Given): Promise<Terms> {
  const shape = shapeProblems(given);
  if (shape.length > 0) throw new BadUserInput(shape);
  const expression = (value: string | null | undefined, old: string | null): string | null =>
    value === undefined ? old : value === null || value.trim() === "" ? null : value.trim();
  const terms: Terms = {
    ...before,
    ...(typeof given.name === "string" && { name: given.name.trim() }),
    ...(given.status && { status: given.status }),
    ...(typeof given.eventType === "string" && { eventType: given.eventType }),
    ...(given.settings && { settings: settingsOf(before.scheme, given.settings) }),
    ...(given.payload !== undefined && { payload: given.payload as Terms["payload"] }),
    ...(given.headers && { headerNames: [...new Set(given.headers.map((name) => name.toLowerCase()))] }),
    condition: expression(given.condition, before.condition) ?? "",
    subject: expression(given.subject, before.subject),
  };
  const { problems: unread } = compileMapping(terms);
  const problems = [
    ...settingsProblems(terms),
    ...headerProblems(terms),
    ...unread.map(({ path, message }) => ({ path: `input.${path}`, message })),
    ...(typeof given.eventType === "string" ? await typeProblems(tx, terms.eventType) : []),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
  return terms;
}

const problem = (path: string, message: string): Problem => ({ path: `input.${path}`, message });

function shapeProblems({ name, eventType, condition, subject, payload, headers, settings }: Given): Problem[] {
  const isObject = typeof payload === "object" && !Array.isArray(payload);
  return [
    ...textProblems("input.name", name, { max: 200 }),
    ...textProblems("input.eventType", eventType, { max: 100 }),
    ...textProblems("input.condition", condition, { max: MAX_EXPRESSION_CHARS, mayBeEmpty: true }),
    ...textProblems("input.subject", subject, { max: MAX_EXPRESSION_CHARS, mayBeEmpty: true }),
    ...textProblems("input.settings.prefix", settings?.prefix, { max: MAX_PREFIX_CHARS, mayBeEmpty: true }),
    ...textProblems("input.settings.username", settings?.username, { max: MAX_USERNAME_CHARS }),
    ...(payload === undefined || isObject
      ? []
      : [problem("payload", 'Expected an object with an expression for each property, for example { title: "body.title" }.')]),
    ...(headers && headers.length > MAX_HEADERS
      ? [problem("headers", `There are ${headers.length} headers; at most ${MAX_HEADERS} are allowed.`)]
      : []),
  ];
}

/** Names of headers in lower case, without the settings that were not given. Those of HMAC with a default value are always there. */
function settingsOf(scheme: string, given: InboundWebhookSettingsInput): Terms["settings"] {
  const { header, algorithm, encoding, prefix, timestampHeader, idHeader, username } = given;
  return {
    ...(scheme === "HMAC" && { algorithm: "SHA256" as const, encoding: "HEX" as const }),
    ...(header && { header: header.toLowerCase() }),
    ...(algorithm && { algorithm }),
    ...(encoding && { encoding }),
    ...(prefix && { prefix }),
    ...(timestampHeader && { timestampHeader: timestampHeader.toLowerCase() }),
    ...(idHeader && { idHeader: idHeader.toLowerCase() }),
    ...(username && { username }),
  };
}

const SETTINGS: Readonly<Record<string, readonly (keyof Terms["settings"])[]>> = {
  HMAC: ["header", "algorithm", "encoding", "prefix", "timestampHeader", "idHeader"],
  BASIC: ["username", "idHeader"],
};

/** Returns the settings that are missing, that have no meaning for the scheme, or that are not names of headers. */
function settingsProblems({ scheme, settings }: Terms): Problem[] {
  const possible = SETTINGS[scheme] ?? [];
  const unused = Object.keys(settings).filter((name) => !possible.some((each) => each === name));
  const required = scheme === "HMAC" ? "header" : scheme === "BASIC" ? "username" : null;
  const names = (["header", "timestampHeader", "idHeader"] as const).filter((name) => !HEADER_NAME.test(settings[name] ?? "x"));
  return [
    ...unused.map((name) => problem(`settings.${name}`, `The setting has no effect for the scheme ${scheme}. Omit it.`)),
    ...(required !== null && settings[required] === undefined
      ? [problem(`settings.${required}`, `The setting is required for the scheme ${scheme}.`)]
      : []),
    ...names.map((name) => problem(`settings.${name}`, `${quote(settings[name] ?? "")} is not a valid name of a header.`)),
    ...(settings.username?.includes(":") === true ? [problem("settings.username", "A user name cannot contain a colon.")] : []),
  ];
}

function headerProblems({ headerNames, settings }: Terms): Problem[] {
  return headerNames.flatMap((name, index) => {
    if (!HEADER_NAME.test(name)) return [problem(`headers.${index}`, `${quote(name)} is not a valid name of a header.`)];
    if (!PROVING.includes(name) && name !== settings.header) return [];
    return [problem(`headers.${index}`, `Expressions cannot read the header ${name}, because it contains a signature or credentials.`)];
  });
}

async function typeProblems(tx: Tx, name: string): Promise<Problem[]> {
  if ((await findCustomType(tx, name)) !== null) return [];
  const hint = suggestionFor(
    name,
    (await selectCustomTypes(tx)).map((type) => type.name),
  );
  return [problem("eventType", `There is no declared type ${quote(name)}. Declare it with declareEventType.${hint}`)];
}
