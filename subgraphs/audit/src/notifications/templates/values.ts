/** Values of templates. */
import type { NotificationKind } from "../notification.type.js";
import type { TemplateValues } from "./language/render.js";
import { variablesOf } from "./language/variables.js";

export interface MessageFacts {
  readonly title: string;
  readonly createdAt: string;
  readonly params: Readonly<Record<string, string>>;
  readonly recipient: { readonly name: string; readonly timeZone: string };
  readonly organization: string;
  readonly url: string;
  /** Null for kinds that cannot be switched off. */
  readonly unsubscribeUrl: string | null;
}

/** Returns the values of a message by the paths of variables. */
export function valuesOf({ title, createdAt, params, recipient, organization, url, unsubscribeUrl }: MessageFacts): TemplateValues {
  return {
    title,
    createdAt,
    url,
    unsubscribeUrl: unsubscribeUrl ?? "",
    "recipient.name": recipient.name,
    "recipient.timeZone": recipient.timeZone,
    "tenant.name": organization,
    ...Object.fromEntries(Object.entries(params).map(([name, value]) => [`params.${name}`, value])),
  };
}

/** Returns an example for each parameter of a kind. */
export function exampleParams(kind: NotificationKind, now: string): Record<string, string> {
  const own = Object.entries(variablesOf(kind)).flatMap(([path, { type }]) => {
    const name = path.startsWith("params.") ? path.slice("params.".length) : null;
    return name === null ? [] : [[name, type === "TIME" ? now : `[${name}]`] as const];
  });
  return Object.fromEntries(own);
}
