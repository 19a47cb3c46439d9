/** Reads what an inbound webhook does from an input, and validates it. */
import { BadUserInput, type Problem, quote } from "@weft/shared/errors";
import { textProblems } from "@weft/shared/texts";
import type { Tx } from "@weft/platform/db";
import { mappingProblems, mappingShapeProblems, mappingTerms } from "../mapping/mapping-terms.js";
import type { InboundWebhookRow } from "./inbound-webhook.store.js";
import { type InboundWebhookSettingsInput, type UpdateInboundWebhookInput, inboundWebhookColumns } from "./inbound-webhook.type.js";

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
  const terms: Terms = {
    ...before,
    ...(typeof given.name === "string" && { name: given.name.trim() }),
    ...(given.status && { status: given.status }),
    ...(given.settings && { settings: settingsOf(before.scheme, given.settings) }),
    ...(given.headers && { headerNames: [...new Set(given.headers.map((name) => name.toLowerCase()))] }),
    ...mappingTerms(before, given),
  };
  const problems = [...settingsProblems(terms), ...headerProblems(terms), ...(await mappingProblems(tx, terms, given))];
  if (problems.length > 0) throw new BadUserInput(problems);
  return terms;
}

const problem = (path: string, message: string): Problem => ({ path: `input.${path}`, message });

function shapeProblems(given: Given): Problem[] {
  const { headers, settings } = given;
  return [
    ...inboundWebhookColumns.textProblems(given),
    ...mappingShapeProblems(given),
    ...textProblems("input.settings.prefix", settings?.prefix, { max: MAX_PREFIX_CHARS, mayBeEmpty: true }),
    ...textProblems("input.settings.username", settings?.username, { max: MAX_USERNAME_CHARS }),
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
