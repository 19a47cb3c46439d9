import { suggestionFor } from "@weft/shared/texts";
import type { ErrorObject, ValidateFunction } from "ajv/dist/2020.js";
import { type Problem, quote } from "@weft/shared/errors";
import { configurationSchema } from "./schema.js";
import type { ConfigurationLevel } from "./schema.js";
import { settingAt, valuesOf } from "./settings.js";
import type { ConfigurationDocument } from "./settings.js";

/** A longer list of problems would not help. */
export const maxProblems = 50;

let compiled: Promise<ValidateFunction> | undefined;

/** Compiled on the first write, so it does not delay the start. */
async function compile(): Promise<ValidateFunction> {
  const { Ajv2020 } = await import("ajv/dist/2020.js");
  const ajv = new Ajv2020({ allErrors: true, verbose: true, strict: false });
  for (const [name, validate] of Object.entries(formats)) ajv.addFormat(name, validate);
  return ajv.compile(configurationSchema);
}

const formats: Readonly<Record<string, (text: string) => boolean>> = {
  "https-url": (text) => URL.canParse(text) && new URL(text).protocol === "https:" && new URL(text).username === "",
  "single-line": (text) => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text),
  "language-tag": (text) => succeeds(() => Intl.getCanonicalLocales(text)),
  // An offset is not a time zone, because it has no daylight saving time.
  "time-zone": (text) => /^[A-Za-z]/.test(text) && succeeds(() => new Intl.DateTimeFormat("en", { timeZone: text })),
  date: (text) =>
    /^\d{4}-\d{2}-\d{2}$/.test(text) && succeeds(() => new Date(`${text}T00:00:00Z`).toISOString().startsWith(text) || fail()),
};

/**
 * Returns all problems of a level's document, with paths below `root` (`input.document.security.passwordMinLength`). If empty, the document is valid.
 */
export async function documentProblems(document: ConfigurationDocument, level: ConfigurationLevel, root: string): Promise<Problem[]> {
  const validate = await (compiled ??= compile());
  const problems = validate(document) ? [] : (validate.errors ?? []).slice(0, 2 * maxProblems).flatMap((error) => problemOf(error, root));
  // Checks that JSON Schema cannot express run only if the schema finds no problems.
  if (problems.length === 0)
    problems.push(...levelProblems(document, level, root), ...timeProblems(document, root), ...calendarProblems(document, root));
  return problems.slice(0, maxProblems);
}

function levelProblems(document: ConfigurationDocument, level: ConfigurationLevel, root: string): Problem[] {
  return [...valuesOf(document).keys()].flatMap((path) => {
    const levels = settingAt(path)?.levels ?? [];
    if (levels.includes(level)) return [];
    return [{ path: `${root}.${path}`, message: `This setting cannot be set at the level ${level}, only at ${levels.join(", ")}.` }];
  });
}

type Span = { readonly from: string; readonly to: string };

type Times = {
  readonly workingHours?: Readonly<Record<string, readonly Span[]>>;
  readonly holidays?: readonly { readonly date: string }[];
};

function calendarProblems(document: ConfigurationDocument, root: string): Problem[] {
  const { calendars = {} } = document as { readonly calendars?: Readonly<Record<string, Times>> };
  return Object.entries(calendars).flatMap(([name, calendar]) => {
    const path = `${root}.calendars.${name}`;
    const message = "This calendar exists without being set: it has no hours off. Use another name.";
    return name === "always" ? [{ path, message }] : timeProblems(calendar, path);
  });
}

function timeProblems({ workingHours = {}, holidays = [] }: Times, root: string): Problem[] {
  const hours = Object.entries(workingHours).flatMap(([day, spans]) =>
    spans.flatMap(({ from, to }, at) => {
      const path = `${root}.workingHours.${day}.${at}`;
      if (from >= to) return [{ path, message: `${from} is not before ${to}. Split spans that cross midnight into two days.` }];
      const before = spans[at - 1];
      return before && from < before.to ? [{ path, message: `${from} is before the end of the previous span, ${before.to}.` }] : [];
    }),
  );
  const seen = new Set<string>();
  const dates = holidays.flatMap(({ date }, at) => {
    const isTwice = seen.has(date);
    seen.add(date);
    return isTwice ? [{ path: `${root}.holidays.${at}.date`, message: `${date} is already in the list.` }] : [];
  });
  return [...hours, ...dates];
}

function problemOf(error: ErrorObject, root: string): Problem[] {
  const path = `${root}${error.instancePath.replaceAll("/", ".")}`;
  const params = error.params as Readonly<Record<string, unknown>>;
  const limit = String(params["limit"]);
  switch (error.keyword) {
    case "additionalProperties": {
      const name = String(params["additionalProperty"]);
      const known = Object.keys((error.parentSchema as { readonly properties?: object }).properties ?? {});
      const hint = suggestionFor(name, known);
      return [{ path: `${path}.${shown(name)}`, message: `The setting ${quote(name)} does not exist here.${hint}` }];
    }
    case "required":
      return [{ path: `${path}.${String(params["missingProperty"])}`, message: "It is missing." }];
    case "type":
      return [{ path, message: `Expected ${String(params["type"]).replaceAll(",", " or ")}, found ${found(error.data)}.` }];
    case "enum": {
      const allowed = (params["allowedValues"] as readonly unknown[]).map(found).join(", ");
      return [{ path, message: `${found(error.data)} is not one of ${allowed}.` }];
    }
    case "minimum":
      return [{ path, message: `${found(error.data)} is less than ${limit}.` }];
    case "maximum":
      return [{ path, message: `${found(error.data)} is more than ${limit}.` }];
    case "minLength":
    case "maxLength":
      return [{ path, message: `The text has ${error.keyword === "minLength" ? "less" : "more"} than ${limit} characters.` }];
    case "maxItems":
    case "maxProperties":
      return [{ path, message: `There are more than ${limit} items.` }];
    case "pattern":
      // `propertyNames` already reports problems of a property's name.
      if (error.propertyName !== undefined) return [];
      return [{ path, message: `${found(error.data)} does not match ${String(params["pattern"])}.` }];
    case "propertyNames": {
      const name = String(params["propertyName"]);
      return [
        {
          path: `${path}.${shown(name)}`,
          message: `${quote(name)} is not a valid name. Use a lower-case letter followed by letters and digits (at most 64 characters).`,
        },
      ];
    }
    case "format":
      return [{ path, message: `${found(error.data)} is not a valid ${String(params["format"]).replaceAll("-", " ")}.` }];
    default:
      return [{ path, message: `${error.message ?? "It is not valid"}.` }];
  }
}

/** Formats a string in quotation marks; a number, null or list as JSON. */
function found(value: unknown): string {
  if (typeof value === "string") return quote(value);
  const json = JSON.stringify(value) ?? "nothing";
  return json.length > 80 ? `${json.slice(0, 80).toWellFormed()}…` : json;
}

const shown = (name: string): string => (name.length > 64 ? `${name.slice(0, 64)}…` : name);

function succeeds(check: () => unknown): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}

function fail(): never {
  throw new Error("no such date");
}
