import type { Tx } from "@weft/platform/db";
import { localeChain } from "./locales.js";
import { type RenderedMail, renderTemplate } from "./language/render.js";
import { findPublished } from "./template.store.js";
import { type MessageFacts, valuesOf } from "./values.js";

export interface OwnMessage extends MessageFacts {
  readonly kind: string;
  readonly channel: string;
  /** Locales of the recipient and of the organization. */
  readonly locales: readonly (string | null)[];
  /** Called if the published template cannot be rendered with these values. */
  readonly onError: (error: unknown) => void;
}

/**
 * Renders a message with the organization's own template. Null if none is published for the kind in one of the locales, or if it takes too long or
 * writes too much with these values: the built-in template then serves, so that the message is not lost.
 */
export async function renderOwnMessage(tx: Tx, { kind, channel, locales, onError, ...facts }: OwnMessage): Promise<RenderedMail | null> {
  const published = await findPublished(tx, { kind, channel, locales: localeChain(...locales) });
  if (published === null) return null;
  try {
    return await renderTemplate(published, valuesOf(facts));
  } catch (error) {
    onError(error);
    return null;
  }
}
